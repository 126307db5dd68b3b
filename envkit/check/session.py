"""What the child process does: gathers, judges, and answers in plain JSON types."""

import warnings
from collections.abc import Mapping
from typing import Any

from envkit.check import engine
from envkit.check.subject import Budget, Subject
from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef
from envkit.isolate.ledger import Ledger


def examine(
    ledger: Ledger | None, *, ref: EnvRef, codes: list[str], seed: int, skip: Mapping[str, str]
) -> dict[str, Any]:
    """Checks one environment.

    Returns: {"usage": text} when the reference cannot be made for a reason that is not the environment's; else
    {"findings": [...], "not_judged": {code: reason}, "coverage": {...}}.
    """
    subject = Subject(ref, Budget(), seed, ledger)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Gymnasium's own warnings say less than the rules do, and would drown them
        try:
            evidence = engine.gather(subject, skip)
        except UsageError as error:
            return {"usage": str(error)}
        rules = tuple(rule for rule in engine.all_rules() if rule.code in codes)
        judgement = engine.judge(evidence, rules)
    names = ("instances", "episodes", "steps", "terminated", "truncated", "renders")
    return {
        "findings": [finding.to_json() for finding in judgement.findings],
        "not_judged": dict(judgement.not_judged),
        "coverage": {name: int(subject.counts[name]) for name in names},
    }
