"""Goes back in time where an environment offers it: plays on from `get_state()`, and again after `set_state(state)`.

The two methods are an optional protocol, so only an environment with both is asked, and only if `set_state` takes one
argument: some libraries use that name for something else. Wrappers have states of their own, such as the clock of a
time limit, so from the saved place on the environment is played without them.
"""

import inspect
from dataclasses import dataclass
from typing import Any

from envkit.check.acting.actions import BURSTS, RANDOM, script
from envkit.check.acting.untouched import untouched
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case, Episode
from envkit.core.trace import Call, Trace

SEED = 19
SAVED = (0, 4, 11)  # steps after which the state is saved
AFTER = 8  # steps that are then played, twice


@dataclass(frozen=True)
class Restored:
    """One return to a saved state.

    Args:
      made: the record until the state was saved.
      first, again: the calls after that, and after the state was restored; the same actions.
      undisturbed: the calls of a plain episode from there on.
      error: what saving or restoring raised, and `method` which of the two.
    """

    made: Trace
    first: tuple[Call, ...] = ()
    again: tuple[Call, ...] = ()
    undisturbed: tuple[Call, ...] = ()
    error: BaseException | None = None
    method: str = ""


@dataclass(frozen=True)
class Restoring:
    """All returns; none where the environment does not offer any."""

    returns: tuple[Restored, ...]


def run(subject: Subject) -> Restoring:
    steps = min(max(SAVED) + AFTER, subject.budget.twin_steps)
    names = (BURSTS, RANDOM)[: 1 if subject.budget.frugal else 2]
    points = SAVED[:1] if subject.budget.frugal else SAVED
    found = []
    for name in names:
        episode = Episode(SEED, tuple(script(subject.action_space, name, subject.rng(93), steps)))
        for point in points:
            if not _offered(subject):
                return Restoring(())
            found.append(_restored(subject, episode, point))
    return Restoring(tuple(found))


def replay(subject: Subject, case: Case) -> Restoring:
    """The state is saved before the last actions of the last episode."""
    steps = len(case.last.actions)
    return Restoring(tuple(_restored(subject, case.last, point) for point in range(max(0, steps - AFTER), steps)))


def _offered(subject: Subject) -> bool:
    known = next((driver for driver in subject.drivers if driver.env is not None), None)
    return known is not None and _offers(known.raw)


def _offers(env: Any) -> bool:
    methods = [getattr(env, name, None) for name in ("get_state", "set_state")]
    return all(map(callable, methods)) and all(map(_takes, methods, (0, 1)))


def _takes(method: Any, count: int) -> bool:
    try:
        inspect.signature(method).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def _restored(subject: Subject, episode: Episode, steps: int) -> Restored:
    plain = untouched(subject, [episode]).clean.calls[2 + steps :]  # after those that make it and begin the episode
    driver = subject.open("brought back", honest=False)
    if driver.ok:
        driver.reset(seed=episode.seed)
    _play(driver, episode.actions[:steps])
    made = driver.trace
    if not driver.playing or not _offers(driver.raw):
        return Restored(made)
    bare = driver.adopt(driver.raw, "without its wrappers")
    saved = bare.call("get_state", {}, bare.env.get_state, keep=False)  # type: ignore[attr-defined]
    if saved.error is not None:
        return Restored(made, error=saved.error, method="get_state")
    first = _played(bare, episode.actions[steps:])
    back = bare.call("set_state", {}, lambda: bare.env.set_state(saved.result), keep=False)  # type: ignore[attr-defined]
    if back.error is not None:
        return Restored(made, error=back.error, method="set_state")
    bare.ended, bare.steps = False, steps
    again = _played(bare, episode.actions[steps:][: len(first)])
    return Restored(made, first, again, plain)


def _played(driver: Driver, actions: tuple[Any, ...]) -> tuple[Call, ...]:
    begin = len(driver.calls)
    _play(driver, actions)
    return tuple(driver.calls[begin:])


def _play(driver: Driver, actions: tuple[Any, ...]) -> None:
    for action in actions:
        if driver.playing:
            driver.step(action)


PROBE = Probe("going back", Restoring, run, replay)
