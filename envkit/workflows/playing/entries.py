"""The numbers of which an action is made: one for a Discrete space, one for each entry of an array, and so on.

Discrete, MultiDiscrete, MultiBinary, Box, and any Tuple or Dict of those, as long as they are few. What they have in
common is that somebody with a keyboard can set them one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

Space = gymnasium.Space[Any]
Number = int | float
MOST_NUMBERS, MOST_ENTRIES = 3, 10  # of Boxes, and of all together


@dataclass(frozen=True)
class Entry:
    """One number of an action.

    Args:
      name: its place, such as `valves[2]`; empty where it is the only one.
      low, high: the least and the greatest value.
      rest: the value while nothing is pressed; None where every value does something.
      whole: whether only integers will do.
    """

    name: str
    low: Number
    high: Number
    rest: Number | None
    whole: bool = True

    @property
    def count(self) -> int:
        """How many values; 0 for a continuous one."""
        return int(self.high - self.low + 1) if self.whole else 0

    @property
    def bounded(self) -> bool:
        return isfinite(self.low) and isfinite(self.high)

    def takes(self, value: Number) -> bool:
        return self.low <= value <= self.high and not (self.whole and value != int(value))


def entries_of(space: Space, name: str = "") -> list[Entry] | None:
    """The entries of an action, in the order in which `assembled` wants them; None for other kinds of space."""
    if isinstance(space, spaces.Discrete):
        return [Entry(name, int(space.start), int(space.start + space.n - 1), None)]
    if isinstance(space, spaces.MultiDiscrete):
        pairs = zip(space.start.flat, space.nvec.flat, strict=True)
        return [
            Entry(place, int(start), int(start + n - 1), None)
            for place, (start, n) in zip(_places(space, name), pairs, strict=True)
        ]
    if isinstance(space, spaces.MultiBinary):
        return [Entry(place, 0, 1, 0) for place in _places(space, name)]
    if isinstance(space, spaces.Box):
        whole = space.dtype.kind != "f" if space.dtype is not None else False
        found = []
        for place, low, high in zip(_places(space, name), space.low.flat, space.high.flat, strict=True):
            rest = min(max(0.0, float(low)), float(high))
            found.append(Entry(place, low.item(), high.item(), int(rest) if whole else rest, whole))
        return found
    if isinstance(space, spaces.Tuple | spaces.Dict):
        parts = [entries_of(part, place) for place, part in parts_of(space, name)]
        return None if None in parts else [entry for part in parts if part for entry in part]
    return None


def assembled(space: Space, values: Sequence[Number]) -> Any:
    """The action with these values, in the type that the space would sample; plain ints for Discrete spaces."""
    return _taken(space, iter(values))


def _taken(space: Space, values: Iterator[Number]) -> Any:
    if isinstance(space, spaces.Discrete):
        return int(next(values))
    if isinstance(space, spaces.Dict):
        return {name: _taken(part, values) for name, part in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(_taken(part, values) for part in space.spaces)
    shape = space.shape or ()
    return np.array([next(values) for _ in range(int(np.prod(shape)))], space.dtype).reshape(shape)


def _places(space: Space, name: str) -> list[str]:
    shape = space.shape or ()
    if int(np.prod(shape)) == 1:
        return [name]
    return [f"{name}[{', '.join(map(str, index))}]" for index in np.ndindex(*shape)]


def parts_of(space: Any, name: str) -> list[tuple[str, Space]]:
    """The parts of a Tuple or Dict, each with its place."""
    if isinstance(space, spaces.Dict):
        return [(f"{name}.{key}" if name else str(key), part) for key, part in space.spaces.items()]
    return [(f"{name}[{number}]", part) for number, part in enumerate(space.spaces)]
