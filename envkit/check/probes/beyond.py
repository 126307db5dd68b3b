"""Plays episodes that are known to end once more, and goes on past their end with different actions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from envkit.check.acting.actions import all_actions, seeded
from envkit.check.judging import fingerprint
from envkit.check.judging.fingerprint import Opaque
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case, case_of
from envkit.core.compare import same
from envkit.core.trace import Step, Trace, is_true

MOST_EPISODES = {"terminated": 6, "truncated": 3}
MOST_WAYS = {"terminated": 4, "truncated": 2}  # different actions that are tried after an end
FURTHER = 3  # steps after an end, with the same action


@dataclass(frozen=True)
class Beyond:
    """One episode, played on past its end.

    Args:
      traces: the same episode on fresh instances; the steps after its end are another action's in each.
      noticed: whether some attribute of the environment changed only with the end: it knows that the episode is over.
    """

    traces: tuple[Trace, ...]
    noticed: bool

    @property
    def end(self) -> Step:
        """The step that ended it."""
        return next(step for step in self.traces[0].steps if step.ended)

    def first(self) -> Iterator[Step]:
        """The first step beyond the end, for each action that was not refused."""
        for trace in self.traces:
            yield from [step for step in trace.steps if step.beyond][:1]


@dataclass(frozen=True)
class Ends:
    """Episodes that were played on, and the records of all honest episodes that were known by then."""

    beyond: tuple[Beyond, ...]
    traces: tuple[Trace, ...]


def run(subject: Subject) -> Ends:
    traces = tuple(driver.trace for driver in subject.drivers)
    found = [*_ended(subject, traces, "terminated"), *_ended(subject, traces, "truncated")]
    return Ends(tuple(found), traces)


def _ended(subject: Subject, traces: tuple[Trace, ...], flag: str) -> Iterator[Beyond]:
    left, wanted = subject.budget.twin_steps * 6, MOST_EPISODES[flag]
    for case in _cases(traces, flag):
        if not wanted or left <= 0 or subject.late:
            return
        beyond, cost = _played_on(subject, case, MOST_WAYS[flag])
        left -= cost
        if beyond:
            wanted -= 1
            yield beyond


def _cases(traces: tuple[Trace, ...], flag: str) -> Iterator[Case]:
    """Episodes that began with a seed and ended in this way, the shortest first, not two that ended alike."""
    ended = [(step.number, number, step) for number, trace in enumerate(traces) for step in trace.steps]
    ended = [(n, number, step) for n, number, step in ended if ended_by(step) == flag and not step.beyond]
    seen: list[Any] = []
    for _, number, step in sorted(ended, key=lambda end: end[:2]):
        trace = traces[number]
        begin = trace.beginning(step.index)
        key = (step.observation, step.action, trace.calls[begin].arguments.get("seed"))
        case = case_of(trace.calls[: step.index + 1], begin)
        if begin and case and not any(same(key, other) for other in seen):
            seen.append(key)
            yield case


def ended_by(step: Step) -> str:
    """terminated, else truncated, else an empty text."""
    return "terminated" if is_true(step.terminated) else "truncated" if is_true(step.truncated) else ""


def _played_on(subject: Subject, case: Case, most: int) -> tuple[Beyond | None, int]:
    """What was seen, and how many steps it took; None where the episode does not end in the same way again."""
    space = seeded(subject.action_space, subject.rng(400))
    ways = (all_actions(subject.action_space) or [space.sample() for _ in range(most)])[:most]
    traces, noticed, cost = [], True, 0
    for way in ways:
        driver = subject.open("played on past the end")
        changes = _play(driver, case)
        cost += driver.steps
        if not driver.ended:
            driver.finish()
            return None, cost
        noticed = noticed and changes
        for _ in range(FURTHER):
            if driver.ok:
                driver.step(way)
        traces.append(driver.finish())
    return Beyond(tuple(traces), noticed), cost


def _play(driver: Driver, case: Case) -> bool:
    """Plays the episode; returns whether an attribute that had kept its value since the reset changed at its end."""
    if driver.ok:
        driver.reset(seed=case.last.seed)
    tables = fingerprint.tables(driver.raw) if driver.alive else {}
    before, steady = _attributes(driver, tables), None
    for action in case.last.actions:
        if not driver.playing:
            break
        driver.step(action)
        if driver.ended:
            break
        after = _attributes(driver, tables)
        same_still = {name for name in after if before.get(name) == after[name]}
        steady = same_still if steady is None else steady & same_still
        before = after
    after = _attributes(driver, tables) if driver.ended else {}
    return any(name in after and before.get(name) != after[name] for name in steady or ())


def _attributes(driver: Driver, tables: fingerprint.Tables) -> dict[str, bytes]:
    try:
        return fingerprint.attributes(driver.raw, tables) if driver.alive else {}
    except Opaque:
        return {}


PROBE = Probe("steps beyond the end", Ends, run)
