"""Uses an instance as loops do: resets in mid-episode, steps past the end, copies, closes twice."""

import copy
import pickle
from dataclasses import dataclass
from typing import Any

import cloudpickle

from envkit.check.acting.actions import BURSTS, RANDOM, all_actions, script, strategies
from envkit.check.acting.untouched import comparable, untouched
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case, Episode
from envkit.core.trace import Call, Trace

SEED = 13
ABORTED = (0, 1, 3, 10, 30)  # steps after which an episode is given up
FEW_STEPS = 3  # instead, where instances cost much
COPIED = (0, 5, 12, 40)  # steps after which a copy is made
AFTER = 10  # steps that original and copy then play
BEYOND = 4


@dataclass(frozen=True)
class Twin:
    """A copy made in mid-episode.

    Args:
      how: copy.deepcopy or pickle.
      made: the record until the copy was made.
      original, copied: the calls after that, the same on both; empty where the copy could not be made.
      undisturbed: the original's calls from there on in a run without a copy.
      error: what copying raised.
      plain: what `pickle.dumps` raised, where cloudpickle, as worker processes use it, did not.
    """

    how: str
    made: Trace
    original: tuple[Call, ...] = ()
    copied: tuple[Call, ...] = ()
    undisturbed: tuple[Call, ...] = ()
    error: BaseException | None = None
    plain: BaseException | None = None


@dataclass(frozen=True)
class Lifecycle:
    """The records.

    Args:
      past_end: for some ways of acting an episode to its end, steps beyond it, and a reset.
      closed: made and closed; reset, stepped and closed twice.
      twins: copies.
    """

    past_end: tuple[Trace, ...]
    closed: tuple[Trace, ...]
    twins: tuple[Twin, ...]


def run(subject: Subject) -> Lifecycle:
    actions = script(subject.action_space, BURSTS, subject.rng(90), subject.budget.episode_steps)
    closed = _all_in_one(subject, actions) if subject.budget.frugal else _midway_and_closed(subject, actions)
    return Lifecycle(_past_end(subject), closed, _twins(subject, actions))


def replay(subject: Subject, case: Case) -> Lifecycle:
    """Every episode is played on past its end; a copy is made before the last actions of the last one."""
    driver = subject.open("steps past the end", **case.arguments)
    for episode in case.episodes:
        if driver.env is not None:
            driver.reset(seed=episode.seed)
        for action in episode.actions:
            if driver.ok or driver.ended:  # beyond the end a refusal is no reason to stop
                driver.step(action)
    steps = len(case.last.actions)
    points = {max(0, steps - 1), steps}
    twins = (twin for point in sorted(points) for twin in _copies(subject, case.last, point))
    return Lifecycle((driver.finish(),), (), tuple(twins))


def _all_in_one(subject: Subject, actions: list[Any]) -> tuple[Trace, ...]:
    """A first reset without a seed, one at once after it, one in mid-episode; closed twice.

    An instance that is closed unused was among the first looks.
    """
    driver = subject.open("resets in mid-episode, closed twice")
    for seed, steps in ((None, 0), (SEED, FEW_STEPS), (None, 1)):
        if driver.ok:
            driver.reset(seed=seed)
        _play(driver, actions[:steps])
    for _ in range(2):
        if driver.ok:
            driver.close()
    return (driver.trace,)


def _midway_and_closed(subject: Subject, actions: list[Any]) -> tuple[Trace, ...]:
    """Its records are judged with all others."""
    unseeded = subject.open("first reset without a seed")
    if unseeded.ok:
        unseeded.reset()
    unseeded.finish()
    driver = subject.open("resets in mid-episode")
    for steps in (min(n, subject.budget.episode_steps) for n in ABORTED):
        for _ in range(2):
            if driver.ok:
                driver.reset(seed=SEED + steps)
        for action in actions[:steps]:
            if driver.playing:
                driver.step(action)
    if driver.ok:
        driver.reset()
    return _closed(subject, actions)


def _past_end(subject: Subject) -> tuple[Trace, ...]:
    steps = subject.budget.episode_steps
    names = [] if subject.budget.frugal else list(strategies(subject.action_space))[: min(6, subject.budget.strategies)]
    scripts = [
        Episode(SEED + number, tuple(script(subject.action_space, name, subject.rng(91), steps)))
        for number, name in enumerate(names)
    ]
    found = []
    for episode in subject.endings(steps) or scripts:
        driver = subject.open("steps past the end")
        actions = episode.actions
        if driver.ok:
            driver.reset(seed=episode.seed)
        for action in actions:
            if not driver.playing:
                break
            driver.step(action)
        if driver.ended and driver.ok:
            for action in actions[: max(0, min(BEYOND, subject.budget.episode_steps - driver.steps))]:
                driver.step(action)  # an environment may refuse here, which leaves it usable
            driver.reset(seed=SEED)
            if driver.ok:
                driver.step(actions[0])
        found.append(driver.finish())
    return tuple(found)


def _closed(subject: Subject, actions: list[Any]) -> tuple[Trace, ...]:
    unused, used = subject.open("closed unused"), subject.open("closed twice")
    if used.ok:
        used.reset(seed=SEED)
    if used.ok:
        used.step(actions[0])
    for driver in (unused, used, used):
        if driver.ok:
            driver.close()
    return unused.trace, used.trace


def _twins(subject: Subject, bursts: list[Any]) -> tuple[Twin, ...]:
    """Copies at several points of an episode, and at the end of one."""
    if subject.budget.frugal:
        episode = comparable(subject, SEED, BURSTS, 90, AFTER)
        return _copies(subject, episode, len(episode.actions) // 2)
    steps = subject.budget.twin_steps
    actions = tuple(script(subject.action_space, RANDOM, subject.rng(92), subject.budget.episode_steps))
    points = COPIED[: max(1, min(len(COPIED), subject.budget.twin_scripts))]
    found: list[Twin] = []
    for number, point in enumerate(min(point, steps) for point in points):
        chosen = actions if number % 2 else tuple(bursts)
        found += _copies(subject, Episode(SEED, chosen[: point + AFTER]), point)
    for action in all_actions(subject.action_space)[: subject.budget.twin_scripts // 2]:  # short episodes end by some
        found += _copies(subject, Episode(SEED, (action,) * AFTER), 0)
    endings = subject.endings(subject.budget.episode_steps)
    for ending in endings[:1]:
        found += _copies(subject, ending, len(ending.actions))
    for ending in endings:  # a copy has to come to an end too
        found += _copies(subject, ending, max(0, len(ending.actions) - 3))
    return tuple(found)


def _copies(subject: Subject, episode: Episode, steps: int) -> tuple[Twin, ...]:
    calls = untouched(subject, [episode]).clean.calls[2 + steps :]  # after those that make it and begin the episode
    ways = (("pickle", _pickled), ("copy.deepcopy", copy.deepcopy))
    return tuple(
        _copy(subject, episode, steps, how, duplicate, calls) for how, duplicate in ways[: subject.budget.variants]
    )


def _copy(
    subject: Subject, episode: Episode, steps: int, how: str, duplicate: Any, undisturbed: tuple[Call, ...]
) -> Twin:
    """The copy plays first, so that the original shows whether they share anything."""
    driver, refused = _played(subject, episode, steps)
    made = driver.trace
    if not driver.ok:
        return Twin(how, made)
    try:
        other = duplicate(driver.env)
    except Exception as error:  # noqa: BLE001 - that is the evidence
        return Twin(how, made, error=error)
    plain = _refusal(driver.env) if how == "pickle" and refused is None else None
    if driver.ended:
        return Twin(how, made, plain=plain)
    twin = driver.adopt(other, "the copy")
    begin = len(driver.calls)
    _play(twin, episode.actions[steps:])
    _play(driver, episode.actions[steps:])
    return Twin(how, made, tuple(driver.calls[begin:]), tuple(twin.calls[begin:]), undisturbed, plain=plain)


def _played(subject: Subject, episode: Episode, steps: int) -> tuple[Driver, BaseException | None]:
    """An instance in mid-episode, and what plain pickle said to it when it was new."""
    driver = subject.open("copied in mid-episode", honest=False)
    refused = _refusal(driver.env)
    if driver.ok:
        driver.reset(seed=episode.seed)
    _play(driver, episode.actions[:steps])
    return driver, refused


def _refusal(env: Any) -> BaseException | None:
    """What plain pickle raises; None where it does not."""
    try:
        pickle.dumps(env)
    except Exception as error:  # noqa: BLE001 - that is the answer
        return error
    return None


def _play(driver: Driver, actions: Any) -> None:
    for action in actions:
        if driver.playing:
            driver.step(action)


def _pickled(env: Any) -> Any:
    return pickle.loads(cloudpickle.dumps(env))


PROBE = Probe("lifecycle", Lifecycle, run, replay)
