"""The verdict on one environment: what `envkit.check` returns and every reporter prints."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from envkit.core.codec import NotPlain, encode
from envkit.core.finding import Finding, Severity

SCHEMA = 1
SYMPTOM = re.compile(r"([A-Z]+\d+) ([a-z\d-]+): ")  # how a symptom of another rule begins, where it is told


@dataclass(frozen=True)
class Allowed:
    """A finding that the configuration excuses, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True)
class Settings:
    """How the check was run, so that it can be run again."""

    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    budget: str = "default"
    timeout: float = 10.0


@dataclass(frozen=True)
class Source:
    """Where the environment is written.

    Args:
      file: of its class; empty where nothing is known.
      lines: of the class, under an empty name, and of those methods that stand in the same file.
    """

    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """The verdict on one environment.

    Args:
      env: the reference, as text.
      findings: worst first.
      not_judged: {code: reason} of the rules that could not judge; none of them counts as passed.
      coverage: how much was tried: instances, episodes, steps, terminated, truncated, renders; and where it says
        something: states, actions and proved, longest, cut, strategies.
      seconds: wall time.
      judged: codes of the rules that did judge.
      allowed: findings that the configuration excuses; they do not count.
      notes: what the reader of the configuration should know, such as an exception that nothing needed.
      source: where the environment is written.
      settings: how the check was run.
      strict: whether warnings fail too.
    """

    env: str
    findings: tuple[Finding, ...]
    not_judged: Mapping[str, str]
    coverage: Mapping[str, Any]
    seconds: float
    judged: tuple[str, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    notes: tuple[str, ...] = ()
    source: Source = Source()
    settings: Settings = Settings()
    strict: bool = False

    @property
    def verdict(self) -> str:
        """errors, warnings or clean: by the worst finding; advice is clean."""
        worst = max((finding.severity for finding in self.findings), default=Severity.ADVICE)
        return {Severity.ERROR: "errors", Severity.WARNING: "warnings"}.get(worst, "clean")

    def fails(self, *, strict: bool = False) -> bool:
        """Whether there is an error, or when strict a warning."""
        return self.verdict == "errors" or ((strict or self.strict) and self.verdict == "warnings")

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
            "judged": list(self.judged),
            "allowed": [allowed.finding.to_json() | {"reason": allowed.reason} for allowed in self.allowed],
            "notes": list(self.notes),
            "source": {"file": self.source.file, "lines": dict(self.source.lines)},
            "settings": _settings_json(self.settings),
        }


def _settings_json(settings: Settings) -> dict[str, Any]:
    """The arguments are null where they have no JSON form."""
    try:
        env_kwargs = encode(dict(settings.env_kwargs))
    except NotPlain:
        env_kwargs = None
    return {
        "env_kwargs": env_kwargs,
        "seed": settings.seed,
        "budget": settings.budget,
        "timeout": settings.timeout,
    }


def symptom_codes(finding: Finding) -> set[str]:
    """Codes of the other rules whose findings are told under this one."""
    return {found[1] for found in map(SYMPTOM.match, finding.also) if found} - {finding.code}
