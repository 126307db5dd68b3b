"""What the child process does: gathers, judges, shortens, and answers in plain JSON types."""

import math
import sys
import time
import warnings
from collections.abc import Mapping
from typing import Any

from gymnasium import Space

from envkit.check import engine
from envkit.check.acting.actions import RANDOM, script
from envkit.check.acting.echoes import Echoes
from envkit.check.budget import COSTLY_SECONDS, LIFE_SECONDS, Budget, suited_to
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.search import Search
from envkit.check.process import readings, settings, unraisable
from envkit.check.shortening.folding import folded
from envkit.check.shortening.smallest import Smallest
from envkit.check.source import source_of
from envkit.check.subject import Driver, Subject, copied
from envkit.core import scan
from envkit.core.errors import UsageError
from envkit.core.finding import Finding
from envkit.core.ref import EnvRef
from envkit.isolate.ledger import Ledger
from envkit.isolate.waiting import delayed

LOOK_STEPS, LIFE_LOOKS = 6, 4
STILL = 0.8  # of what the look before took; where no more is gained another one would say the same
BUSY = 4.0  # times as long as alone may a step take among others
SWITCH_SECONDS = 2e-4  # after which one thread gives way to another; else a busy one of the environment's takes all
COSTING = "what an instance costs"  # the chapter before the first probe
SHORTENING = "shortening"  # the chapter after the last probe
COUNTED = ("instances", "episodes", "steps", "terminated", "truncated", "renders")


def examine(
    ledger: Ledger | None,
    *,
    ref: EnvRef,
    codes: list[str],
    seed: int,
    budget: str,
    skip: Mapping[str, str],
    longest: int | None,
) -> dict[str, Any]:
    """Checks one environment; no episode is played longer than `longest` steps.

    Returns: {"usage": text} when the reference cannot be made for a reason that is not the environment's; else
    {"findings": [...], "not_judged": {code: reason}, "coverage": {...}, "source": {...}}.
    """
    echoes = Echoes(ref)
    before = readings.read()
    with (
        echoes,
        settings.kept(),
        unraisable.heard() as ignored,
        warnings.catch_warnings(record=True) as heard,
    ):
        warnings.simplefilter("always")
        sys.setswitchinterval(SWITCH_SECONDS)
        subject = Subject(ref, Budget(), seed, ledger, heard=heard, ignored=ignored, before=before, echoes=echoes)
        look = subject.open("first look")
        error = look.calls[0].error
        if isinstance(error, UsageError):
            return {"usage": str(error)}
        prepare(subject, look, budget, longest, begin=COSTING not in skip)
        evidence = engine.gather(subject, skip)
        rules = tuple(rule for rule in engine.all_rules() if rule.code in codes)
        judgement = engine.judge(evidence, rules)
        findings = list(judgement.findings)
        subject.begin(SHORTENING)
        if SHORTENING not in skip:
            smallest = Smallest(subject, {probe.evidence: probe for probe in engine.all_probes()})
            findings += engine.explored(evidence, rules, judgement, smallest)
            findings = _short(findings, rules, smallest, subject.budget.shorten_steps)
        findings = folded(findings, {rule.code: rule for rule in rules})
    return {
        "findings": [finding.to_json() for finding in findings],
        "not_judged": dict(judgement.not_judged),
        "coverage": _coverage(subject, evidence, longest),
        "source": source_of(look.env),
    }


def ready() -> None:
    """Loads the kit's own probes and rules; other rules may come from the package that is to be examined."""
    engine.all_probes()
    for _ in scan.modules("envkit.check.rules"):
        pass


def prepare(subject: Subject, look: Driver, budget: str, longest: int | None, *, begin: bool = True) -> None:
    """Takes a first look at the instance, and sets spaces, budget and deadline by it.

    Args:
      begin: whether more instances may be begun, to see what that costs; not where it is known to end the process.
    """
    pace = _step_seconds(look) if longest is None or longest >= LOOK_STEPS else 0.0
    subject.action_space = copied(getattr(look.env, "action_space", None))
    subject.observation_space = copied(getattr(look.env, "observation_space", None))
    subject.level = budget
    life = _life_seconds(subject, begin)
    subject.costs = f" ({1e3 * life:.3g} ms an instance, {1e3 * pace:.3g} ms a step)"
    subject.budget = suited_to(budget, subject.observation_space, life, pace).kept_to(longest)
    subject.deadline = time.monotonic() + subject.budget.seconds


def _life_seconds(subject: Subject, begin: bool) -> float:
    """The least time that it takes to be made, begun and closed; what seems to cost much is looked at again.

    Some are only begun by the first reset: they start a simulator there, or load what they need. The first instance,
    which may have loaded things for all, does not count. One hiccup of a busy machine must not make an environment
    costly, for that would leave most of its faults unseen.
    """
    subject.close()
    subject.begin(COSTING)
    life = math.inf
    for number in range(LIFE_LOOKS):
        pace = Pace()
        look = subject.open("second look" if number == 0 else "another look")
        if begin:
            look.reset(seed=0)
        subject.close()
        before, life = life, min(life, pace.of(sum(call.seconds for call in look.calls)))
        if life <= COSTLY_SECONDS or life > 2 * LIFE_SECONDS or life > STILL * before:
            break
    return life


class Pace:
    """From now on: what the thread itself worked, unless it mostly waited for something else than a processor.

    So a busy machine does not make a slow environment.
    """

    def __init__(self) -> None:
        self._worked, self._delayed = time.thread_time(), delayed() or 0.0

    def of(self, passed: float) -> float:
        """Seconds of calls that took so long in all."""
        worked = time.thread_time() - self._worked
        awake = passed - ((delayed() or 0.0) - self._delayed)
        return min(passed, worked) if awake < BUSY * worked else awake


def _step_seconds(look: Driver) -> float:
    """The least time of the first steps; 0 where they cannot be taken."""
    space = getattr(look.env, "action_space", None)
    if not look.ok or not isinstance(space, Space):
        return 0.0
    look.reset(seed=0)
    try:
        actions = script(space, RANDOM, look.subject.rng(), LOOK_STEPS) if look.ok else []
    except Exception:  # noqa: BLE001 - a foreign space; the probes will say so
        return 0.0
    times = []
    for action in actions:
        if look.playing:
            pace = Pace()
            times.append(pace.of(look.step(action).seconds))
    return min(times, default=0.0)


def _short(findings: list[Finding], rules: Any, smallest: Smallest, allowance: int) -> list[Finding]:
    """Each finding made short; all together may take so many steps, the errors first."""
    rule_of = {rule.code: rule for rule in rules}
    order = sorted(range(len(findings)), key=lambda number: (-findings[number].severity, number))
    done: dict[int, Finding] = {}
    for place, number in enumerate(order):
        finding, rule = findings[number], rule_of[findings[number].code]
        share = max(allowance // (len(order) - place), 0)
        if rule.whole:
            done[number] = finding
            continue
        done[number] = engine.stamped(smallest.of(finding, rule, share), rule)
        allowance -= share - max(smallest.left, 0)
    return [done[number] for number in range(len(findings))]


def _coverage(subject: Subject, evidence: engine.Evidence, longest: int | None) -> dict[str, Any]:
    coverage: dict[str, Any] = {name: int(subject.counts[name]) for name in COUNTED}
    search = evidence.found.get(Search)
    if search and search.states:
        coverage |= {"states": search.states, "actions": search.actions, "proved": search.proved}
    if longest:
        coverage["longest"] = longest
    if subject.cut:
        coverage["cut"] = list(subject.cut)
    if Rollouts in evidence.found:
        coverage["strategies"] = len(evidence.found[Rollouts].watched)
    return coverage
