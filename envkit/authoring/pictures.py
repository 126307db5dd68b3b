"""Small pictures of what lies on a grid, each drawn in a square of any size.

A picture is a function of the canvas, the square's top left corner and side in pixels, and a colour. A game may bring
its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from envkit.authoring.canvas import Canvas, Sprite
from envkit.authoring.moves import Move
from envkit.authoring.palette import INK, WHITE, Colour, mix

Picture = Callable[[Canvas, int, int, int, Colour], None]


def flag(canvas: Canvas, x: int, y: int, side: int, colour: Colour) -> None:
    """For a goal."""
    unit = side / 16
    pole, top, foot = x + 5.5 * unit, y + 3 * unit, y + 13 * unit
    canvas.polygon([(pole, top), (x + 12.5 * unit, top + 2.75 * unit), (pole, top + 5.5 * unit)], colour)
    canvas.line([(pole, top), (pole, foot)], mix(colour, INK, 0.45), max(1.0, unit))


def cross(canvas: Canvas, x: int, y: int, side: int, colour: Colour) -> None:
    """For a hazard."""
    near, far, width = side * 0.3, side * 0.7, max(1.0, side / 9)
    canvas.line([(x + near, y + near), (x + far, y + far)], colour, width)
    canvas.line([(x + near, y + far), (x + far, y + near)], colour, width)


def coin(canvas: Canvas, x: int, y: int, side: int, colour: Colour) -> None:
    """For something worth having."""
    middle, radius, rim = (x + side / 2, y + side / 2), side * 0.25, max(1.0, side / 28)
    canvas.circle(*middle, radius, mix(colour, INK, 0.35))
    canvas.circle(*middle, radius - rim, colour)
    canvas.circle(*middle, radius * 0.6, mix(colour, WHITE, 0.55), outline=rim)


def key(canvas: Canvas, x: int, y: int, side: int, colour: Colour) -> None:
    """For what opens a door."""
    dark, width = mix(colour, INK, 0.25), max(1.0, side / 12)
    middle, bow, tip = y + side / 2, x + side * 0.33, x + side * 0.8
    canvas.line([(bow + side * 0.13, middle), (tip, middle)], dark, width)
    for tooth in (tip - side * 0.13, tip):
        canvas.line([(tooth, middle), (tooth, middle + side * 0.13)], dark, width)
    canvas.circle(bow, middle, side * 0.16, dark, outline=width)


def door(canvas: Canvas, x: int, y: int, side: int, colour: Colour) -> None:
    """For a way that is shut."""
    canvas.rect(x + side * 0.26, y + side * 0.16, side * 0.48, side * 0.68, mix(colour, INK, 0.25), radius=side / 14)
    middle, hole = x + side / 2, mix(colour, WHITE, 0.75)
    canvas.circle(middle, y + side * 0.45, side * 0.075, hole)
    left, right, foot = middle - side * 0.06, middle + side * 0.06, y + side * 0.66
    canvas.polygon([(middle, y + side * 0.42), (right, foot), (left, foot)], hole)


def agent(canvas: Canvas, x: int, y: int, side: int, colour: Colour) -> None:
    """A round fellow with two eyes."""
    across, down = x + side / 2, y + side / 2
    canvas.circle(across, down, side * 0.34, WHITE)
    canvas.circle(across, down, side * 0.29, colour)
    for eye in (-1, 1):
        canvas.circle(across + eye * side * 0.1, down - side * 0.05, side * 0.055, WHITE)


@dataclass(frozen=True)
class Arrow:
    """A picture that points where a move goes."""

    move: Move

    def __call__(self, canvas: Canvas, x: int, y: int, side: int, colour: Colour) -> None:
        across, down, reach = x + side / 2, y + side / 2, side * 0.24
        rows, columns = self.move[0] * reach, self.move[1] * reach
        canvas.arrow((across - columns, down - rows), (across + columns, down + rows), colour, max(1.2, side / 14))


@lru_cache(maxsize=128)
def sprite(picture: Picture, side: int, colour: Colour) -> Sprite:
    """The picture in a square of that side, drawn once."""
    return Sprite.of(side, side, lambda canvas: picture(canvas, 0, 0, side, colour))
