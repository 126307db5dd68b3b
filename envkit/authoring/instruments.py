"""Instruments for pictures with quantities in them: a chart of what has been, and a gauge of what is.

Each is drawn in two parts, so that most of it can be background: the scale once, the reading in every frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import GREY, INK, MIST, SILVER, SLATE, WHITE, Colour
from envkit.authoring.shapes import Point

MOST_POINTS = 120  # of a line; a longer series is thinned


@dataclass(frozen=True)
class Chart:
    """A line over a shaded band.

    Args:
      x, y, width, height: the plot's place on the canvas.
      last: the largest index on the horizontal axis; the first is 0.
      low, high: the ends of the vertical axis; what lies beyond is drawn on the edge.
    """

    x: int
    y: int
    width: int
    height: int
    last: float
    low: float
    high: float

    def point(self, index: float, value: float) -> Point:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.x + index / self.last * self.width, self.y + (1 - share) * self.height

    def scale(self, canvas: Canvas, *, band: tuple[float, float], shade: Colour, ticks: Sequence[float]) -> None:
        """Draws the frame, the band and the lines of the vertical axis."""
        canvas.rect(self.x, self.y, self.width, self.height, WHITE)
        top, bottom = self.point(0, band[1])[1], self.point(0, band[0])[1]
        canvas.rect(self.x, round(top), self.width, max(round(bottom) - round(top), 2), shade)
        for tick in ticks:
            height = round(self.point(0, tick)[1])
            canvas.rect(self.x, height, self.width, 1, MIST)
            canvas.text(f"{tick:g}", self.x - 6, height, size=11, colour=GREY, anchor="right")
        canvas.rect(self.x, self.y + self.height, self.width, 1, SILVER)

    def line(self, canvas: Canvas, values: Sequence[float], colour: Colour) -> None:
        """Draws the series so far, with a dot on its last value."""
        step = -(-len(values) // MOST_POINTS)
        points = [self.point(index, values[index]) for index in range(0, len(values), step)]
        points.append(self.point(len(values) - 1, values[-1]))
        canvas.line(points, colour, 2)
        canvas.circle(*points[-1], 5.5, WHITE)
        canvas.circle(*points[-1], 4, colour)


@dataclass(frozen=True)
class Thermometer:
    """A standing tube with a bulb.

    Args:
      x: the middle of the tube.
      top, bottom: where the largest and the smallest reading stand.
      low, high: these readings; what lies beyond stands there too.
    """

    x: int
    top: int
    bottom: int
    low: float
    high: float

    def height(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.bottom - share * (self.bottom - self.top)

    def scale(self, canvas: Canvas, *, band: tuple[float, float], shade: Colour, ticks: Sequence[float]) -> None:
        """Draws the glass, the marks and the band beside them."""
        top, bottom = self.height(band[1]), self.height(band[0])
        canvas.rect(self.x - 22, top - 2, 44, bottom - top + 4, shade, radius=5)
        canvas.rect(self.x - 9, self.top - 16, 18, self.bottom - self.top + 28, SILVER, radius=9)
        canvas.circle(self.x, self.bottom + 22, 18, SILVER)
        canvas.rect(self.x - 7, self.top - 14, 14, self.bottom - self.top + 28, WHITE, radius=7)
        for tick in ticks:
            height = round(self.height(tick))
            canvas.rect(self.x + 11, height, 7, 1, SLATE)
            canvas.text(f"{tick:g}", self.x + 26, height, size=12, colour=SLATE, anchor="left")

    def reading(self, canvas: Canvas, value: float, colour: Colour) -> None:
        """Fills the tube up to the value."""
        height = self.height(value)
        canvas.circle(self.x, self.bottom + 22, 14.5, colour)
        canvas.rect(self.x - 4, height, 8, self.bottom + 14 - height, colour, radius=4)
        canvas.rect(self.x - 11, round(height), 22, 2, INK)
