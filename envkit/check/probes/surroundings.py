"""Watches what an instance's life does to the rest of the process: its settings, and the files in its folders.

Twice an instance lives in a process whose settings are as they were before the environment's code was loaded, and in
folders of its own. So what it does each time is told apart from what happens once, such as when a library is loaded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gymnasium import Space

from envkit.check.acting.actions import BURSTS, script
from envkit.check.acting.lean import make_text
from envkit.check.acting.rounds import settled
from envkit.check.model import Probe
from envkit.check.process import folders, readings, settings
from envkit.check.process.folders import Folders
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case

LIVES = 2
Life = Mapping[str, Mapping[str, Any]]  # point -> readings of the settings, in order


@dataclass(frozen=True)
class Surroundings:
    """What was seen.

    Args:
      once: the settings before the environment's code was loaded, and after the first instances were closed.
      lives: {point: settings} for each life; the points are before, made, stepped (and reset) and closed.
      files, temporary: what lay in the working directory, and in the folder for temporary files, after each life.
      make: the program that makes the environment.
      children: {process id: command} of what was still running then, though all instances so far were closed.
    """

    once: tuple[Mapping[str, Any], Mapping[str, Any]]
    lives: tuple[Life, ...]
    files: tuple[str, ...]
    temporary: tuple[tuple[str, ...], ...]
    make: str
    children: Mapping[int, str] = field(default_factory=dict)


def run(subject: Subject) -> Surroundings:
    now = settings.read()
    make = f"import envkit\n\nenv = {make_text(subject)}"
    lives, temporary = [], []
    with folders.private() as own:
        for _ in range(LIVES):
            lives.append(_life(subject, own))
            temporary.append(own.left_temporary())
        files = own.left()
    before = subject.before.get("child processes", {})
    children = settled(lambda: {pid: text for pid, text in readings.children().items() if pid not in before})
    return Surroundings((subject.before, now), tuple(lives), files, tuple(temporary), make, children)


def replay(subject: Subject, case: Case) -> Surroundings:  # noqa: ARG001 - a probe's
    """Nothing in particular: what these rules say about the episodes of a case, they say of the rollouts."""
    return Surroundings(({}, {}), (), (), (), "")


def _life(subject: Subject, own: Folders) -> Life:
    """It is not held against the environment when it fails here, where the files it expects may be missing."""
    before = {**subject.before, "the working directory": str(own.work)}
    seen = {}
    with settings.as_in(before):
        seen["before"] = settings.read()
        driver = subject.open("surroundings", honest=False)
        seen["made"] = settings.read()
        _play(driver, subject)
        seen["stepped"] = settings.read()
        driver.finish()
        seen["closed"] = settings.read()
    return seen


def _play(driver: Driver, subject: Subject) -> None:
    if driver.ok:
        driver.reset(seed=21)
    for action in _script(driver, subject):
        if not driver.ok:
            break
        if driver.ended:
            driver.reset(seed=22)
        else:
            driver.step(action)


def _script(driver: Driver, subject: Subject) -> Iterator[Any]:
    space = getattr(driver.env, "action_space", None) if driver.ok else None
    if isinstance(space, Space):
        yield from script(space, BURSTS, subject.rng(95), subject.budget.twin_steps)


PROBE = Probe("surroundings", Surroundings, run, replay)
