"""Instruments for pictures with quantities in them: charts of what has been, and gauges of what is.

Each is drawn in two parts, so that most of it can be background: the scale once, the reading in every frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import GREY, INK, MIST, SILVER, SLATE, WHITE, Colour
from envkit.authoring.shapes import Point

MOST_POINTS = 120  # of a line; a longer series is thinned
ARC = 48  # strokes of a dial's rim
SWEEP = (-0.75 * pi, 0.75 * pi)  # of a dial's hand, clockwise from the top


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
        share = share_of(value, self.low, self.high)
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

    def recent(self, canvas: Canvas, values: Sequence[float], colour: Colour) -> None:
        """Draws the end of an endless series, as much of it as the horizontal axis holds: once full, it scrolls."""
        self.line(canvas, values[-int(self.last) - 1 :], colour)

    def line(self, canvas: Canvas, values: Sequence[float], colour: Colour) -> None:
        """Draws the series so far, with a dot on its last value."""
        if not values:
            return
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
        share = share_of(value, self.low, self.high)
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


@dataclass(frozen=True)
class Bar:
    """A lying tube that fills from the left, or, where its scale has a negative end, from its zero to either side.

    Args:
      x, y, width, height: its place on the canvas.
      low, high: the readings at its ends; what lies beyond stands there too.
    """

    x: float
    y: float
    width: float
    height: float
    low: float = 0.0
    high: float = 1.0

    def across(self, value: float) -> float:
        """The x at which a reading stands."""
        return self.x + share_of(value, self.low, self.high) * self.width

    def scale(self, canvas: Canvas, *, label: str = "", colour: Colour = MIST) -> None:
        """Draws the empty tube, with a label on its left and its ends below it."""
        canvas.rect(self.x, self.y, self.width, self.height, colour, radius=self.height / 2)
        canvas.text(label, self.x - 8, self.y + self.height / 2, size=12, colour=SLATE, anchor="right")
        for end, anchor in ((self.low, "topleft"), (self.high, "topright")):
            canvas.text(f"{end:g}", self.across(end), self.y + self.height + 4, size=11, colour=GREY, anchor=anchor)

    def reading(self, canvas: Canvas, value: float, colour: Colour) -> None:
        """Fills the tube up to the value."""
        start, end = sorted((self.across(0), self.across(value)))
        canvas.rect(start, self.y, end - start, self.height, colour, radius=self.height / 2)
        if self.low < 0 < self.high:
            canvas.rect(round(self.across(0)) - 1, self.y - 2, 2, self.height + 4, SLATE)


@dataclass(frozen=True)
class Dial:
    """A round gauge with a hand, open at the bottom.

    Args:
      x, y, radius: its place on the canvas.
      low, high: the readings at its ends; what lies beyond stands there too.
    """

    x: float
    y: float
    radius: float
    low: float
    high: float

    def on_rim(self, value: float, share: float = 1.0) -> Point:
        """Where a reading stands, at a share of the radius."""
        first, last = SWEEP
        angle = first + share_of(value, self.low, self.high) * (last - first)
        return self.x + sin(angle) * self.radius * share, self.y - cos(angle) * self.radius * share

    def scale(
        self, canvas: Canvas, *, ticks: Sequence[float], band: tuple[float, float] | None = None, shade: Colour = MIST
    ) -> None:
        """Draws the rim, the marks with their numbers, and a band of it in another colour."""
        width = self.radius * 0.12
        canvas.line(self._arc(self.low, self.high), SILVER, width)
        if band is not None:
            canvas.line(self._arc(*band), shade, width)
        for tick in ticks:
            canvas.line([self.on_rim(tick, 0.88), self.on_rim(tick, 1.0)], SLATE, 1.5)
            canvas.text(f"{tick:g}", *self.on_rim(tick, 0.7), size=max(round(self.radius * 0.15), 9), colour=SLATE)

    def reading(self, canvas: Canvas, value: float, colour: Colour, *, unit: str = "") -> None:
        """Turns the hand to the value, and writes it below."""
        canvas.line([(self.x, self.y), self.on_rim(value, 0.8)], colour, max(self.radius * 0.05, 2))
        canvas.circle(self.x, self.y, max(self.radius * 0.09, 3), INK)
        size = max(round(self.radius * 0.2), 10)
        canvas.text(f"{value:.4g} {unit}".strip(), self.x, self.y + self.radius * 0.95, size=size, colour=INK)

    def _arc(self, low: float, high: float) -> list[Point]:
        return [self.on_rim(low + (high - low) * part / ARC) for part in range(ARC + 1)]


def share_of(value: float, low: float, high: float) -> float:
    """How far from `low` (0) to `high` (1) a value lies; 0 or 1 where it lies beyond."""
    return (min(max(value, low), high) - low) / (high - low)
