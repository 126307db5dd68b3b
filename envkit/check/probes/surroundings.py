"""Watches what an instance's life does to the rest of the process: settings, files, and what is left open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gymnasium import Space

from envkit.check import readings
from envkit.check.actions import BURSTS, script
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject


@dataclass(frozen=True)
class Surroundings:
    """Readings of the process at points of one instance's life.

    Args:
      readings: (point, {what: value}), in order: before, made, reset, stepped, closed.
      make: the program that makes the environment.
    """

    readings: tuple[tuple[str, Mapping[str, Any]], ...]
    make: str

    def changed(self, what: str) -> list[str]:
        """The points at which a reading differs from the one before."""
        pairs = zip(self.readings, self.readings[1:], strict=False)
        return [point for (_, before), (point, after) in pairs if before[what] != after[what]]


def run(subject: Subject) -> Surroundings:
    driver = subject.open("surroundings")
    seen = [("before", subject.before), ("made", readings.read())]
    if driver.ok:
        driver.reset(seed=21)
    seen.append(("reset", readings.read()))
    for action in _script(driver, subject):
        if not driver.ok:
            break
        if driver.ended:
            driver.reset(seed=22)
        else:
            driver.step(action)
    seen.append(("stepped", readings.read()))
    trace = driver.finish()
    seen.append(("closed", readings.read()))
    return Surroundings(tuple(seen), trace.program(0))


def _script(driver: Driver, subject: Subject) -> Iterator[Any]:
    space = getattr(driver.env, "action_space", None) if driver.ok else None
    if isinstance(space, Space):
        yield from script(space, BURSTS, subject.rng(95), subject.budget.twin_steps)


PROBE = Probe("surroundings", Surroundings, run)
