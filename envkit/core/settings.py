"""Hyper-parameters: their names, defaults and ranges, and what a mistake in them is answered with."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from envkit.core.errors import UsageError, unknown_option
from envkit.core.schedule import Schedule, schedule
from envkit.core.show import number, show

# Names that mean the same: whichever of them is typed stands for the one that the algorithm has.
SAME = (
    ("discount", "gamma"), ("step_size", "alpha", "learning_rate"), ("trace_decay", "lambda"), ("temperature", "tau"),
    ("behaviour", "behavior"), ("n", "n_steps"),
)  # fmt: skip
ANYTHING = ".*"  # a text that may be any
NOTHING = ("none", "null")  # how no value is typed
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Setting:
    """One hyper-parameter.

    Args:
      default: a value, or None where the solver chooses by the problem; `about` then says how.
      low, high: the range, its ends included unless `open_low` or `open_high`.
      whole: only whole numbers.
      choices: the texts allowed; then it is no number.
      scheduled: it may change while the agent learns (`envkit.core.schedule`); the range holds for all its values.
      flag: true or false.
      optional: it may be none.
      text: what a value has to look like, a regular expression, where it is a text that no list holds; `about` says so.
    """

    name: str
    default: Any
    about: str
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    whole: bool = False
    choices: tuple[str, ...] = ()
    scheduled: bool = False
    flag: bool = False
    optional: bool = False
    text: str = ""

    @property
    def shown(self) -> str:
        """The default, as it is typed."""
        if self.default is None:
            return "none" if self.optional else "..."
        if self.flag:
            return str(self.default).lower()
        return number(self.default) if isinstance(self.default, float) else str(self.default)

    @property
    def allowed(self) -> str:
        """What it may be, in brackets."""
        if self.flag:
            return " (true or false)"
        if self.optional:
            allowed = replace(self, optional=False).allowed.removesuffix(")")
            return f"{allowed}; or none)" if allowed else " (or none)"
        if self.choices:
            return f" ({', '.join(self.choices)})"
        words = self._range().removeprefix("a number").strip() if math.isfinite(self.low) or self.whole else ""
        either = "; a number or a schedule" if self.scheduled else ""
        return f" ({words}{either})" if words or either else ""

    def checked(self, value: Any) -> Any:
        """The value in its type.

        Raises:
          UsageError: where it is not allowed.
        """
        if self.optional and (value is None or str(value).lower() in NOTHING):
            return None
        if self.flag:
            return self._flag(value)
        if self.text:
            if not re.fullmatch(self.text, str(value)):
                raise UsageError(f"{self.name} is {show(value)}; {self.about}")
            return str(value)
        if self.choices:
            if str(value) not in self.choices:
                raise unknown_option(self.name, str(value), self.choices)
            return str(value)
        if self.scheduled:
            return self._schedule(value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        inside = is_number and self.low <= value <= self.high
        if inside and ((self.open_low and value == self.low) or (self.open_high and value == self.high)):
            inside = False
        if not inside or not math.isfinite(value) or (self.whole and value != int(value)):
            raise UsageError(f"{self.name} is {show(value)}, not {self._range()}; {self.about}")
        return int(value) if self.whole else float(value)

    def _flag(self, value: Any) -> bool:
        typed = str(value).lower()
        if typed not in FLAGS:
            raise UsageError(f"{self.name} is {show(value)}, not true or false; {self.about}")
        return FLAGS[typed]

    def _schedule(self, value: Any) -> Schedule:
        try:
            found = schedule(value)
        except UsageError as error:
            raise UsageError(f"{self.name}: {error}") from error
        nothing = self.open_low and found.constant == self.low
        if nothing or not all(self._allows(bound) for bound in found.bounds()):
            low, high = (number(bound) for bound in found.bounds())
            values = f"{value}" if low == high else f"{value}, which goes from {low} to {high}"
            raise UsageError(f"{self.name} is {values}, not {self._range()}; {self.about}")
        return found

    def _allows(self, value: float) -> bool:
        return self.low <= value <= self.high and math.isfinite(value)

    def _range(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        if self.high < math.inf:
            above = f"above {number(self.low)}" if self.open_low else f"from {number(self.low)}"
            below = f"below {number(self.high)}" if self.open_high else f"to {number(self.high)}"
            return f"{kind} {above} {'and ' if self.open_high else 'up ' if self.open_low else ''}{below}"
        if self.low > -math.inf:
            return f"{kind} above {number(self.low)}" if self.open_low else f"{kind} of at least {number(self.low)}"
        return kind


def names(settings: Sequence[Setting]) -> tuple[str, ...]:
    return tuple(setting.name for setting in settings)


def settled(settings: Sequence[Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting's value: the given one, or its default. Raises UsageError as of `checked`."""
    values = checked(settings, given)
    return {setting.name: values.get(setting.name, setting.default) for setting in settings}


def checked(settings: Sequence[Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, by the settings' own names.

    Names are the settings' own or their aliases; hyphens count as underscores, and case is ignored.

    Raises:
      UsageError: for a name that no setting has, that is given twice, or for a value out of range.
    """
    values: dict[str, Any] = {}
    typed_as: dict[str, str] = {}
    for typed, value in given.items():
        setting = meant(settings, typed)
        name = setting.name
        if name in values:
            other = typed if typed != name else typed_as[name]
            raise UsageError(f"hyper-parameter {name!r} is given twice, once as {other!r}")
        typed_as[name] = typed
        values[name] = setting.checked(value)
    return values


def meant(settings: Sequence[Setting], typed: str) -> Setting:
    """The setting of this name, or of this alias. Raises UsageError where there is none."""
    by_name = {setting.name: setting for setting in settings}
    plain = typed.lower().replace("-", "_")
    name = plain if plain in by_name else next((one for one in _same(plain) if one in by_name), plain)
    if name not in by_name:
        aliases = [alias for own in by_name for alias in _same(own) if alias not in by_name]
        raise unknown_option("hyper-parameter", typed, [*by_name, *aliases])
    return by_name[name]


def _same(name: str) -> tuple[str, ...]:
    """The other names of what a name means."""
    return tuple(other for names in SAME if name in names for other in names if other != name)


def check_count(name: str, value: Any, least: int) -> None:
    """Refuses what is no whole number of at least `least`. Raises UsageError."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(f"{name} is {show(value)}, not a whole number of at least {least}")
