"""How often something is done in a training, as it is typed: `10ep`, `5000st` or `5min`."""

import re
from dataclasses import dataclass

from envkit.core.errors import UsageError

UNITS = {"st": "steps", "ep": "episodes", "min": "minutes"}
TYPED = re.compile(r"(\d+(?:[_,]\d{3})*(?:\.\d+)?) ?(st|ep|min)?")


@dataclass(frozen=True)
class Every:
    """Once in so many steps, episodes or minutes; looked at where the learner is at rest, so that it may come later."""

    number: float
    unit: str = "st"

    @classmethod
    def of(cls, typed: "str | int | Every") -> "Every":
        """Raises UsageError where it says no such thing."""
        if isinstance(typed, Every):
            return typed
        found = TYPED.fullmatch(str(typed))
        number = float(re.sub("[_,]", "", found[1])) if found else 0.0
        unit = (found and found[2]) or "st"
        if number <= 0 or (unit != "min" and not number.is_integer()):
            raise UsageError(f"{str(typed)!r} says no period; type 10ep for ten episodes, 5000st for steps, or 5min")
        return cls(number, unit)

    def __str__(self) -> str:
        return f"{self.number:g}{self.unit}" if self.unit == "min" else f"{self.number:.0f}{self.unit}"


@dataclass
class Clock:
    """Tells when it is time again.

    Args:
      last: the steps, episodes and seconds at which it last was.
    """

    every: Every | None
    last: tuple[float, float, float]

    def is_due(self, steps: int, episodes: int, seconds: float) -> bool:
        """Whether it is time; if so, it counts from here."""
        if self.every is None:
            return False
        now = (float(steps), float(episodes), seconds)
        place = list(UNITS).index(self.every.unit)
        size = 60.0 if self.every.unit == "min" else 1.0
        due = now[place] - self.last[place] >= self.every.number * size
        if due:
            self.last = now
        return due
