"""Takes entries out of the observation: so velocities are hidden from those who are to remember."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import FilterObservation, TransformObservation

from envkit.authoring.wrapping import Env, Wrapping, cannot, places, several
from envkit.core.errors import UsageError


def make(env: Env, hidden: tuple[str, ...]) -> Env:
    space = env.observation_space
    if isinstance(space, spaces.Dict):
        return FilterObservation(env, _left(list(space.spaces), hidden))
    if isinstance(space, spaces.Tuple):
        return FilterObservation(env, _left(range(len(space.spaces)), _numbers(hidden)))
    if not isinstance(space, spaces.Box | spaces.MultiDiscrete) or len(space.shape) != 1:
        instead = "crop takes a part of an image" if isinstance(space, spaces.Box) else ""
        raise cannot("hide", "a vector, a Dict or a Tuple", space, instead=instead)
    shown = partial(np.take, indices=_left(range(space.shape[0]), _numbers(hidden)))
    if isinstance(space, spaces.Box):
        rest: spaces.Space[Any] = spaces.Box(shown(space.low), shown(space.high), dtype=space.dtype.type)
    else:
        rest = spaces.MultiDiscrete(shown(space.nvec), dtype=space.dtype.type, start=shown(space.start))
    return TransformObservation(env, shown, rest)


def _numbers(hidden: tuple[str, ...]) -> tuple[int, ...]:
    try:
        return places(",".join(hidden))
    except ValueError as error:
        raise UsageError(f"hide={','.join(hidden)}: the entries of this observation have numbers; {error}") from error


def _left(entries: Sequence[Any], hidden: Sequence[Any]) -> list[Any]:
    unknown = [entry for entry in hidden if entry not in entries]
    if unknown or len(hidden) == len(entries):
        what = f"there is no entry {unknown[0]!r}" if unknown else "nothing would be left"
        raise UsageError(f"hide={','.join(map(str, hidden))}: {what}; the observation has {_listed(entries)}")
    return [entry for entry in entries if entry not in hidden]


def _listed(entries: Sequence[Any]) -> str:
    return f"{entries[0]} to {entries[-1]}" if isinstance(entries, range) else ", ".join(entries)


WRAPPER = Wrapping("hide", "entries of the observation taken out", "INDEX or KEY[,...]", "1,3", several, make)
