"""How much of each pixel a shape covers.

Every shape is a signed distance: negative inside, 0 on the border, positive outside, in pixels. A pixel whose centre is
more than half a pixel inside is covered, one more than half a pixel outside is not, and between the two coverage falls
linearly. That is all there is to smooth edges, and it gives the same bytes on every machine, as no blitter is involved.

Points are (x, y) in pixels from the top left corner of the canvas; the centre of the first pixel is (0.5, 0.5).
Source of the distances: Quilez, 2D distance functions, https://iquilezles.org/articles/distfunctions2d.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor
from typing import Any

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
Floats = npt.NDArray[np.floating[Any]]
Distance = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, eq=False)
class Mask:
    """uint16 [height, width, 1] coverage from 0 to 256, whose top left pixel is (left, top) of the canvas."""

    left: int
    top: int
    coverage: npt.NDArray[np.uint16]


def circle(x: float, y: float, radius: float, outline: float = 0) -> Mask:
    """A disc, or with an outline a ring of that width inside the radius."""
    column, row = floor(x), floor(y)
    mask = _circle(x - column, y - row, radius, outline)
    return Mask(mask.left + column, mask.top + row, mask.coverage)


def rectangle(x: float, y: float, width: float, height: float, radius: float, outline: float = 0) -> Mask:
    """A rectangle with round corners, or its outline, drawn inside its borders."""
    column, row = floor(x), floor(y)
    mask = _rectangle(x - column, y - row, width, height, min(radius, width / 2, height / 2), outline)
    return Mask(mask.left + column, mask.top + row, mask.coverage)


def line(points: Sequence[Point], width: float, size: tuple[int, int]) -> Mask:
    """Straight strokes with round ends and joints from point to point, as far as they are on a canvas of that size."""
    reach = width / 2 + 1
    whole = _box(points, reach, size)
    left, top, right, bottom = whole
    coverage = np.zeros((max(bottom - top, 0), max(right - left, 0), 1), np.uint16)
    strokes = list(pairwise(points)) or [(points[0], points[0])]
    for first, last in strokes:  # each within its own box: a long chart costs no more than its ink
        box = _box((first, last), reach, size)
        part = coverage[box[1] - top : box[3] - top, box[0] - left : box[2] - left]
        np.maximum(part, _cover(box, _segment(first, last, width / 2)).coverage, out=part)
    return Mask(left, top, coverage)


def polygon(points: Sequence[Point], size: tuple[int, int]) -> Mask:
    """The inside of a closed outline (even-odd where it crosses itself), as far as it is on a canvas of that size."""
    return _cover(_box(points, 1, size), _outline(points))


@lru_cache(maxsize=256)
def _circle(x: float, y: float, radius: float, outline: float) -> Mask:
    def distance(across: Floats, down: Floats) -> Floats:
        return np.asarray(np.sqrt((across - x) ** 2 + (down - y) ** 2) - radius)

    return _cover(_box([(x - radius, y - radius), (x + radius, y + radius)], 1), _ring(distance, outline))


@lru_cache(maxsize=64)
def _rectangle(x: float, y: float, width: float, height: float, radius: float, outline: float) -> Mask:
    def distance(across: Floats, down: Floats) -> Floats:
        right = np.abs(across - (x + width / 2)) - width / 2 + radius
        below = np.abs(down - (y + height / 2)) - height / 2 + radius
        outside = np.sqrt(np.maximum(right, 0) ** 2 + np.maximum(below, 0) ** 2)
        return np.asarray(outside + np.minimum(np.maximum(right, below), 0) - radius)

    return _cover(_box([(x, y), (x + width, y + height)], 1), _ring(distance, outline))


def _ring(distance: Distance, outline: float) -> Distance:
    if not outline:
        return distance
    return lambda across, down: np.abs(distance(across, down) + outline / 2) - outline / 2


def _segment(first: Point, last: Point, reach: float) -> Distance:
    (x, y), (dx, dy) = first, (last[0] - first[0], last[1] - first[1])
    squared = dx * dx + dy * dy or 1.0

    def distance(across: Floats, down: Floats) -> Floats:
        share = np.clip(((across - x) * dx + (down - y) * dy) / squared, 0, 1)
        return np.asarray(np.sqrt((across - x - share * dx) ** 2 + (down - y - share * dy) ** 2) - reach)

    return distance


def _outline(points: Sequence[Point]) -> Distance:
    def distance(across: Floats, down: Floats) -> Floats:
        inside = np.zeros(np.broadcast_shapes(across.shape, down.shape), bool)
        nearest = np.full(inside.shape, np.inf)
        for (x, y), (next_x, next_y) in zip(points, [*points[1:], points[0]], strict=True):
            nearest = np.minimum(nearest, _segment((x, y), (next_x, next_y), 0)(across, down))
            if y != next_y:
                crossing = (next_x - x) * (down - y) / (next_y - y) + x
                inside ^= ((y > down) != (next_y > down)) & (across < crossing)
        return np.where(inside, -nearest, nearest)

    return distance


def _box(points: Sequence[Point], reach: float, size: tuple[int, int] | None = None) -> tuple[int, int, int, int]:
    """left, top, right, bottom of the pixels within `reach` of the points, cut to the canvas if its size is given."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, top = floor(min(xs) - reach), floor(min(ys) - reach)
    right, bottom = ceil(max(xs) + reach), ceil(max(ys) + reach)
    if size is None:
        return left, top, right, bottom
    left, top = (min(max(edge, 0), most) for edge, most in zip((left, top), size, strict=True))
    right, bottom = (min(max(edge, 0), most) for edge, most in zip((right, bottom), size, strict=True))
    return left, top, right, bottom


def _cover(box: tuple[int, int, int, int], distance: Distance) -> Mask:
    left, top, right, bottom = box
    across = np.arange(left, right)[None, :] + 0.5
    down = np.arange(top, bottom)[:, None] + 0.5
    coverage = np.clip(0.5 - distance(across, down), 0, 1) * 256
    return Mask(left, top, np.rint(coverage).astype(np.uint16)[:, :, None])
