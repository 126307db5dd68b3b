"""What a checker has to say: one fault, where it is, how to fix it, and the program that shows it."""

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any

from envkit.core.case import Case
from envkit.core.codec import NotPlain


class Severity(IntEnum):
    """error: the contract is broken. warning: a smell that will bite. advice: taste."""

    ADVICE = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Finding:
    """One fault. A rule fills what it knows, the engine stamps code, name and severity from the rule.

    Args:
      message: what was seen: key, index, value, bound or dtype.
      fix: what to change, in code where possible.
      at: the call that shows it, such as `step(2), call 17 of the episode`.
      program: a short Python program that reproduces it, or an empty text.
      count: how often it was seen.
      kind: what tells it apart from the other findings of its rule.
      also: further symptoms of the same cause, a line each.
      case: what to play to see it again; None where nothing in particular has to be played.
    """

    message: str
    fix: str
    at: str = ""
    program: str = ""
    count: int = 1
    code: str = ""
    name: str = ""
    severity: Severity = Severity.ERROR
    kind: str = ""
    also: tuple[str, ...] = ()
    case: Case | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain types; the case is null where it holds actions that have no JSON form."""
        data = {field.name: getattr(self, field.name) for field in fields(self)}
        try:
            case = self.case.to_json() if self.case else None
        except NotPlain:
            case = None
        return data | {"severity": self.severity.label, "also": list(self.also), "case": case}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Finding":
        """Raises NotPlain, KeyError, TypeError or ValueError for what `to_json` did not make."""
        case = None if data.get("case") is None else Case.from_json(data["case"])
        severity = Severity[data["severity"].upper()]
        return cls(**(data | {"severity": severity, "also": tuple(data.get("also", ())), "case": case}))

    def folding(self, others: "list[Finding]") -> "Finding":
        """This one with the others told under it."""
        return replace(self, also=(*self.also, *(line for other in others for line in other.lines(self))))

    def lines(self, under: "Finding") -> list[str]:
        """What it says where it is told under another one."""
        named = "" if self.code == under.code else f"{self.code} {self.name}: "
        times = f" ({self.count} times)" if self.count > 1 else ""
        return [f"{named}{self.message}{times}", *self.also]
