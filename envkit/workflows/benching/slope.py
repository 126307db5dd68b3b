"""How fast something grows, and how sure that is: the median of all slopes between two points, with its interval.

One slow moment, or a jump, moves it little. Ties and steps, as memory has them, are allowed.

Source: P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau" (1968), section 4.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEWEST = 5
NORMAL_95 = 1.959964  # the normal quantile of a two-sided interval of 95 %


@dataclass(frozen=True)
class Slope:
    """By how much it grows from the first point to the last, in its own unit, and the 95 % interval of that."""

    growth: float
    low: float
    high: float


def slope(values: npt.ArrayLike, places: npt.ArrayLike | None = None) -> Slope:
    """
    Args:
      values: what may grow, [N], N being `FEWEST` or more.
      places: when it was measured, [N]; by default at even distances.
    """
    y = np.asarray(values, float)
    x = np.arange(len(y), dtype=float) if places is None else np.asarray(places, float)
    first, second = np.triu_indices(len(y), k=1)
    slopes = np.sort((y[second] - y[first]) / (x[second] - x[first]))
    spread = NORMAL_95 * np.sqrt(len(y) * (len(y) - 1) * (2 * len(y) + 5) / 18)
    lowest = max(0, int((len(slopes) - spread) / 2))
    span = x[-1] - x[0]
    middle, low, high = np.median(slopes) * span, slopes[lowest] * span, slopes[len(slopes) - 1 - lowest] * span
    return Slope(float(middle), float(low), float(high))
