"""Tries different actions in the same state, by copies made in mid-episode, and looks whether they ever differ.

Each copy takes one of the actions and then the same actions as the others. What has been told apart once is not tried
again, so that this costs little where every action counts.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.check.acting.actions import BURSTS, RANDOM, all_actions, script, seeded, strategies
from envkit.check.acting.copies import faithful
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject
from envkit.core.compare import first_difference
from envkit.core.trace import Trace

POINTS = 120  # states in which actions are compared
DRAWN = 4  # actions of a space that is neither Discrete nor an array
WAYS = 6  # of acting, on the way through them
AFTERWARDS = 6  # steps for which the copies then do the same
LATE = 45  # steps of an episode after which the questions are asked once more
MOST_ACTIONS, MOST_ENTRIES = 10, 6
FRACTIONS = (1.0, 0.5, 0.1, 0.01)  # of the range of an entry of a Box

Result = list[Any]


@dataclass(frozen=True)
class Question:
    """Two ways to change an action, which may come to the same.

    Args:
      name: the two in words.
      ways: (the action that was drawn) -> the one to be taken, of either.
      part: what of the action is in question; for Discrete the pair of actions, for others the entry.
      drawn: whether the actions are just some of many.
      fraction: of the entry's bound that the second one takes; None where it takes the other bound.
    """

    name: str
    ways: tuple[Callable[[Any], Any], Callable[[Any], Any]]
    part: Any
    fraction: float | None = None
    drawn: bool = False


@dataclass
class Answer:
    """In how many states two ways were compared, in how many of them anything moved, and whether they ever differed."""

    question: Question
    compared: int = 0
    moved: int = 0
    differed: bool = False


@dataclass(frozen=True)
class Alternatives:
    """What came of the questions; none where the environment cannot be copied, or its copies play on differently.

    Args:
      late: the same questions, asked only after `LATE` steps of an episode.
      trace: one of the records, for a program.
    """

    answers: tuple[Answer, ...] = ()
    late: tuple[Answer, ...] = ()
    trace: Trace = field(default_factory=lambda: Trace(""))


def run(subject: Subject) -> Alternatives:
    asked = questions(subject.action_space) or _of_drawn(subject)
    answers, late = [Answer(question) for question in asked], [Answer(question) for question in asked]
    left = subject.budget.twin_steps * 20
    if not answers or subject.budget.search_steps < 10 or not faithful(subject):
        return Alternatives()
    ways = [RANDOM, BURSTS, *strategies(subject.action_space)][:WAYS]
    driver = None
    for number, name in enumerate(ways):
        driver = subject.open("actions compared", honest=False)
        actions = script(subject.action_space, name, subject.rng(500 + number), subject.budget.twin_steps)
        for step, action in enumerate(actions):
            open_still = [a for a in (late if driver.steps >= LATE else answers) if not a.differed]
            if not driver.ok or left <= 0:
                break
            if driver.ended:
                driver.reset(seed=70 + 10 * number + step)
            if open_still and step % max(1, len(actions) * len(ways) // POINTS) == 0 and driver.playing:
                steps = _compared(driver, action, open_still)
                if not steps:
                    return Alternatives()
                left -= steps
            if driver.playing:
                driver.step(action)
        driver.finish()
    return Alternatives(tuple(answers), tuple(late), driver.trace if driver else Trace(""))


def questions(space: spaces.Space[Any]) -> list[Question]:
    """Every pair of a few actions; each entry of an array, at one bound and at the other, and at parts of its range."""
    if isinstance(space, spaces.Discrete):
        few = all_actions(space)[:MOST_ACTIONS]
        return [Question(f"{a} and {b}", (_always(a), _always(b)), (int(a), int(b))) for a, b in combinations(few, 2)]
    if isinstance(space, spaces.Box) and space.dtype.kind == "f" and space.is_bounded() and space.low.ndim == 1:
        return list(_of_box(space))
    if isinstance(space, spaces.MultiDiscrete) and space.nvec.ndim == 1 and len(space.nvec) <= MOST_ENTRIES:
        entries = [index for index, count in enumerate(space.nvec) if count > 1]
        return [
            Question(f"entry {i}", (_entry(i, space.start[i]), _entry(i, space.start[i] + space.nvec[i] - 1)), i)
            for i in entries
        ]
    return []


def _of_drawn(subject: Subject) -> list[Question]:
    """A few actions of a space of another kind, in pairs."""
    space = seeded(subject.action_space, subject.rng(499))
    some = [space.sample() for _ in range(DRAWN)]
    pairs = combinations(range(DRAWN), 2)
    return [Question("drawn", (_always(some[i]), _always(some[j])), (i, j), drawn=True) for i, j in pairs]


def _of_box(space: spaces.Box) -> Iterator[Question]:
    for index in range(min(len(space.low), MOST_ENTRIES)):
        low, high = float(space.low[index]), float(space.high[index])
        if low == high:
            continue
        yield Question(f"entry {index}", (_entry(index, low), _entry(index, high)), index)
        for fraction in FRACTIONS[1:] if low < 0 < high else ():
            yield Question(f"entry {index}", (_entry(index, high), _entry(index, high * fraction)), index, fraction)


def _always(action: Any) -> Callable[[Any], Any]:
    return lambda _: copy.deepcopy(action)


def _entry(index: int, value: Any) -> Callable[[Any], Any]:
    def change(action: Any) -> Any:
        changed = np.array(action)
        changed[index] = value
        return changed

    return change


def _compared(driver: Driver, action: Any, answers: Sequence[Answer]) -> int:
    """Answers the questions in the state in which the instance is; returns how many steps it took, 0 without copies."""
    space = seeded(driver.subject.action_space, driver.subject.rng(600 + len(driver.calls)))
    rest = [space.sample() for _ in range(AFTERWARDS)]
    before = driver.calls[-1].copy[0] if isinstance(driver.calls[-1].copy, tuple) else None
    known: dict[str, Result | None] = {}
    for answer in answers:
        results = []
        for way in answer.question.ways:
            first = way(action)
            key = repr(first)
            if key not in known:
                known[key] = _result(driver, [first, *rest])
            results.append(known[key])
        one, other = results
        if one is None or other is None:
            return 0
        answer.compared += 1
        answer.moved += bool(first_difference(before, one[0][0]))
        answer.differed = bool(first_difference(one, other, "result"))
    return len(known) * (AFTERWARDS + 1)


def _result(driver: Driver, actions: Sequence[Any]) -> Result | None:
    """What a copy returns for the actions, infos left out; None where there can be no copy."""
    try:
        twin = driver.adopt(copy.deepcopy(driver.env), "actions compared")
    except Exception:  # noqa: BLE001 - it cannot be copied, which another probe reports
        return None
    found: Result = []
    for action in actions:
        if not twin.playing:
            break
        call = twin.step(action)
        if not isinstance(call.copy, tuple) or len(call.copy) != 5:
            return None
        found.append(call.copy[:4])
    return found


PROBE = Probe("alternatives", Alternatives, run)
