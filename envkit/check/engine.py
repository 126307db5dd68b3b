"""Runs the probes, hands their evidence to the rules, and gathers what they find.

A rule whose evidence is missing is reported with the reason: it never looks like a pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from gymnasium import Space

from envkit.check.model import CannotJudge, Finding, Probe, Rule
from envkit.check.probes.construction import SPACES, Construction
from envkit.check.subject import Subject
from envkit.core import scan
from envkit.core.show import error_line
from envkit.core.trace import with_numpy

# The first sees the process as it was before the environment could change it, the second says whether anything else can
# be tried, and the last is the one most likely to end the process.
FIRST, SECOND, LAST = "surroundings", "construction", "human rendering"


@dataclass
class Evidence:
    """What the probes brought, by type, and why the rest is missing, by type."""

    found: dict[type, Any] = field(default_factory=dict)
    missing: dict[type, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Judgement:
    """What the rules said: findings, and for each rule that could not judge, why."""

    findings: tuple[Finding, ...]
    not_judged: Mapping[str, str]


@cache
def all_probes() -> tuple[Probe, ...]:
    """In the order in which they run."""
    found = scan.constants("envkit.check.probes", "PROBE", Probe).values()
    place = {FIRST: 0, SECOND: 1, LAST: 3}
    return tuple(sorted(found, key=lambda probe: (place.get(probe.name, 2), probe.name)))


@cache
def all_rules() -> tuple[Rule, ...]:
    """By code, third-party rules of the entry-point group `envkit.rules` included."""
    from importlib.metadata import entry_points

    rules = list(scan.constants("envkit.check.rules", "RULE", Rule).values())
    rules += [point.load() for point in entry_points(group="envkit.rules")]
    return tuple(sorted(rules, key=lambda rule: rule.code))


def gather(subject: Subject, skip: Mapping[str, str]) -> Evidence:
    """Runs every probe but those named in `skip` ({name: reason})."""
    evidence = Evidence()
    for probe in all_probes():
        reason = skip.get(probe.name) or _blocked(evidence)
        if reason:
            evidence.missing[probe.evidence] = reason
            continue
        if subject.ledger:
            subject.ledger.chapter = probe.name
        try:
            evidence.found[probe.evidence] = probe.run(subject)
        except Exception as error:  # noqa: BLE001 - a foreign space or object can break anything; that is no pass
            evidence.missing[probe.evidence] = f"the probe {probe.name} stumbled: {error_line(error)}"
    return evidence


def _blocked(evidence: Evidence) -> str:
    """Why nothing more can be tried, once the construction is known."""
    construction = evidence.found.get(Construction)
    if construction is None:
        return ""
    if construction.first.calls[0].error is not None:
        return "the environment cannot be made"
    declared = construction.spaces[0].objects
    lacking = [name for name in SPACES if not isinstance(declared.get(name), Space)]
    return f"the environment has no {' and no '.join(lacking)}" if lacking else ""


def judge(evidence: Evidence, rules: tuple[Rule, ...]) -> Judgement:
    findings: list[Finding] = []
    not_judged: dict[str, str] = {}
    for rule in rules:
        lacking = [kind for kind in rule.needs if kind not in evidence.found]
        if lacking:
            not_judged[rule.code] = evidence.missing.get(lacking[0], "its evidence was not gathered")
            continue
        try:
            said = list(rule.check(*(evidence.found[kind] for kind in rule.needs)))
        except CannotJudge as reason:
            not_judged[rule.code] = str(reason)
            continue
        except Exception as error:  # noqa: BLE001 - foreign objects can break any comparison; that is no pass
            not_judged[rule.code] = f"the rule stumbled over what the environment returned: {error_line(error)}"
            continue
        findings += [
            replace(
                finding,
                code=rule.code,
                name=rule.name,
                severity=min(finding.severity, rule.severity),
                program=with_numpy(finding.program),
            )
            for finding in said
        ]
    return Judgement(tuple(findings), not_judged)
