"""What constructors refuse, and how they say it: the argument, its value, what was expected.

Each function returns the value as plain Python, so that numpy's numbers do not spread into states and infos.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from envkit.core.show import show


def whole(name: str, value: Any, *, least: int | None = None) -> int:
    """A whole number, of at least `least`."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and (least is None or value >= least):
        return int(value)
    raise ValueError(f"{name} is {show(value)}, not a whole number{'' if least is None else f' of {least} or more'}")


def number(name: str, value: Any, *, least: float = -math.inf, most: float = math.inf) -> float:
    """A finite number from `least` to `most`."""
    good = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if good and math.isfinite(value) and least <= value <= most:
        return float(value)
    bounds = "" if math.isinf(least) and math.isinf(most) else f" from {least:g} to {most:g}"
    raise ValueError(f"{name} is {show(value)}, not a finite number{bounds}")


def interval(name: str, value: Any) -> tuple[float, float]:
    """Two finite numbers in order."""
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str) or len(value) != 2:
        raise ValueError(f"{name} is {show(value)}, not the two ends of an interval, such as (0, 1)")
    low, high = (number(f"an end of {name}", end) for end in value)
    if low > high:
        raise ValueError(f"{name} is {show(value)}, its ends the wrong way round; write ({high:g}, {low:g})")
    return low, high


def one_of(name: str, value: Any, known: Sequence[str]) -> str:
    """One of a few words."""
    if isinstance(value, str) and value in known:
        return value
    raise ValueError(f"{name} is {show(value)}, not one of {', '.join(known)}")


def several(name: str, value: Any) -> list[Any]:
    """The entries of a list, or of anything else that has some."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return list(value)
    raise ValueError(f"{name} is {show(value)}, not a list; write [{show(value)}] if there is one")
