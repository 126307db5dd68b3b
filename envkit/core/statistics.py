"""What several runs have in common: the interquartile mean, and an interval for it by resampling.

The interquartile mean leaves out the lowest and the highest quarter: a run that went wrong does not spoil it, and
unlike the median it uses half of all runs. The interval is what resampling the runs, with replacement, gives in 95 of
100 cases.

Source: Agarwal and others, "Deep reinforcement learning at the edge of the statistical precipice" (2021); Efron and
Tibshirani, An Introduction to the Bootstrap (1993), section 13.3 (percentile interval).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

RESAMPLES, LEVEL = 2000, 0.95

Floats = npt.NDArray[np.float64]


def interquartile_mean(values: npt.ArrayLike) -> Any:
    """The mean of the middle half of the last axis; where a quarter is no whole number, its edge counts in part.

    [...] for values [..., N], N being 1 or more.
    """
    ordered = np.sort(np.asarray(values, float), axis=-1)
    count = ordered.shape[-1]
    place = np.arange(count)
    weight = np.clip(np.minimum(place + 1, 0.75 * count) - np.maximum(place, 0.25 * count), 0, None)
    return (np.where(weight > 0, ordered, 0.0) * weight).sum(axis=-1) / weight.sum()  # what is left out may be inf


def interval(
    values: npt.ArrayLike, rng: np.random.Generator, *, of: Callable[..., Any] = interquartile_mean
) -> tuple[float, float]:
    """The 95 % interval of the interquartile mean of values [N], or of what `of` works out along the last axis."""
    runs = np.asarray(values, float)
    drawn = runs[rng.integers(len(runs), size=(RESAMPLES, len(runs)))]
    low, high = np.quantile(of(drawn), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def band(rows: npt.ArrayLike, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """(low, high), each [M]: the 95 % interval of the mean of each column of rows [N, M], the rows being resampled."""
    runs = np.asarray(rows, float)
    shares = rng.multinomial(len(runs), np.full(len(runs), 1 / len(runs)), size=RESAMPLES) / len(runs)  # [RESAMPLES, N]
    low, high = np.quantile(shares @ runs, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high
