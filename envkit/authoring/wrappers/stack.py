"""Shows the last observations together, so that movement can be seen; after a reset the first one is repeated.

Vectors come one after another, the newest last; images as further channels, as networks take them; numbers of a
Discrete space as a MultiDiscrete.
"""

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import FrameStackObservation, TransformObservation

from envkit.authoring.wrapping import Env, Wrapping, cannot, whole


def make(env: Env, count: int) -> Env:
    space = env.observation_space
    if isinstance(space, spaces.Discrete):
        return FrameStackObservation(env, count)
    if not isinstance(space, spaces.Box) or len(space.shape) not in (1, 2, 3):
        takes, instead = "a Box of one to three dimensions or a Discrete space", ""
        if isinstance(space, spaces.Dict | spaces.Tuple):
            instead = "--wrap gymnasium.wrappers:FlattenObservation before it makes one vector"
        raise cannot("stack", takes, space, instead=instead)
    stacked = FrameStackObservation(env, count)
    low, high = (joined(np.stack([bound] * count)) for bound in (space.low, space.high))
    return TransformObservation(stacked, joined, spaces.Box(low, high, dtype=space.dtype.type))


def joined(frames: Any) -> Any:
    """[count, ...] -> [count * length], or [rows, columns, count * channels]."""
    if frames.ndim == 2:
        return frames.reshape(-1)
    if frames.ndim == 3:
        return np.moveaxis(frames, 0, -1).copy()
    return np.concatenate(list(frames), axis=-1)


WRAPPER = Wrapping("stack", "the last N observations together", "N", "4", whole, make)
