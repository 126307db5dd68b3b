"""Watches what an episode does to the rest of the process: global generators, numpy's error handling, the folder."""

import os
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import Space

from envkit.check.actions import BURSTS, script
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject

RANDOM = ("numpy.random", "numpy.random position", "random")
READINGS: Mapping[str, Callable[[], Any]] = {
    "numpy.random": lambda: repr(np.random.get_state(legacy=False)["state"]["key"].tobytes()),
    "numpy.random position": lambda: np.random.get_state(legacy=False)["state"]["pos"],
    "random": lambda: hash(random.getstate()),
    "numpy.seterr": lambda: dict(np.geterr()),
    "working directory": os.getcwd,
    "files": lambda: sorted(path.name for path in Path().iterdir()),
}


@dataclass(frozen=True)
class Surroundings:
    """Readings of the process at points of one instance's life.

    Args:
      readings: (point, {what: value}), in order: before, made, reset, stepped, closed.
      reseeded: whether two resets with one seed put the global generators into one state, by name.
      make: the program that makes the environment.
      program: one that shows whether something draws from the global generators.
    """

    readings: tuple[tuple[str, Mapping[str, Any]], ...]
    reseeded: Mapping[str, bool]
    make: str
    program: str

    def changed(self, what: str) -> list[str]:
        """The points at which a reading differs from the one before."""
        pairs = zip(self.readings, self.readings[1:], strict=False)
        return [point for (_, before), (point, after) in pairs if before[what] != after[what]]


def run(subject: Subject) -> Surroundings:
    before_made = read()
    driver = subject.open("surroundings")
    now = {what: value for what, value in before_made.items() if what in RANDOM}
    before = {**subject.before, **now}  # the generators have moved since; making an instance moves them again
    readings = [("before", before), ("made", read())]
    after_reset = []
    for _ in range(2):
        if driver.ok:
            driver.reset(seed=21)
            after_reset.append(read())
    readings.append(("reset", read()))
    for action in _script(driver, subject):
        if not driver.ok:
            break
        if driver.ended:
            driver.reset(seed=22)
        else:
            driver.step(action)
    readings.append(("stepped", read()))
    trace = driver.finish()
    readings.append(("closed", read()))
    same = {
        what: len(after_reset) == 2 and after_reset[0][what] == after_reset[1][what] != before[what]
        for what in ("numpy.random", "random")
    }
    make = trace.program(0)
    program = make.replace("import envkit", "import random\n\nimport envkit\nimport numpy as np", 1).replace(
        "env = ", "before = np.random.get_state(), random.getstate()\nenv = ", 1
    )
    program += "\nfor seed in range(20):\n    env.reset(seed=seed)\n    env.step(env.action_space.sample())\n"
    program += (
        "print(str(before) == str((np.random.get_state(), random.getstate())))  # False: something drew from them"
    )
    return Surroundings(tuple(readings), same, make, program)


def _script(driver: Driver, subject: Subject) -> Iterator[Any]:
    space = getattr(driver.env, "action_space", None) if driver.ok else None
    if isinstance(space, Space):
        yield from script(space, BURSTS, subject.rng(95), subject.budget.twin_steps)


def read() -> dict[str, Any]:
    """What can be read of the process now."""
    return {what: read() for what, read in READINGS.items()}


PROBE = Probe("surroundings", Surroundings, run)
