"""What a checker said about one environment."""

from dataclasses import asdict, dataclass
from typing import Any

LEVELS = ("warning", "error")


@dataclass(frozen=True)
class Remark:
    """One complaint.

    Args:
      level: error (of the peers: they raised) or warning.
      key: what makes it the same complaint about another environment: a rule's name, or the text without names.
      text: as it was said.
      program: that shows it, where the checker gives one.
    """

    level: str
    key: str
    text: str
    program: str = ""


@dataclass(frozen=True)
class Verdict:
    """Args:
    outcome: answered; or hung, or died, and then there is no verdict.
    remarks: worst first.
    unjudged: how many rules could not judge.
    """

    checker: str
    ref: str
    outcome: str
    seconds: float
    remarks: tuple[Remark, ...] = ()
    unjudged: int = 0

    def of_level(self, level: str) -> list[Remark]:
        """The remarks of at least that level."""
        return [remark for remark in self.remarks if LEVELS.index(remark.level) >= LEVELS.index(level)]

    def beyond(self, other: "Verdict | None", level: str) -> list[Remark]:
        """Those of at least that level which the other environment did not get."""
        same = {remark.key for remark in other.of_level(level)} if other else set()
        return [remark for remark in self.of_level(level) if remark.key not in same]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Verdict":
        return cls(**{**data, "remarks": tuple(Remark(**remark) for remark in data["remarks"])})
