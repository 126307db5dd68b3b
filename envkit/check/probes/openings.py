"""Begins episodes in every possible way: all short sequences of actions, each from a reset."""

import itertools
from typing import Any

from envkit.check.acting.actions import all_actions
from envkit.check.model import Probe
from envkit.check.subject import Subject
from envkit.core.trace import Trace

SHARE, LONGEST = 5, 8  # of the steps of the rollouts; of a sequence
SEED = 41


class Openings(tuple[Trace, ...]):
    """The records; they are judged with all others of honest use."""


def run(subject: Subject) -> Openings:
    actions = all_actions(subject.action_space)
    length = _length(len(actions), subject.budget.steps // SHARE)
    if not length or subject.budget.frugal:  # where a reset may cost as much as making an instance
        return Openings()
    driver = subject.open("every opening")
    for opening in itertools.product(actions, repeat=min(length, subject.budget.longest)):
        if not driver.ok:
            driver.finish()
            break
        _play(driver, opening)
    return Openings((driver.finish(),))


def _length(actions: int, steps: int) -> int:
    """How long the sequences can be, so that all of them together take so many steps; 0 for fewer than two."""
    if actions < 2:
        return 0
    longest = max((n for n in range(LONGEST + 1) if n * actions**n <= steps), default=0)
    return longest if longest > 1 else 0


def _play(driver: Any, opening: tuple[Any, ...]) -> None:
    driver.reset(seed=SEED)
    for action in opening:
        if not driver.playing:
            break
        driver.step(action)


PROBE = Probe("openings", Openings, run)
