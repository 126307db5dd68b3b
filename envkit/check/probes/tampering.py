"""Writes to everything the environment hands out and was given, and plays on beside an untouched twin."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from envkit.check.acting.actions import BURSTS, RANDOM, script
from envkit.check.acting.untouched import comparable, differ, untouched
from envkit.check.model import Probe
from envkit.check.subject import Subject, copied
from envkit.core.case import Case, Episode
from envkit.core.compare import same
from envkit.core.trace import Call, Trace

SEEDS = (5, 6)


@dataclass(frozen=True)
class Played:
    """The same episodes, over and over; all records should be equal to `clean`.

    Args:
      clean, again: nothing was touched, twice: where these differ, the others say nothing.
      observations: every returned observation was overwritten.
      infos: every returned info was overwritten and emptied. Where instances are costly, both are one record, in
        which both were overwritten, if that made no difference.
      actions: each action array was overwritten after the call.
      mutated: (index of the call in `clean`, action as it was, action after the call) where step itself changed it.
      space: the observation space before and after the observations were overwritten.
    """

    clean: Trace
    again: Trace
    observations: Trace
    infos: Trace
    actions: Trace
    mutated: tuple[tuple[int, Any, Any], ...]
    space: tuple[Any, Any]


@dataclass(frozen=True)
class Tampering:
    """What came of it, for each way of acting."""

    played: tuple[Played, ...]


def run(subject: Subject) -> Tampering:
    steps = subject.budget.twin_steps
    played = []
    for number, name in enumerate(() if subject.budget.frugal else (RANDOM, BURSTS)):
        actions = script(subject.action_space, name, subject.rng(60 + number), 2 * steps)
        episodes = [Episode(seed, tuple(actions[i * steps : (i + 1) * steps])) for i, seed in enumerate(SEEDS)]
        played.append(_played(subject, episodes))
    if subject.budget.frugal:
        played.append(_played(subject, [comparable(subject, SEEDS[0], BURSTS, 60, steps)]))
    for ending in subject.endings(2 * steps):
        played.append(_played(subject, [ending, Episode(SEEDS[1], ending.actions[:3])]))
    return Tampering(tuple(played))


def replay(subject: Subject, case: Case) -> Tampering:
    return Tampering((_played(subject, case.episodes),))


def _played(subject: Subject, episodes: Sequence[Episode]) -> Played:
    plainly = untouched(subject, episodes)
    clean, again = plainly.clean, plainly.again
    moved, mutated, _ = _play(subject, "actions overwritten after the call", episodes, _leave, spoil_actions=True)
    if subject.budget.frugal:
        both, _, space = _play(subject, "observations and infos overwritten", episodes, _both)
        if not differ(clean.calls[1:], both.calls[1:]):
            return Played(clean, again, both, both, moved, mutated, space)
    observations, _, space = _play(subject, "observations overwritten", episodes, lambda call: _part(call, 0))
    infos, _, _ = _play(subject, "infos overwritten", episodes, lambda call: _part(call, -1))
    return Played(clean, again, observations, infos, moved, mutated, space)


def _play(
    subject: Subject,
    name: str,
    episodes: Sequence[Episode],
    spoil: Callable[[Call], None],
    *,
    spoil_actions: bool = False,
) -> tuple[Trace, tuple[tuple[int, Any, Any], ...], tuple[Any, Any]]:
    driver = subject.open(name, honest=False)
    mutated = []
    space = getattr(driver.env, "observation_space", None)
    before = copied(space)
    for episode in episodes:
        if driver.ok:
            spoil(driver.reset(seed=episode.seed))
        for template in episode.actions:
            if not driver.playing:
                break
            action = copied(template)
            call = driver.step(action, lend=True)
            if not same(action, template):
                mutated.append((len(driver.calls) - 1, template, copied(action)))
            spoil(call)
            if spoil_actions:
                overwrite(action)
    after = copied(space)
    return driver.finish(), tuple(mutated), (before, after)


def _leave(call: Call) -> None:
    """Touches nothing."""


def _both(call: Call) -> None:
    _part(call, 0)
    _part(call, -1)


def _part(call: Call, index: int) -> None:
    if isinstance(call.result, tuple) and call.result:
        overwrite(call.result[index])


def overwrite(value: Any) -> None:
    """Spoils whatever can be written to: arrays are filled, dictionaries and lists emptied after their contents."""
    if isinstance(value, np.ndarray):
        if value.flags.writeable and value.dtype.kind in "biuf":
            other = np.logical_not(value) if value.dtype.kind == "b" else value // 2 + 1
            value[...] = np.where(other == value, 0, other)  # a half and one of 1 is 1
        return
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            overwrite(part)
    if isinstance(value, dict | list):
        value.clear()


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """(path, array) of every array inside."""
    if isinstance(value, np.ndarray):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{name}[{key!r}]")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from leaves(part, f"{name}[{index}]")


PROBE = Probe("tampering", Tampering, run, replay)
