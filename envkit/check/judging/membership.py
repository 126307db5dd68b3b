"""Why a value is not a member of a space: the key, the index, the value, and what was promised.

Stricter than `Space.contains` where callers feel it: a list is no tuple, and an array must have the dtype it was
promised in, for vector environments copy it into a buffer of that dtype without a word.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.show import a, number, show


def why_outside(space: spaces.Space[Any], value: Any, name: str = "observation") -> str | None:
    """None for a member; else one line that names the first thing that is wrong."""
    return next(_faults(space, value, name), None)


def _faults(space: spaces.Space[Any], value: Any, name: str) -> Iterator[str]:
    if isinstance(space, spaces.Dict):
        yield from _dict(space, value, name)
    elif isinstance(space, spaces.Tuple):
        yield from _tuple(space, value, name)
    elif isinstance(space, spaces.Box | spaces.MultiBinary | spaces.MultiDiscrete):
        yield from _array(space, value, name)
    elif isinstance(space, spaces.Discrete):
        yield from _discrete(space, value, name)
    elif not _contains(space, value):
        yield f"{name} is {show(value)}, which is no member of {space}"


def _dict(space: spaces.Dict, value: Any, name: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{name} is {a(type(value).__name__)}, but a dict was declared"
        return
    missing = [key for key in space.spaces if key not in value]
    extra = [key for key in value if key not in space.spaces]
    if missing:
        yield f"{name} lacks the key {missing[0]!r}"
    if extra:
        yield f"{name} has the key {extra[0]!r}, which the space does not declare"
    for key, inner in space.spaces.items():
        if key in value:
            yield from _faults(inner, value[key], f"{name}[{key!r}]")


def _tuple(space: Any, value: Any, name: str) -> Iterator[str]:
    if not isinstance(value, tuple):
        yield f"{name} is {a(type(value).__name__)}, but a tuple was declared"
    elif len(value) != len(space.spaces):
        yield f"{name} has {len(value)} entries, but {len(space.spaces)} were declared"
    else:
        for index, (inner, part) in enumerate(zip(space.spaces, value, strict=True)):
            yield from _faults(inner, part, f"{name}[{index}]")


def _array(space: Any, value: Any, name: str) -> Iterator[str]:
    if not isinstance(value, np.ndarray) and not (space.shape == () and isinstance(value, np.generic)):
        yield f"{name} is {a(type(value).__name__)}, {show(value)}, but an array of shape {space.shape} was declared"
        return
    if value.shape != space.shape:
        yield f"{name} has shape {value.shape}, but {space.shape} was declared"
        return
    if value.dtype != space.dtype:
        yield f"{name} is {value.dtype}, but {space.dtype} was declared"
    if isinstance(space, spaces.Box):
        low, high = space.low, space.high
    elif isinstance(space, spaces.MultiDiscrete):
        low, high = space.start, space.start + space.nvec - 1
    else:
        low, high = np.zeros(space.shape, space.dtype), np.ones(space.shape, space.dtype)
    inside = (value >= low) & (value <= high)
    if not inside.all():
        places = np.argwhere(~inside)
        yield _bound_text(name, value, low, high, tuple(int(i) for i in places[0]), len(places))


def _bound_text(name: str, value: Any, low: Any, high: Any, place: tuple[int, ...], count: int) -> str:
    entry = value[place]
    where = f"{name}[{', '.join(map(str, place))}]" if place else name
    if entry != entry:
        bound = f"not between {number(float(low[place]))} and {number(float(high[place]))}"
    elif entry < low[place]:
        bound = f"below its low of {number(float(low[place]))}"
    else:
        bound = f"above its high of {number(float(high[place]))}"
    more = f"; {count} of {value.size} entries are outside" if count > 1 else ""
    return f"{where} is {show(entry)}, {bound}{more}"


def _discrete(space: spaces.Discrete, value: Any, name: str) -> Iterator[str]:
    if isinstance(value, np.ndarray) and value.shape != ():
        yield f"{name} is an array of shape {value.shape}, but a single integer was declared"
    elif not isinstance(value, int | np.integer | np.ndarray) or isinstance(value, bool | np.bool_):
        yield f"{name} is {a(type(value).__name__)}, {show(value)}, but an integer was declared"
    elif isinstance(value, np.ndarray) and value.dtype.kind not in "iu":
        yield f"{name} is {value.dtype}, but an integer was declared"
    elif not space.start <= int(value) < space.start + space.n:
        yield f"{name} is {int(value)}, not in {space.start} to {space.start + space.n - 1}"


def _contains(space: spaces.Space[Any], value: Any) -> bool:
    try:
        return bool(space.contains(value))
    except Exception:  # noqa: BLE001 - a foreign space's test may raise for a foreign value
        return False
