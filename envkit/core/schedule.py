"""Schedules: numbers that change while an agent learns, such as a step size or the chance of exploring.

A schedule is a sequence of pieces, each with a formula and, but for the last, an end. Its clock counts episodes, steps,
or, for a step size, the visits to the state and action. Written as text, as on a command line:

    0.1                                    constant
    linear(1, 0.05, 5000)                  in a straight line, over 5,000 of the clock's ticks, and stays there
    linear(1, 0, 90%)                      over nine tenths of all episodes
    exponential(1, 0.999)                  1 * 0.999^t
    inverse-time(0.5, 0.01)                0.5 / (1 + 0.01 t)
    power(1, 0.6)                          1 * (t + 1)^-0.6
    1/n                                    1 over the visits: power(1, 1) by visits
    hold(1, 100) then linear(1, 0.1, 900)  one after another; `hold` is a constant that ends
    exponential(1, 0.99) floor 0.05        nothing below it
    power(1, 0.6) by visits                by episodes unless said otherwise

Source: Sutton and Barto, Reinforcement Learning (2018), section 2.5 (step sizes that converge).
"""

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from envkit.core.errors import UsageError, nearest
from envkit.core.show import number, show

EPISODES, STEPS, VISITS = range(3)  # what the clock counts
UNITS = {"episodes": EPISODES, "steps": STEPS, "visits": VISITS}
CONSTANT, LINEAR, EXPONENTIAL, INVERSE_TIME, POWER = range(5)
WIDTH = 6  # numbers that describe a piece: when it ends, its formula, a, b, how long it lasts, the floor

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PIECE = re.compile(rf"(?P<name>[a-z_-]+)\s*\((?P<arguments>[^()]*)\)|(?P<number>{_NUMBER})|(?P<visits>1/n)", re.I)
_ENDING = re.compile(rf"\s+(?:by\s+(?P<unit>\w+)|floor\s+(?P<floor>{_NUMBER}))$", re.I)


@dataclass(frozen=True)
class Share:
    """A part of the whole course, not yet known how long: 0 to 1."""

    of_all: float

    def __str__(self) -> str:
        return f"{number(100 * self.of_all)}%"


@dataclass(frozen=True)
class Piece:
    """One formula, and how long it holds.

    Args:
      formula: its number above.
      a, b: from where, and to where or how fast.
      span: ticks; of a straight line and of what is followed by something. None for ever.
    """

    formula: int
    a: float
    b: float = 0.0
    span: float | Share | None = None


@dataclass(frozen=True)
class Schedule:
    """The pieces, one after another; the last one goes on for ever.

    Args:
      unit: what the clock counts: episodes, steps or visits.
      floor: nothing is below it.
    """

    pieces: tuple[Piece, ...]
    unit: str = "episodes"
    floor: float = -math.inf

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise UsageError(f"a schedule goes by episodes, steps or visits, not by {self.unit!r}")
        for piece in self.pieces[:-1]:
            if piece.span is None:
                raise UsageError(
                    f"in the schedule {self}, a piece that never ends is followed by another; hold(VALUE, HOW_LONG) "
                    "and linear(FROM, TO, HOW_LONG) end"
                )

    def __call__(self, t: float) -> float:
        """Its value at tick `t`, the first being 0."""
        return value_at(self.rows(None), t)

    def then(self, other: "Schedule") -> "Schedule":
        """This one, and when its last piece has ended the other; the clock of each piece begins at 0."""
        return replace(self, pieces=self.pieces + other.pieces, floor=max(self.floor, other.floor))

    def at_least(self, floor: float) -> "Schedule":
        return replace(self, floor=floor)

    def by(self, unit: str) -> "Schedule":
        return replace(self, unit=unit)

    @property
    def constant(self) -> float | None:
        """Its only value, if it has one."""
        first = self.pieces[0]
        alone = len(self.pieces) == 1 and first.formula == CONSTANT
        return max(first.a, self.floor) if alone else None

    def bounds(self) -> tuple[float, float]:
        """The least and the largest value that it may take."""
        values = [max(value, self.floor) for piece in self.pieces for value in _extremes(piece)]
        return min(values), max(values)

    @property
    def plain(self) -> float | str:
        """As JSON keeps it: a number if it is constant, else its text."""
        return str(self) if self.constant is None else self.constant

    def rows(self, total: float | None) -> list[float]:
        """As `value_at` takes it: WIDTH numbers for each piece.

        Args:
          total: ticks of the whole course, of which shares are parts.

        Raises:
          UsageError: where there are shares and the course's length is not known.
        """
        found, end = [], 0.0
        for piece in self.pieces:
            span = piece.span
            if isinstance(span, Share):
                if total is None:
                    raise UsageError(f"the schedule {self} is a share of all {self.unit}, and nobody knows how many")
                span = span.of_all * total
            end += math.inf if span is None else span
            found += [end, float(piece.formula), piece.a, piece.b, 0.0 if span is None else span, self.floor]
        return found

    def __str__(self) -> str:
        text = " then ".join(map(_piece_text, self.pieces))
        text += f" floor {number(self.floor)}" if self.floor > -math.inf else ""
        return text + (f" by {self.unit}" if self.unit != "episodes" else "")


def constant(value: float) -> Schedule:
    return Schedule((Piece(CONSTANT, value),))


def hold(value: float, span: float | Share) -> Schedule:
    return Schedule((Piece(CONSTANT, value, 0.0, span),))


def linear(begin: float, end: float, span: float | Share) -> Schedule:
    return Schedule((Piece(LINEAR, begin, end, span),))


def exponential(begin: float, rate: float, span: float | Share | None = None) -> Schedule:
    return Schedule((Piece(EXPONENTIAL, begin, rate, span),))


def inverse_time(begin: float, rate: float, span: float | Share | None = None) -> Schedule:
    return Schedule((Piece(INVERSE_TIME, begin, rate, span),))


def power(begin: float, exponent: float, span: float | Share | None = None) -> Schedule:
    return Schedule((Piece(POWER, begin, exponent, span),))


MAKERS: dict[str, tuple[Any, tuple[str, ...], int]] = {  # name -> (maker, its arguments, how many it needs)
    "constant": (constant, ("value",), 1),
    "hold": (hold, ("value", "how long"), 2),
    "linear": (linear, ("from", "to", "how long"), 3),
    "exponential": (exponential, ("from", "rate", "how long"), 2),
    "inverse-time": (inverse_time, ("from", "rate", "how long"), 2),
    "power": (power, ("from", "exponent", "how long"), 2),
}


def value_at(rows: Any, t: float) -> float:
    """The value of a schedule given by its rows at a tick; compiled with the loops that use it."""
    row, begin = 0, 0.0
    while t >= rows[row] and row + WIDTH < len(rows):
        begin = rows[row]
        row += WIDTH
    a, b, passed = rows[row + 2], rows[row + 3], t - begin
    formula = rows[row + 1]
    if formula == CONSTANT:
        value = a
    elif formula == LINEAR:
        value = b if passed >= rows[row + 4] else a + (b - a) * (passed / rows[row + 4])
    elif formula == EXPONENTIAL:
        value = a * b**passed
    elif formula == INVERSE_TIME:
        value = a / (1.0 + b * passed)
    else:  # POWER
        value = a * (passed + 1.0) ** -b
    return float(max(value, rows[row + 5]))


def parse(text: str) -> Schedule:
    """The schedule that a text says.

    Raises:
      UsageError: where it says none; the message shows what can be written.
    """
    rest, unit, floor = text.strip(), "episodes", -math.inf
    while found := _ENDING.search(rest):
        rest = rest[: found.start()]
        if found["unit"]:
            unit = found["unit"].lower()
            unit += "" if unit.endswith("s") else "s"
        else:
            floor = float(found["floor"])
    pieces: list[Piece] = []
    for part in re.split(r"\s+then\s+", rest, flags=re.I):
        piece = _PIECE.fullmatch(part.strip())
        if piece is None:
            raise UsageError(
                f"{part.strip()!r} is no schedule; write a number, linear(1, 0.05, 5000), linear(1, 0, 90%), "
                "exponential(1, 0.999), inverse-time(0.5, 0.01), power(1, 0.6) or 1/n, with `then` between several and "
                "`floor 0.01` or `by steps` at the end"
            )
        if piece["visits"]:
            pieces += power(1.0, 1.0).pieces
            unit = "visits"
        elif piece["number"]:
            pieces += constant(float(piece["number"])).pieces
        else:
            pieces += _made(piece["name"].lower().replace("_", "-"), piece["arguments"], part.strip()).pieces
    return Schedule(tuple(pieces), unit, floor)


def schedule(value: Any) -> Schedule:
    """A schedule as it is, a number as a constant, a text as it says.

    Raises:
      UsageError: for anything else.
    """
    if isinstance(value, Schedule):
        return value
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return constant(float(value))
    raise UsageError(f"{show(value)} is neither a number nor a schedule")


def _made(name: str, arguments: str, part: str) -> Schedule:
    if name not in MAKERS:
        meant = nearest(name, list(MAKERS), most=1)
        raise UsageError(
            f"no schedule is called {name!r}"
            + (f"; did you mean {meant[0]!r}?" if meant else f"; there are {', '.join(MAKERS)}")
        )
    maker, names, needed = MAKERS[name]
    given = [text.strip() for text in arguments.split(",") if text.strip()]
    if not needed <= len(given) <= len(names):
        raise UsageError(f"{part} has {len(given)} arguments; write {name}({', '.join(names[:needed])})")
    made: Schedule = maker(*(_argument(text, name, part) for text, name in zip(given, names, strict=False)))
    return made


def _argument(text: str, name: str, part: str) -> float | Share:
    found = re.fullmatch(rf"({_NUMBER})\s*(%?)", text)
    if found is None or (found[2] and name != "how long"):
        raise UsageError(
            f"{text!r} in {part} is no number" + ("" if found is None else "; only how long it lasts can be a share")
        )
    if name == "how long" and float(found[1]) <= 0:
        raise UsageError(f"{text!r} in {part} is how long it lasts, which is above 0")
    return Share(float(found[1]) / 100) if found[2] else float(found[1])


def _extremes(piece: Piece) -> tuple[float, ...]:
    if piece.formula == CONSTANT:
        return (piece.a,)
    if piece.formula == LINEAR:
        return (piece.a, piece.b)
    grows = piece.b > 1 if piece.formula == EXPONENTIAL else piece.b < 0
    return (piece.a, math.inf if grows else 0.0)


def _piece_text(piece: Piece) -> str:
    if piece.formula == CONSTANT:
        return number(piece.a) if piece.span is None else f"hold({number(piece.a)}, {_span_text(piece.span)})"
    name = list(MAKERS)[piece.formula + 1]
    parts = [number(piece.a), number(piece.b)] + ([] if piece.span is None else [_span_text(piece.span)])
    return f"{name}({', '.join(parts)})"


def _span_text(span: float | Share | None) -> str:
    return str(span) if isinstance(span, Share) else number(span or 0.0)
