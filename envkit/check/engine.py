"""Runs the probes, hands their evidence to the rules, and gathers what they find.

A rule whose evidence is missing is reported with the reason: it never looks like a pass.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from gymnasium import Space

from envkit.check.model import CannotJudge, Finding, Probe, Rule
from envkit.check.probes.construction import SPACES, Construction
from envkit.check.probes.rendering import Rendering
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.search import Search
from envkit.check.process import settings
from envkit.check.shortening.smallest import Smallest
from envkit.check.subject import Subject
from envkit.core import scan
from envkit.core.show import error_line
from envkit.core.trace import with_numpy
from envkit.isolate.waiting import Allowance

# The first sees the process as it was before the environment could change it, the second says whether anything else can
# be tried; rollouts, a model's ways, and search find episodes that end, which the others play too, and the soak between
# them finds leaks before the search's copies multiply them; the last is likely to end the process.
EARLY = ("surroundings", "construction", "rollouts", "ways to the ends", "soak", "search")
LAST = "human rendering"
JUDGING = "judging"  # the chapter after the last probe


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
    place = {name: number - len(EARLY) for number, name in enumerate(EARLY)} | {LAST: 1}
    return tuple(sorted(found, key=lambda probe: (place.get(probe.name, 0), probe.name)))


@cache
def all_rules() -> tuple[Rule, ...]:
    """By code, third-party rules of the entry-point group `envkit.rules` included."""
    from importlib.metadata import entry_points

    rules = list(scan.constants("envkit.check.rules", "RULE", Rule).values())
    rules += [point.load() for point in entry_points(group="envkit.rules")]
    return tuple(sorted(rules, key=lambda rule: rule.code))


def gather(subject: Subject, skip: Mapping[str, str]) -> Evidence:
    """Runs every probe but those named in `skip` ({name: reason}), as long as there is time."""
    evidence, whole_episodes = Evidence(), Allowance(subject.budget.weary)
    for probe in all_probes():
        reason = skip.get(probe.name) or _blocked(evidence)
        if not reason:
            subject.begin(probe.name)
            reason = "the time was over" if subject.late else ""
        if reason:
            evidence.missing[probe.evidence] = reason
            continue
        with settings.kept():
            try:
                evidence.found[probe.evidence] = probe.run(subject)
            except Exception as error:  # noqa: BLE001 - a foreign space or object can break anything; that is no pass
                evidence.missing[probe.evidence] = f"the probe {probe.name} stumbled: {error_line(error)}"
            subject.close()
        if probe.name == "rollouts" and whole_episodes.spent:
            subject.spare()
    subject.begin(JUDGING)
    if Rollouts in evidence.found:
        records = tuple(driver.trace for driver in subject.drivers)
        rendered = evidence.found[Rendering].watched if Rendering in evidence.found else ()
        evidence.found[Rollouts] = replace(evidence.found[Rollouts], traces=records, rendered=rendered)
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
            findings += judged(rule, evidence.found)
        except CannotJudge as reason:
            not_judged[rule.code] = str(reason)
        except Exception as error:  # noqa: BLE001 - foreign objects can break any comparison; that is no pass
            not_judged[rule.code] = f"the rule stumbled over what the environment returned: {error_line(error)}"
    return Judgement(tuple(findings), not_judged)


def judged(rule: Rule, evidence: Mapping[type, Any]) -> list[Finding]:
    """What one rule says, stamped with its code, name and severity. Raises what the rule raises."""
    return [stamped(finding, rule) for finding in rule.check(*(evidence[kind] for kind in rule.needs))]


def stamped(finding: Finding, rule: Rule) -> Finding:
    return replace(
        finding,
        code=rule.code,
        name=rule.name,
        severity=min(finding.severity, rule.severity),
        program=with_numpy(finding.program),
    )


def explored(evidence: Evidence, rules: tuple[Rule, ...], known: Judgement, smallest: Smallest) -> list[Finding]:
    """What the search's records show beyond what is known, and what a fresh instance shows too.

    The search goes on from copies of the environment, which may not be faithful: so only what comes back counts.
    """
    rollouts, search = evidence.found.get(Rollouts), evidence.found.get(Search)
    if rollouts is None or search is None:
        return []
    records: dict[type, Any] = {Rollouts: replace(rollouts, traces=search.traces)}
    seen = {(finding.code, finding.kind) for finding in known.findings}
    new = []
    for rule in rules:
        if rule.needs != (Rollouts,) or rule.code in known.not_judged or rule.whole:
            continue
        with contextlib.suppress(Exception):  # the rule has spoken about the rollouts; here only what it finds counts
            for finding in judged(rule, records):
                again = None if (finding.code, finding.kind) in seen else smallest.confirmed(finding, rule)
                if again:
                    new.append(stamped(again, rule))
    return new
