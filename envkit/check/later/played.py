"""What the child process does to try findings again: plays their cases, or makes the calls that ended a process."""

import contextlib
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from envkit.check import engine
from envkit.check.acting.echoes import Echoes
from envkit.check.budget import Budget
from envkit.check.later.program import Asked
from envkit.check.model import Finding, Probe, Rule
from envkit.check.process import readings
from envkit.check.session import prepare
from envkit.check.subject import Subject
from envkit.core.codec import NotPlain
from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef
from envkit.isolate.ledger import Ledger


def playable(rule: Rule, finding: Finding) -> bool:
    """Whether playing the finding's case says whether it is still there."""
    if finding.case is None or rule.whole:
        return False
    with contextlib.suppress(NotPlain):
        finding.case.to_json()
        return all(kind in _probes() and _probes()[kind].replay for kind in rule.needs)
    return False


def replay(
    ledger: Ledger | None, *, ref: EnvRef, cases: Mapping[str, dict[str, Any]], seed: int, budget: str
) -> dict[str, Any]:
    """Plays the cases of findings on fresh instances, and judges each by its rule.

    Returns: {key: {"message": ..., "program": ...}} for what shows itself again; {"usage": text} as `examine`.
    """
    echoes, before = Echoes(ref), readings.read()
    with echoes, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        subject = Subject(ref, Budget(), seed, ledger, before=before, echoes=echoes)
        look = subject.open("first look")
        error = look.calls[0].error
        if isinstance(error, UsageError):
            return {"usage": str(error)}
        if error is not None:
            return {}
        prepare(subject, look, budget, None)
        rules = {rule.code: rule for rule in engine.all_rules()}
        answers: dict[str, Any] = {}
        for key, data in cases.items():
            subject.begin(key)
            finding = Finding.from_json(data)
            with contextlib.suppress(Exception):  # whatever a rule stumbles over: then it says nothing
                found = _found(subject, finding, rules[finding.code])
                if found:
                    answers[key] = {"message": found[0].message, "program": found[0].program}
    return answers


def _found(subject: Subject, finding: Finding, rule: Rule) -> list[Finding]:
    """What the rule says about the case now, most alike first. Raises what the rule raises."""
    scratch = subject.scratch()
    try:
        evidence = {kind: _replayed(_probes()[kind], scratch, finding) for kind in rule.needs}
        found = engine.judged(rule, evidence)
    finally:
        scratch.close()
    return sorted(found, key=lambda other: other.kind != finding.kind)


def _replayed(probe: Probe, scratch: Subject, finding: Finding) -> Any:
    assert probe.replay is not None
    return probe.replay(scratch, finding.case)


def relive(ledger: Ledger | None, *, ref: EnvRef, calls: Sequence[Asked]) -> str | None:
    """Makes the calls on a fresh instance. Returns: why the reference cannot be made, if that is the caller's fault."""
    made, *rest = calls
    arguments = {"render_mode": made.arguments["render_mode"]} if "render_mode" in made.arguments else {}
    driver = Subject(ref, ledger=ledger).open("again", **arguments)
    error = driver.calls[0].error
    if isinstance(error, UsageError):
        return str(error)
    for asked in rest:
        if not driver.alive:
            return None
        if asked.method == "step":
            driver.step(asked.arguments["action"])
        elif asked.method == "reset":
            driver.reset(**asked.arguments)
        else:
            getattr(driver, asked.method)()
    return None


def _probes() -> dict[type, Probe]:
    return {probe.evidence: probe for probe in engine.all_probes()}
