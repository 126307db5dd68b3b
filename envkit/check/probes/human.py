"""Renders in `human` mode, where it is declared. Last, for without a display some libraries end the process here."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from unittest import mock

from envkit.check.acting.actions import BURSTS
from envkit.check.acting.untouched import comparable, untouched
from envkit.check.model import Probe
from envkit.check.probes.construction import declared
from envkit.check.probes.rendering import SEED, metadata, play
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case, Episode
from envkit.core.trace import Trace

STEPS, LONGEST = 30, 120
INSTANCES = 3
QUICK = 100_000  # frames a second


@dataclass(frozen=True)
class Human:
    """Episodes in human mode.

    Args:
      trace: the record; None where the mode is not declared.
      display: whether there is one.
      silent, again: the same episodes with render_mode=None, twice.
      later: further instances, each made after the one before was closed.
    """

    trace: Trace | None
    display: bool
    silent: Trace | None = None
    again: Trace | None = None
    later: tuple[Trace, ...] = ()


def run(subject: Subject) -> Human:
    if "human" not in declared(metadata(subject).get("render_modes")):
        return Human(None, has_display())
    plainly = comparable(subject, SEED, BURSTS, 80, STEPS)
    instances = min(INSTANCES, subject.budget.variants)
    return _shown(subject, [plainly, *subject.endings(min(LONGEST, 4 * len(plainly.actions)))], instances)


def replay(subject: Subject, case: Case) -> Human:
    return _shown(subject, list(case.episodes), 1)


def _shown(subject: Subject, episodes: list[Episode], instances: int) -> Human:
    silent = untouched(subject, episodes)
    clean, again = silent.clean, silent.again
    with hurried():
        driver = _window(subject, episodes)
        later = [_window(subject, [Episode(SEED)]).trace for _ in range(instances - 1) if driver.alive]
    return Human(driver.trace, has_display(), clean, again, tuple(later))


def _window(subject: Subject, episodes: list[Episode]) -> Driver:
    """An instance that shows itself to a person, in a hurry, and is closed. Without a display it may fail honestly."""
    driver = subject.open("rendered for a person", honest=False, render_mode="human")
    if driver.alive and isinstance(getattr(driver.raw, "metadata", None), dict):
        driver.raw.metadata = {**driver.raw.metadata, "render_fps": QUICK}
    for episode in episodes:
        play(driver, episode, renders=1)
    driver.finish()
    return driver


@contextmanager
def hurried() -> Iterator[None]:
    """Nobody looks: waiting for the next frame takes no time."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(time, "sleep", return_value=None))
        clock = getattr(sys.modules.get("pygame"), "time", None)
        for name in ("wait", "delay") if clock is not None else ():
            stack.enter_context(mock.patch.object(clock, name, return_value=0))
        yield


def has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or os.name == "nt"


PROBE = Probe("human rendering", Human, run, replay)
