"""The verdict on one environment: what `envkit.check` returns and every reporter prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envkit.core.finding import Finding, Severity

SCHEMA = 1


@dataclass(frozen=True)
class Report:
    """The verdict on one environment.

    Args:
      env: the reference, as text.
      findings: worst first.
      not_judged: {code: reason} of the rules that could not judge; none of them counts as passed.
      coverage: how much was tried: instances, episodes, steps, terminated, truncated, renders.
      seconds: wall time.
    """

    env: str
    findings: tuple[Finding, ...]
    not_judged: Mapping[str, str]
    coverage: Mapping[str, int]
    seconds: float

    @property
    def verdict(self) -> str:
        """errors, warnings or clean: by the worst finding; advice is clean."""
        worst = max((finding.severity for finding in self.findings), default=Severity.ADVICE)
        return {Severity.ERROR: "errors", Severity.WARNING: "warnings"}.get(worst, "clean")

    def fails(self, *, strict: bool = False) -> bool:
        """Whether there is an error, or when strict a warning."""
        return self.verdict == "errors" or (strict and self.verdict == "warnings")

    def __str__(self) -> str:
        """The report as the command prints it."""
        from envkit.check.reporters.text import report_text

        return report_text([self])

    def assert_clean(self, *, strict: bool = False) -> None:
        """For a test: raises AssertionError with the whole report where `fails` says so."""
        if self.fails(strict=strict):
            raise AssertionError(str(self))

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "env": self.env,
            "verdict": self.verdict,
            "findings": [finding.to_json() for finding in self.findings],
            "not_judged": [{"code": code, "reason": reason} for code, reason in self.not_judged.items()],
            "coverage": dict(self.coverage),
            "seconds": round(self.seconds, 3),
        }
