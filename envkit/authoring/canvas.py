"""A frame to draw on: plain pixels, plain colours, smooth edges, no display.

`frame` is the picture, uint8 [height, width, 3] in row-major order. `surface` is a pygame surface over the very same
memory, for whatever the methods here do not offer: what is drawn on either shows on the other, and nothing is ever
transposed or read back. Coordinates are pixels from the top left corner and may be fractions; whatever lies off the
canvas is cut off.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import hypot
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.authoring import shapes
from envkit.authoring.palette import INK, Colour
from envkit.authoring.shapes import Mask, Point

Frame = npt.NDArray[np.uint8]

# anchor -> share of the text's width and height that lies left of and above the given point
ANCHORS = {
    "center": (0.5, 0.5), "left": (0.0, 0.5), "right": (1.0, 0.5), "top": (0.5, 0.0), "bottom": (0.5, 1.0),
    "topleft": (0.0, 0.0), "topright": (1.0, 0.0), "bottomleft": (0.0, 1.0), "bottomright": (1.0, 1.0),
}  # fmt: skip


class Canvas:
    """Something to draw a frame on.

    Args:
      width, height: in pixels.
      frame: the picture to draw over, uint8 [height, width, 3], C-contiguous; black by default.
      pieces: where stamps on that very picture are remembered; see `stamp`.
    """

    def __init__(self, width: int, height: int, *, frame: Frame | None = None, pieces: "Pieces | None" = None):
        if width < 1 or height < 1:
            raise ValueError(f"a canvas of {width} x {height} pixels has no room; both sides need at least 1")
        self.width, self.height = width, height
        self.frame = np.zeros((height, width, 3), np.uint8) if frame is None else frame
        self._surface: Any = None
        self._pieces = pieces
        if self.frame.shape != (height, width, 3) or self.frame.dtype != np.uint8:
            raise ValueError(
                f"the frame is {self.frame.dtype} {list(self.frame.shape)}, not uint8 [{height}, {width}, 3]"
            )
        if not self.frame.flags.c_contiguous:
            raise ValueError("the frame is a view with gaps in memory; pass np.ascontiguousarray(frame)")

    @property
    def surface(self) -> Any:
        """A pygame.Surface that shares the frame's memory."""
        if self._surface is None:
            self._surface = _pygame().image.frombuffer(self.frame, (self.width, self.height), "RGB")
        return self._surface

    def fill(self, colour: Colour) -> None:
        self.frame[:] = colour

    def rect(
        self, x: float, y: float, width: float, height: float, colour: Colour, *, radius: float = 0, outline: float = 0
    ) -> None:
        """A rectangle from its top left corner, with rounded corners and hollow if asked."""
        if width <= 0 or height <= 0:
            return
        whole = all(float(value).is_integer() for value in (x, y, width, height))
        if whole and not radius and not outline:
            left, top = max(int(x), 0), max(int(y), 0)
            self.frame[top : max(int(y + height), 0), left : max(int(x + width), 0)] = colour
        else:
            self._paint(shapes.rectangle(x, y, width, height, radius, outline), colour)

    def circle(self, x: float, y: float, radius: float, colour: Colour, *, outline: float = 0) -> None:
        """A disc around its centre, or a ring of the outline's width."""
        if radius > 0:
            self._paint(shapes.circle(x, y, radius, outline), colour)

    def line(self, points: Sequence[Point], colour: Colour, width: float = 1) -> None:
        """Strokes from point to point, with round ends and joints."""
        if points:
            self._paint(shapes.line(points, width, (self.width, self.height)), colour)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """The inside of a closed outline."""
        if len(points) >= 3:
            self._paint(shapes.polygon(points, (self.width, self.height)), colour)

    def arrow(self, start: Point, end: Point, colour: Colour, width: float = 2) -> None:
        """A line whose head ends exactly at `end`."""
        length = hypot(end[0] - start[0], end[1] - start[1])
        if not length:
            return
        along = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
        head = min(width * 3.2, length)
        neck = (end[0] - along[0] * head, end[1] - along[1] * head)
        wing = (-along[1] * head * 0.62, along[0] * head * 0.62)
        self.line([start, neck], colour, width)
        self.polygon([(neck[0] + wing[0], neck[1] + wing[1]), end, (neck[0] - wing[0], neck[1] - wing[1])], colour)

    def text(
        self, text: str, x: float, y: float, *, size: int = 16, colour: Colour = INK, anchor: str = "center"
    ) -> None:
        """One line of text; `anchor` says which point of it lies at (x, y), such as "left" or "topright"."""
        if anchor not in ANCHORS:
            raise ValueError(f"anchor {anchor!r} is not one of {', '.join(sorted(ANCHORS))}")
        if not text:
            return
        coverage = _glyphs(text, size)
        height, width, _ = coverage.shape
        right, down = ANCHORS[anchor]
        self._paint(Mask(round(x - width * right), round(y - height * down), coverage), colour)

    def paragraph(self, text: str, x: float, y: float, width: float, *, size: int = 16, colour: Colour = INK) -> float:
        """Text from (x, y) down, in lines no wider than `width` where its words allow; returns the y below it."""
        for line in _lines(text, width, size):
            self.text(line, x, y, size=size, colour=colour, anchor="topleft")
            y += round(size * 1.3)
        return y

    @staticmethod
    def text_width(text: str, size: int = 16) -> int:
        """How many pixels wide a line of text is."""
        return int(_font(size).size(text)[0])

    def image(self, array: npt.NDArray[Any], x: int, y: int, *, scale: int = 1) -> None:
        """A picture with its top left corner at (x, y), each of its pixels as a square of `scale` pixels.

        Args:
          array: uint8 [h, w, 3], grey [h, w] or with opacity [h, w, 4].
        """
        picture = np.asarray(array)
        if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or picture.shape[2:] not in ((), (3,), (4,)):
            raise ValueError(
                f"the image is {picture.dtype} {list(picture.shape)}, not uint8 [h, w], [h, w, 3] or [h, w, 4]"
            )
        if picture.ndim == 2:
            picture = picture[:, :, None].repeat(3, axis=2)
        picture = picture.repeat(scale, axis=0).repeat(scale, axis=1)
        opacity = np.full((*picture.shape[:2], 1), 256, np.uint16)
        if picture.shape[2] == 4:
            opacity = _of_256(picture[:, :, 3:])
        self._paint(Mask(x, y, opacity), picture[:, :, :3])

    def stamp(self, sprite: "Sprite", x: int, y: int, *, bare: bool = False) -> None:
        """A prepared drawing, its canvas's top left corner at (x, y).

        Args:
          bare: nothing has been drawn below it since the background. What the two mix to is remembered then, and the
            next time it is a copy, which takes a sixth of the time.
        """
        if not bare or self._pieces is None:
            self._mix(sprite, x, y)
            return
        piece = self._pieces.get((sprite, x, y))
        if piece is None:
            self._mix(sprite, x, y)
            if len(self._pieces) >= MOST_PIECES:
                self._pieces.clear()
            height, width, _ = sprite.ink.shape
            left, top = x + sprite.left, y + sprite.top
            box = slice(max(top, 0), max(top + height, 0)), slice(max(left, 0), max(left + width, 0))
            self._pieces[sprite, x, y] = *box, self.frame[box].copy()
        else:
            rows, columns, pixels = piece
            self.frame[rows, columns] = pixels

    def _mix(self, sprite: "Sprite", x: int, y: int) -> None:
        height, width, _ = sprite.ink.shape
        ink, through = sprite.ink, sprite.through
        x, y = x + sprite.left, y + sprite.top
        left, top, right, bottom = x, y, x + width, y + height
        if x < 0 or y < 0 or right > self.width or bottom > self.height:
            left, top, right, bottom = max(x, 0), max(y, 0), min(right, self.width), min(bottom, self.height)
            if left >= right or top >= bottom:
                return
            inside = (slice(top - y, bottom - y), slice(left - x, right - x))
            ink, through = ink[inside], through[inside]
        region = self.frame[top:bottom, left:right]
        mixed = region * through
        mixed >>= 8
        mixed += ink
        region[:] = mixed

    def _paint(self, mask: Mask, colour: Colour | Frame) -> None:
        """Mixes a colour, or a picture of the mask's size, into the frame as far as the mask covers it."""
        height, width, _ = mask.coverage.shape
        left, top = max(mask.left, 0), max(mask.top, 0)
        right, bottom = min(mask.left + width, self.width), min(mask.top + height, self.height)
        if left >= right or top >= bottom:
            return
        inside = (slice(top - mask.top, bottom - mask.top), slice(left - mask.left, right - mask.left))
        coverage = mask.coverage[inside]
        ink = colour[inside] if isinstance(colour, np.ndarray) else np.array(colour, np.uint16)
        region = self.frame[top:bottom, left:right]
        region[:] = (region * (256 - coverage) + ink * coverage) >> 8


# Rows, columns, and what a sprite at (x, y) makes of the background there.
Pieces = dict[tuple["Sprite", int, int], tuple[slice, slice, Frame]]
MOST_PIECES = 1024


@dataclass(frozen=True, eq=False)
class Sprite:
    """A drawing of many shapes, or a picture, that is put down as one, quickly and as often as wanted.

    Args:
      left, top: where its first pixel lies in the canvas that it was drawn on; empty edges are cut off.
      ink: uint16 [height, width, 3], what the drawing adds.
      through: uint16 [height, width, 3] from 0 to 256, how much of what lies below is still seen.
    """

    left: int
    top: int
    ink: npt.NDArray[np.uint16]
    through: npt.NDArray[np.uint16]

    @classmethod
    def of(cls, width: int, height: int, draw: Callable[[Canvas], None]) -> "Sprite":
        """What `draw` draws on an empty canvas of that size: drawn once on black and once on white, to see through."""
        on_black, on_white = Canvas(width, height), Canvas(width, height)
        on_white.fill((255, 255, 255))
        draw(on_black)
        draw(on_white)
        through = _of_256(on_white.frame - on_black.frame)
        drawn = np.any(through < 256, axis=2)
        rows, columns = np.flatnonzero(np.any(drawn, axis=1)), np.flatnonzero(np.any(drawn, axis=0))
        if not len(rows):
            return cls(0, 0, np.zeros((0, 0, 3), np.uint16), np.zeros((0, 0, 3), np.uint16))
        box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        return cls(int(columns[0]), int(rows[0]), on_black.frame[box].astype(np.uint16), through[box].copy())

    @classmethod
    def from_array(cls, array: npt.NDArray[Any], *, scale: int = 1) -> "Sprite":
        """A picture, as `Canvas.image` takes it; `pixels.picture` makes one from characters."""
        height, width = np.shape(array)[:2] if np.ndim(array) > 1 else (1, 1)
        return cls.of(width * scale, height * scale, lambda canvas: canvas.image(array, 0, 0, scale=scale))


def _pygame() -> Any:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "hide")
    import pygame

    return pygame


@lru_cache(maxsize=512)
def _glyphs(text: str, size: int) -> npt.NDArray[np.uint16]:
    """uint16 [height, width, 1]: the coverage of a line of text in the font that comes with pygame."""
    opacity = _pygame().surfarray.array_alpha(_font(size).render(text, True, (255, 255, 255)))
    return np.ascontiguousarray(_of_256(opacity.T[:, :, None]))


def _font(size: int) -> Any:
    pygame = _pygame()
    pygame.font.init()  # again each time: other code may have called pygame.quit(), which ends every font
    return pygame.font.Font(None, round(size / 0.6875))  # by which factor pygame shrinks this one font


def _lines(text: str, width: float, size: int) -> Iterator[str]:
    """The lines of a text, broken between words."""
    font = _font(size)
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and font.size(longer)[0] > width:
                yield line
                longer = word
            line = longer
        yield line


def _of_256(opacity: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """0..255 as 0..256, so that an opaque pixel is covered exactly."""
    return opacity.astype(np.uint16) + (opacity >> 7)
