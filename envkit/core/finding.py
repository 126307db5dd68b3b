"""What a checker has to say: one fault, where it is, how to fix it, and the program that shows it."""

from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any


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
    """One fault. A rule fills the first five fields, the engine stamps the rest from the rule.

    Args:
      message: what was seen: key, index, value, bound or dtype.
      fix: what to change, in code where possible.
      at: the call that shows it, such as `step(2), call 17 of the episode`.
      program: a short Python program that reproduces it, or an empty text.
      count: how often it was seen.
    """

    message: str
    fix: str
    at: str = ""
    program: str = ""
    count: int = 1
    code: str = ""
    name: str = ""
    severity: Severity = Severity.ERROR

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"severity": self.severity.label}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Finding":
        return cls(**(data | {"severity": Severity[data["severity"].upper()]}))
