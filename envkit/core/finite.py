"""Spaces with finitely many values: how many, the n-th one, and a key under which a value can be looked up.

Discrete, MultiDiscrete, MultiBinary, and any Tuple or Dict of those. Values are numbered in mixed radix, the last part
turning fastest. Text, Sequence and OneOf are not counted, but their values have keys all the same.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

Space = gymnasium.Space[Any]
MOST_ACTIONS = 10_000  # that a row of a learner's table may have


def size(space: Space) -> int | None:
    """How many values the space has; None where they are not finitely many or not worth counting."""
    if isinstance(space, spaces.Discrete):
        return int(space.n)
    if isinstance(space, spaces.MultiDiscrete):
        return prod(int(n) for n in space.nvec.flat)
    if isinstance(space, spaces.MultiBinary):
        return int(2 ** prod(space.shape))
    if isinstance(space, spaces.Tuple | spaces.Dict):
        sizes = [size(part) for part in _parts(space)]
        return None if None in sizes else prod(n for n in sizes if n is not None)
    return None


def value(space: Space, number: int) -> Any:
    """The value with this number, in the type and dtype that the space itself would sample."""
    if isinstance(space, spaces.Discrete):
        return space.dtype.type(number + space.start)
    if isinstance(space, spaces.MultiDiscrete):
        entries = np.array(_digits(number, [int(n) for n in space.nvec.flat])).reshape(space.shape)
        return (entries + space.start).astype(space.dtype)
    if isinstance(space, spaces.MultiBinary):
        return np.array(_digits(number, [2] * prod(space.shape)), np.int8).reshape(space.shape)
    if isinstance(space, spaces.Tuple | spaces.Dict):
        parts = _parts(space)
        digits = _digits(number, [size(part) or 0 for part in parts])
        values = [value(part, digit) for part, digit in zip(parts, digits, strict=True)]
        return dict(zip(space.spaces, values, strict=True)) if isinstance(space, spaces.Dict) else tuple(values)
    raise TypeError(f"{space} has no numbered values")


def key_of(space: Space) -> Callable[[Any], Hashable] | None:
    """A function from the space's values to hashable keys made of ints and texts; None where values are endless."""
    if isinstance(space, spaces.Discrete):
        return int
    if isinstance(space, spaces.Text):
        return str
    if isinstance(space, spaces.MultiDiscrete | spaces.MultiBinary):
        return _entries
    if isinstance(space, spaces.Sequence):
        key = key_of(space.feature_space)
        return None if key is None or space.stack else _Each(key)
    if isinstance(space, spaces.OneOf):
        choices = [key_of(part) for part in space.spaces]
        return None if None in choices else _Chosen([key for key in choices if key is not None])
    if isinstance(space, spaces.Tuple | spaces.Dict):
        keys = [key_of(part) for part in _parts(space)]
        names = list(space.spaces) if isinstance(space, spaces.Dict) else list(range(len(keys)))
        found = [key for key in keys if key is not None]
        return _Together(names, found) if len(found) == len(keys) else None
    return None


def endless_part(space: Space, where: str, *, counted: bool) -> tuple[str, Space] | None:
    """The first part of a space that no table can hold, and its place, such as `observation['speed']`.

    Args:
      counted: whether the values must have numbers, as actions must, and not only keys.
    """
    if (size(space) if counted else key_of(space)) is not None:
        return None
    if isinstance(space, spaces.Tuple | spaces.Dict):
        names = list(space.spaces) if isinstance(space, spaces.Dict) else list(range(len(space.spaces)))
        for name, part in zip(names, _parts(space), strict=True):
            found = endless_part(part, f"{where}[{name!r}]", counted=counted)
            if found:
                return found
    return where, space


def decode_of(space: Space) -> "Decode | None":
    """number -> value; None where a value is its own number, or where values have none."""
    if size(space) is None or (isinstance(space, spaces.Discrete) and space.start == 0):
        return None
    return Decode(space)


@dataclass(frozen=True)
class Decode:
    """number -> value of a finite space; Discrete gives plain ints, which every environment takes."""

    space: Space

    def __call__(self, number: int) -> Any:
        if isinstance(self.space, spaces.Discrete):
            return number + int(self.space.start)
        return value(self.space, number)


@dataclass(frozen=True)
class Lookup:
    """observation -> the number it was given when it was first met; -1 for one that never was."""

    key: Callable[[Any], Hashable]
    numbers: dict[Hashable, int]

    def __call__(self, observation: Any) -> int:
        return self.numbers.get(self.key(observation), -1)


@dataclass(frozen=True)
class _Together:
    names: list[Any]
    keys: list[Callable[[Any], Hashable]]

    def __call__(self, observation: Any) -> Hashable:
        return tuple(key(observation[name]) for name, key in zip(self.names, self.keys, strict=True))


@dataclass(frozen=True)
class _Each:
    key: Callable[[Any], Hashable]

    def __call__(self, observation: Any) -> Hashable:
        return tuple(self.key(item) for item in observation)


@dataclass(frozen=True)
class _Chosen:
    keys: list[Callable[[Any], Hashable]]

    def __call__(self, observation: Any) -> Hashable:
        number, chosen = observation
        return int(number), self.keys[number](chosen)


def _entries(observation: Any) -> Hashable:
    return tuple(np.asarray(observation).ravel().tolist())


def _parts(space: Any) -> list[Space]:
    return list(space.spaces.values()) if isinstance(space, spaces.Dict) else list(space.spaces)


def _digits(number: int, radixes: Sequence[int]) -> list[int]:
    digits = []
    for radix in reversed(radixes):
        number, digit = divmod(number, radix)
        digits.append(digit)
    return digits[::-1]
