"""Plays the same episode with the actions in the forms in which learners and people give them: int, np.int64, np.int32,
an array without dimensions; arrays that must not be written to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.check.acting.actions import BURSTS
from envkit.check.acting.untouched import comparable, untouched
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject, copied
from envkit.core.case import Case, Episode
from envkit.core.trace import Trace

SEED = 31
MOST_STEPS = 40
FORMS: Mapping[str, Callable[[Any], Any]] = {
    "an int": int,
    "an array without dimensions": np.asarray,
    "an np.int32": np.int32,
}


@dataclass(frozen=True)
class ActionsGiven:
    """The same episodes: twice with actions as the space samples them, and in other forms by name."""

    sampled: Trace
    again: Trace
    forms: Mapping[str, Trace]


def run(subject: Subject) -> ActionsGiven:
    return _given(subject, comparable(subject, SEED, BURSTS, 610, MOST_STEPS))


def replay(subject: Subject, case: Case) -> ActionsGiven:
    return _given(subject, case.last)


def _given(subject: Subject, episode: Episode) -> ActionsGiven:
    forms = dict(islice(_forms(subject.action_space).items(), subject.budget.variants))
    sampled = untouched(subject, [episode])
    again = sampled.again if forms else sampled.clean
    given = {name: _play(subject, name, episode, form) for name, form in forms.items()}
    return ActionsGiven(sampled.clean, again, given)


def _forms(space: spaces.Space[Any]) -> Mapping[str, Callable[[Any], Any]]:
    if isinstance(space, spaces.Discrete):
        small = abs(int(space.start)) + int(space.n) < 2**31
        return FORMS if small else {"an int": int}
    if isinstance(space, spaces.Box | spaces.MultiBinary | spaces.MultiDiscrete):
        return {"an array that must not be written to": read_only}
    return {}


def read_only(action: Any) -> Any:
    """A copy of the array that raises when it is written to."""
    closed = np.array(action)
    closed.flags.writeable = False
    return closed


def _play(subject: Subject, name: str, episode: Episode, form: Callable[[Any], Any]) -> Trace:
    driver = subject.open(f"actions given {name}", honest=False)
    if driver.ok:
        driver.reset(seed=episode.seed)
    for action in episode.actions:
        if not driver.playing:
            break
        _step(driver, form(copied(action)))
    return driver.finish()


def _step(driver: Driver, given: Any) -> None:
    driver.step(given, lend=True)


PROBE = Probe("actions in other forms", ActionsGiven, run, replay)
