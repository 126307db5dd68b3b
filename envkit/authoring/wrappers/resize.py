"""Makes images larger or smaller: each new pixel is the mean of the area that it covers.

This is what OpenCV calls INTER_AREA where an image shrinks. As two sparse products it takes any number of channels and
any kind of number, starts no threads, and needs no OpenCV, as `gymnasium.wrappers.ResizeObservation` does.
"""

from functools import partial
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import TransformObservation

from envkit.authoring.wrapping import Env, Wrapping, image, whole


def read(text: str) -> tuple[int, int]:
    """(width, height) of `84x84`, or of `84` for both."""
    sides = text.split("x")
    if len(sides) > 2:
        raise ValueError(f"{text!r} has more than two sides")
    return whole(sides[0]), whole(sides[-1])


def make(env: Env, size: tuple[int, int]) -> Env:
    space = image("resize", env.observation_space)
    (rows, columns), (width, height) = space.shape[:2], size
    low, high = space.low.min(), space.high.max()
    sized = spaces.Box(low, high, (height, width, *space.shape[2:]), dtype=space.dtype.type)
    down, across = shares(rows, height), shares(columns, width)
    return TransformObservation(env, partial(resized, down=down, across=across, space=sized), sized)


def shares(before: int, after: int) -> Any:
    """float32 [after, before], sparse: which share each old pixel of a line has in each new one."""
    from scipy.sparse import csr_array  # of use to few

    edges = np.linspace(0, before, after + 1)[:, None]
    old = np.arange(before)
    overlap = np.minimum(edges[1:], old + 1) - np.maximum(edges[:-1], old)
    return csr_array(np.asarray(np.maximum(overlap, 0) * (after / before), np.float32))


def resized(frame: Any, down: Any, across: Any, space: spaces.Box) -> Any:
    """The frame [rows, columns] or [rows, columns, channels] in the size of the space."""
    lines = _mixed(down, np.asarray(frame, np.float32))  # [height, columns, ...]
    means = _mixed(across, lines.swapaxes(0, 1)).swapaxes(0, 1)
    means = np.rint(means) if np.issubdtype(space.dtype, np.integer) else means
    return np.clip(means, space.low, space.high).astype(space.dtype, order="C")  # sums of shares are not quite 1


def _mixed(shares: Any, lines: Any) -> Any:
    """[before, ...] -> [after, ...]"""
    return (shares @ lines.reshape(len(lines), -1)).reshape(-1, *lines.shape[1:])


WRAPPER = Wrapping("resize", "an image in another size", "WIDTHxHEIGHT or N", "84x84", read, make)
