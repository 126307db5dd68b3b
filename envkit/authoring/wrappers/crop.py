"""Takes a part of an image."""

import re
from functools import partial
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import TransformObservation

from envkit.authoring.wrapping import Env, Wrapping, image
from envkit.core.errors import UsageError

Span = tuple[int, int | None]  # first, and one behind the last; None for the end


def read(text: str) -> tuple[Span, Span]:
    """`34:194,0:160`, or `34:194,:` where nothing is left out: rows and columns."""
    found = re.fullmatch(r"(\d*):(\d*),(\d*):(\d*)", text, re.ASCII)
    if not found:
        raise ValueError(f"{text!r} is not of that form")
    top, bottom, left, right = (int(part) if part else None for part in found.groups())
    return (top or 0, bottom), (left or 0, right)


def make(env: Env, spans: tuple[Span, Span]) -> Env:
    space = image("crop", env.observation_space)
    for (first, end), size, what in zip(spans, space.shape, ("rows", "columns"), strict=False):
        if not first < (size if end is None else end) <= size:
            asked = f"{first}:{size if end is None else end}"
            raise UsageError(
                f"crop takes {what} {asked} of an image that has {size} of them; they rise within 0:{size}"
            )
    cut = partial(cropped, rows=spans[0], columns=spans[1])
    return TransformObservation(env, cut, spaces.Box(cut(space.low), cut(space.high), dtype=space.dtype.type))


def cropped(frame: Any, rows: Span, columns: Span) -> Any:
    """A copy, so that nobody holds on to the whole frame."""
    return np.array(frame[slice(*rows), slice(*columns)])


WRAPPER = Wrapping("crop", "rows and columns of an image", "TOP:BOTTOM,LEFT:RIGHT", "34:194,0:160", read, make)
