"""What the child process does: gathers, judges, and answers in plain JSON types."""

import statistics
import warnings
from collections.abc import Mapping
from typing import Any

from gymnasium import Space

from envkit.check import engine
from envkit.check.actions import RANDOM, script
from envkit.check.probes import surroundings
from envkit.check.subject import Budget, Driver, Subject
from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef
from envkit.isolate.ledger import Ledger

LOOK_STEPS = 3


def examine(
    ledger: Ledger | None, *, ref: EnvRef, codes: list[str], seed: int, skip: Mapping[str, str], longest: int | None
) -> dict[str, Any]:
    """Checks one environment; no episode is played longer than `longest` steps.

    Returns: {"usage": text} when the reference cannot be made for a reason that is not the environment's; else
    {"findings": [...], "not_judged": {code: reason}, "coverage": {...}}.
    """
    before = surroundings.read()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Gymnasium's own warnings say less than the rules do, and would drown them
        look = Subject(ref, Budget(), seed, ledger).open("first look")
        error = look.calls[0].error
        if isinstance(error, UsageError):
            return {"usage": str(error)}
        pace = _step_seconds(look) if longest is None or longest >= LOOK_STEPS else 0.0
        budget = Budget.suited_to(getattr(look.env, "observation_space", None), pace).kept_to(longest)
        look.finish()
        subject = Subject(ref, budget, seed, ledger, before)
        evidence = engine.gather(subject, skip)
        rules = tuple(rule for rule in engine.all_rules() if rule.code in codes)
        judgement = engine.judge(evidence, rules)
    names = ("instances", "episodes", "steps", "terminated", "truncated", "renders")
    return {
        "findings": [finding.to_json() for finding in judgement.findings],
        "not_judged": dict(judgement.not_judged),
        "coverage": {name: int(subject.counts[name]) for name in names} | ({"longest": longest} if longest else {}),
    }


def _step_seconds(look: Driver) -> float:
    """The median time of the first steps; 0 where they cannot be taken."""
    space = getattr(look.env, "action_space", None)
    if not look.ok or not isinstance(space, Space):
        return 0.0
    look.reset(seed=0)
    try:
        actions = script(space, RANDOM, look.subject.rng(), LOOK_STEPS) if look.ok else []
    except Exception:  # noqa: BLE001 - a foreign space; the probes will say so
        return 0.0
    times = [look.step(action).seconds for action in actions if look.ok and not look.ended]
    return statistics.median(times) if times else 0.0
