"""Resets with options: with none at all, with an empty dictionary, with one that no environment knows, and with those
that this environment asks for.

What it asks for is heard by a dictionary that notes its keys. Which values make sense is guessed: what the instance
holds under that name, what it shows, and a few plain ones. A guess will do that reset takes and that changes something.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from envkit.check.acting.actions import BURSTS
from envkit.check.acting.untouched import comparable, differ, untouched
from envkit.check.model import Probe
from envkit.check.probes.tampering import leaves, overwrite
from envkit.check.probes.twins import episode
from envkit.check.subject import Driver, Subject, copied
from envkit.core.case import Episode
from envkit.core.compare import same
from envkit.core.trace import Call, Trace

SEED = 17
STEPS = 20
UNKNOWN = {"envkit": 1, "nested": {"list": [1, 2]}}
MOST_NAMES, MOST_GUESSES = 4, 10
PLAIN = (0, 1, 0.5, True, 2)


@dataclass(frozen=True)
class Effective:
    """An option that the environment knows, and what it did, each on a new instance.

    Args:
      options: as they were given.
      left: what was left of the dictionary after reset.
      asked: the reset.
      after: that reset, and then the plain episode on the same instance.
      kept: an episode begun with these options.
      spoiled: the same, but that their values were overwritten after reset.
    """

    options: Mapping[str, Any]
    left: Mapping[str, Any]
    asked: Call
    after: Trace
    kept: Trace
    spoiled: Trace


@dataclass(frozen=True)
class Options:
    """The same episode, each on a new instance.

    Args:
      plain, again: reset without options, twice: where these differ, the others say nothing.
      empty: reset with an empty dictionary.
      asked: the reset with an unknown option, which may be refused.
      after: the plain episode after that reset, on the same instance; None where it was refused.
      unknown: that option, as it was given, and as it was after that reset.
      known: options that the environment asks for, with values that it takes.
    """

    plain: Trace
    again: Trace
    empty: Trace
    asked: Call
    after: Trace | None
    unknown: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {})
    known: tuple[Effective, ...] = field(default=())


def run(subject: Subject) -> Options:
    plainly = comparable(subject, SEED, BURSTS, 130, STEPS)
    plain, again = untouched(subject, [plainly]).clean, untouched(subject, [plainly]).again
    driver = subject.open("reset with an unknown option", honest=False)
    given = copied(UNKNOWN)
    asked = driver.reset(seed=plainly.seed, options=given) if driver.ok else driver.calls[-1]
    if driver.ok:
        episode(driver, plainly.seed, plainly.actions)
    after = driver.trace
    empty = _empty(driver, plainly, plain)
    driver.finish()
    known = () if subject.budget.frugal else tuple(_known(subject, plain, plainly))
    return Options(plain, again, empty, asked, after if asked.error is None else None, (UNKNOWN, given), known)


def _empty(driver: Driver, plainly: Episode, plain: Trace) -> Trace:
    """With an empty dictionary, on a new instance; where one costs much, on this one, if that makes no difference."""
    if driver.subject.budget.frugal and driver.ok:
        begin = len(driver.calls)
        _play(driver, plainly, {})
        if not differ(plain.calls[1:], driver.calls[begin:]):
            return Trace(driver.name, (driver.calls[0], *driver.calls[begin:]))
    return _begun(driver.subject.open("reset with empty options", honest=False), plainly, {})


def _begun(driver: Driver, plainly: Episode, options: dict[str, Any] | None) -> Trace:
    _play(driver, plainly, options)
    return driver.finish()


def _play(driver: Driver, plainly: Episode, options: dict[str, Any] | None) -> None:
    if driver.ok:
        driver.reset(seed=plainly.seed, options=options)
    for action in plainly.actions:
        if driver.playing:
            driver.step(action)


class Listening(dict[str, Any]):
    """An empty dictionary of options that is there, and remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def _note(self, name: Any) -> None:
        if isinstance(name, str) and name not in self.names:
            self.names.append(name)

    def __bool__(self) -> bool:
        return True

    def __contains__(self, name: object) -> bool:
        self._note(name)
        return False

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return default

    def pop(self, name: str, *default: Any) -> Any:
        self._note(name)
        return super().pop(name, *default)


def _known(subject: Subject, plain: Trace, plainly: Episode) -> Iterator[Effective]:
    driver = subject.open("asked which options it knows", honest=False)
    heard, seed = Listening(), plainly.seed
    if driver.ok:
        driver.call("reset", {"seed": seed}, lambda: driver.env.reset(seed=seed, options=heard))
    for name in heard.names[:MOST_NAMES]:
        for value in itertools.islice(_guesses(driver, plain, name), MOST_GUESSES):
            options = {name: value}
            first = subject.open("reset with a known option", honest=False)
            given = copied(options)
            asked = first.reset(seed=seed, options=given) if first.ok else first.calls[-1]
            if asked.error is None and len(plain.calls) > 1 and not same(plain.calls[1].copy, asked.copy):
                episode(first, seed, plainly.actions)
                yield Effective(options, given, asked, first.finish(), *_spoiled(subject, plainly, options))
                break
    driver.finish()


def _spoiled(subject: Subject, plainly: Episode, options: Mapping[str, Any]) -> tuple[Trace, Trace]:
    """An episode with options, and one whose options were overwritten when it had begun."""
    kept = _begun(subject.open("begun with options", honest=False), plainly, copied(options))
    driver = subject.open("begun with options, which were overwritten", honest=False)
    given, seed = copied(options), plainly.seed
    if driver.ok:
        driver.call("reset", {"seed": seed, "options": options}, lambda: driver.env.reset(seed=seed, options=given))
        driver.ended = False
        overwrite(given)
    for action in plainly.actions:
        if driver.playing:
            driver.step(action)
    return kept, driver.finish()


def _guesses(driver: Driver, plain: Trace, name: str) -> Iterator[Any]:
    """Values to try under a name: what the instance holds and shows under it, what it shows at all, and plain ones."""
    held = getattr(driver.raw, name, None) if driver.env is not None else None
    shown = plain.calls[1].copy[0] if len(plain.calls) > 1 and isinstance(plain.calls[1].copy, tuple) else None
    arrays = list(leaves(shown))
    named = [array for path, array in arrays if name in path]
    for value in (held, *named, *(array for _, array in arrays)):
        yield from _moved(value)
    yield from PLAIN


def _moved(value: Any) -> Iterator[Any]:
    """Values like this one, but others."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf" and value.size:
        yield (value * 0).astype(value.dtype)
        yield np.flip(value).copy()
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
        yield value - 1


PROBE = Probe("options", Options, run)
