"""A board of square cells on a canvas: where each cell lies, and what is drawn in many of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import GREEN, HEAT, SILVER, SLATE, WHITE, Colour, along, mix, readable_on
from envkit.authoring.pictures import Picture, flag
from envkit.authoring.shapes import Point

UNKNOWN: Colour = mix(SILVER, WHITE, 0.5)


@dataclass(frozen=True)
class Board:
    """`rows` x `columns` square cells, numbered row by row, on a canvas whose longer side is `longest` pixels."""

    rows: int
    columns: int
    longest: int

    @cached_property  # asked for several times a frame
    def cell(self) -> int:
        """The side of a cell in pixels."""
        return self.longest // max(self.rows, self.columns)

    @cached_property
    def gap(self) -> int:
        """The free space between two cells."""
        return max(1, self.cell // 28) if self.cell >= 6 else 0

    @cached_property
    def margin(self) -> int:
        """The free space around all cells."""
        return (self.longest - self.cell * max(self.rows, self.columns)) // 2

    @cached_property
    def size(self) -> tuple[int, int]:
        """(width, height) of the canvas."""
        spare = self.longest - self.cell * max(self.rows, self.columns)
        return self.columns * self.cell + spare, self.rows * self.cell + spare

    def corner(self, cell: int) -> tuple[int, int]:
        """(x, y) of a cell's top left corner."""
        row, column = divmod(cell, self.columns)
        return self.margin + column * self.cell, self.margin + row * self.cell

    def centre(self, cell: int) -> Point:
        x, y = self.corner(cell)
        return x + self.cell / 2, y + self.cell / 2

    def tile(self, canvas: Canvas, cell: int, colour: Colour) -> None:
        """Fills a cell but for the gap around it."""
        x, y = self.corner(cell)
        side = self.cell - self.gap
        half = self.gap // 2
        canvas.rect(x + half, y + half, side, side, colour, radius=self.cell // 9 if self.cell >= 18 else 0)

    def flag(self, canvas: Canvas, cell: int, colour: Colour = GREEN) -> None:
        """A flag, for a goal."""
        self.picture(canvas, cell, flag, colour)

    def picture(self, canvas: Canvas, cell: int, picture: Picture, colour: Colour) -> None:
        """A picture as large as the cell."""
        picture(canvas, *self.corner(cell), self.cell, colour)

    def arrow(
        self, canvas: Canvas, cell: int, direction: tuple[float, float], colour: Colour, *, low: float = 0
    ) -> None:
        """An arrow through a cell's middle, or `low` cells below it; the direction is (rows, columns)."""
        if self.cell < 8:
            return
        x, y = self.centre(cell)
        y += low * self.cell
        reach = self.cell * (0.16 if low else 0.2)
        dx, dy = direction[1] * reach, direction[0] * reach
        canvas.arrow((x - dx, y - dy), (x + dx, y + dy), colour, max(1.2, self.cell / 20))

    def badge(
        self, canvas: Canvas, cell: int, text: str, colour: Colour, *, hollow: bool = False, small: bool = False
    ) -> None:
        """A letter in a disc, or hollow in a ring: in the middle of a cell, or small in an upper corner of its own."""
        x, y = self.centre(cell)
        radius = self.cell * (0.15 if small else 0.31)
        if small:
            x, y = x + self.cell * (0.3 if hollow else -0.3), y - self.cell * 0.3
            canvas.circle(x, y, radius + max(1.0, self.cell / 40), WHITE)
        canvas.circle(x, y, radius, WHITE if hollow else colour)
        if hollow:
            canvas.circle(x, y, radius, colour, outline=max(1.0, self.cell / 22))
        if radius >= 5:
            ink = colour if hollow else readable_on(colour)
            canvas.text(text, x, y + 0.5, size=round(radius * 1.15), colour=ink)

    def heat(self, canvas: Canvas, values: npt.NDArray[np.float64], cells: Sequence[int], *, low: float = 0) -> None:
        """Colours cells by their values, and writes the values where there is room; NaN is no value.

        Args:
          low: how many cells below the middle the number stands.
        """
        colours = heat_colours(values, cells)
        for cell, colour in colours.items():
            self.tile(canvas, cell, colour)
            if np.isfinite(values[cell]) and self.cell >= 30:
                x, y = self.centre(cell)
                text = short(float(values[cell]))
                canvas.text(text, x, y + low * self.cell, size=_size(text, self.cell), colour=readable_on(colour))

    def label(self, canvas: Canvas, cell: int, text: str, colour: Colour = SLATE, *, share: float = 0.4) -> None:
        """A text in the middle of a cell, its height that share of the cell, where there is room for it."""
        if self.cell * share >= 6:
            canvas.text(text, *self.centre(cell), size=round(self.cell * share), colour=colour)


def heat_colours(values: npt.NDArray[np.float64], cells: Sequence[int]) -> dict[int, Colour]:
    """{cell: colour}, from the darkest for the least value to the lightest for the largest."""
    finite = [float(values[cell]) for cell in cells if np.isfinite(values[cell])]
    least, most = min(finite, default=0.0), max(finite, default=0.0)
    reach = most - least or 1.0
    return {
        cell: along(HEAT, (float(values[cell]) - least) / reach) if np.isfinite(values[cell]) else UNKNOWN
        for cell in cells
    }


def short(value: float) -> str:
    """At most five characters of a number, if it is of ordinary size."""
    for digits in (2, 1, 0):
        text = f"{value:.{digits}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if len(text) <= 5:
            return "0" if text == "-0" else text
    return f"{value:.0e}".replace("e+0", "e").replace("e+", "e")


def _size(text: str, cell: int) -> int:
    return max(8, min(round(cell * 0.26), round(cell * 1.45 / len(text))))
