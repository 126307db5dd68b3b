"""One dimension of a search: how it is typed, and what stands for it in Optuna.

    0.0001:0.01:log         any number between these, of which factors count
    0.9:0.9999:towards-1    likewise, of which factors of the distance to 1 count
    32:512                  any number between, whole where the setting is
    relu,tanh               one of these
    64,64|256,256           likewise, where the values have commas themselves
    linear(1, 0.01:0.2:log, 10%)    a text in which numbers are searched

Numbers that are found have three digits, so that what is reported and kept is the very number that was used.
"""

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envkit.core.errors import UsageError
from envkit.core.schedule import Schedule
from envkit.core.settings import ANYTHING, Setting
from envkit.core.show import number, show

LOG, TOWARDS_1 = "log", "towards-1"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"(?<![\w.])({_NUMBER}):({_NUMBER})(?::([\w-]+))?")
HOW = "LOW:HIGH, LOW:HIGH:log or A,B,C (A|B|C where values have commas)"

Params = dict[str, Any]  # in Optuna, by name


@dataclass(frozen=True)
class Range:
    """Any number from `low` to `high`.

    Args:
      scale: by what numbers are drawn: nothing, `log` or `towards-1`.
    """

    low: float
    high: float
    scale: str = ""
    whole: bool = False

    @property
    def typed(self) -> str:
        ends = f"{number(self.low)}:{number(self.high)}"
        return f"{ends}:{self.scale}" if self.scale else ends

    def distributions(self, name: str) -> Params:
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.whole:
            return {name: IntDistribution(int(self.low), int(self.high), log=self.scale == LOG)}
        if self.scale == TOWARDS_1:
            return {name: FloatDistribution(_short(1 - self.high), _short(1 - self.low), log=True)}
        return {name: FloatDistribution(self.low, self.high, log=self.scale == LOG)}

    def value(self, params: Mapping[str, Any], name: str) -> Any:
        found = params[name]
        if self.whole:
            return found
        return round(1 - _short(found), 12) if self.scale == TOWARDS_1 else _short(found)

    def params(self, value: Any, name: str) -> Params:
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            return {}
        return {name: round(1 - value, 12) if self.scale == TOWARDS_1 else value}


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: tuple[Any, ...]

    @property
    def typed(self) -> list[Any]:
        return list(self.values)

    def distributions(self, name: str) -> Params:
        from optuna.distributions import CategoricalDistribution

        return {name: CategoricalDistribution(self.values)}

    def value(self, params: Mapping[str, Any], name: str) -> Any:
        return params[name]

    def params(self, value: Any, name: str) -> Params:
        return {name: value} if value in self.values else {}


@dataclass(frozen=True)
class Text:
    """A text in which numbers are searched.

    Args:
      between: the texts before, between and behind the ranges.
    """

    between: tuple[str, ...]
    ranges: tuple[Range, ...]

    @property
    def typed(self) -> str:
        return self._joined([one.typed for one in self.ranges])

    def distributions(self, name: str) -> Params:
        parts = (one.distributions(f"{name}.{place}") for place, one in enumerate(self.ranges))
        return {key: value for part in parts for key, value in part.items()}

    def value(self, params: Mapping[str, Any], name: str) -> str:
        found = [one.value(params, f"{name}.{place}") for place, one in enumerate(self.ranges)]
        return self._joined([number(value) for value in found])

    def params(self, value: Any, name: str) -> Params:
        pattern = f"({_NUMBER})".join(map(re.escape, self.between))
        found = re.fullmatch(pattern, str(value))
        parts = [one.params(float(text), f"{name}.{place}") for place, (one, text) in
                 enumerate(zip(self.ranges, found.groups() if found else (), strict=False))]  # fmt: skip
        return {key: value for part in parts for key, value in part.items()} if all(parts) else {}

    def _joined(self, inside: Sequence[str]) -> str:
        pairs = zip(self.between, [*inside, ""], strict=True)
        return "".join(text + value for text, value in pairs)


Dimension = Range | Choice | Text


def dimension(setting: Setting, typed: Any) -> Dimension:
    """What a text, or a list of choices, says of a setting.

    Raises:
      UsageError: where it says no dimension, or values that the setting does not take.
    """
    try:
        return _text(setting, typed.strip()) if isinstance(typed, str) else _choice(setting, _values(typed))
    except UsageError as error:
        said = typed if isinstance(typed, str) else show(typed)
        raise UsageError(f"the search {setting.name}={said} cannot be: {error}") from error


def _values(typed: Any) -> list[Any]:
    if not isinstance(typed, list | tuple):
        raise UsageError(f"a search is a text such as {HOW}, or a list of values")
    return list(typed)


def _text(setting: Setting, typed: str) -> Dimension:
    found = list(_RANGE.finditer(typed))
    if found and found[0].group() == typed and not setting.text:
        if setting.flag or setting.choices:
            raise UsageError(f"{setting.name} is no number{setting.allowed}")
        return _range(setting, *found[0].groups())
    if found:
        return _template(setting, typed, found)
    parts = typed.split("|") if "|" in typed else [typed] if _taken(setting, typed) else typed.split(",")
    return _choice(setting, [_typed_value(part.strip()) for part in parts])


def _template(setting: Setting, typed: str, found: Sequence[re.Match[str]]) -> Text:
    ends = [0, *(end for one in found for end in one.span()), len(typed)]
    between = tuple(typed[begin:end] for begin, end in zip(ends[::2], ends[1::2], strict=True))
    made = Text(between, tuple(_range(None, *one.groups()) for one in found))
    for end in ("low", "high"):  # that of a schedule is out of range at an end, if anywhere
        setting.checked(made._joined([number(getattr(one, end)) for one in made.ranges]))
    return made


def _range(setting: Setting | None, low: str, high: str, scale: str | None) -> Range:
    """A range of numbers that the setting takes; within a text it is the text that has to be taken."""
    found = Range(float(low), float(high), scale or "", bool(setting and setting.whole))
    if found.scale not in ("", LOG, TOWARDS_1):
        raise UsageError(f"a range ends with :{LOG} or :{TOWARDS_1}, not with :{scale}")
    if not found.low < found.high:
        raise UsageError(f"{low} is not below {high}")
    if found.scale == LOG and found.low <= 0:
        raise UsageError(f"with :{LOG} all is above 0, and {low} is not")
    if found.scale == TOWARDS_1 and (found.high >= 1 or found.whole):
        raise UsageError(f"with :{TOWARDS_1} all is below 1, and {high} is not")
    for end in (found.low, found.high):
        if setting:
            setting.checked(end)
    return found


def _choice(setting: Setting, values: list[Any]) -> Choice:
    checked = [_plain(setting.checked(value)) for value in values]
    once = tuple(dict.fromkeys(checked))
    if len(once) < 2:
        raise UsageError(f"there is one value only, so --set fixes it; a search is {HOW}")
    return Choice(once)


def _taken(setting: Setting, typed: str) -> bool:
    """Whether it is one value, commas and all; where any text is a value, commas part several."""
    if setting.text == ANYTHING:
        return False
    try:
        setting.checked(_typed_value(typed))
    except UsageError:
        return False
    return True


def _typed_value(text: str) -> Any:
    for read in (json.loads, float):  # `.5` is no JSON, but is what people type
        with contextlib.suppress(ValueError):
            return read(text)
    return text


def _plain(value: Any) -> Any:
    return value.plain if isinstance(value, Schedule) else value


def _short(value: float) -> float:
    """With three digits."""
    return float(f"{value:.3g}")
