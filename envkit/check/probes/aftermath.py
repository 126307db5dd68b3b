"""Looks once more, when all has been played, at what should have stayed as it was: the spaces of every instance, the
metadata, and the default arguments of the constructor."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envkit.check.model import Probe
from envkit.check.probes import rollouts
from envkit.check.probes.construction import defaults
from envkit.check.subject import Subject
from envkit.core.case import Case
from envkit.core.trace import Trace


@dataclass(frozen=True)
class Later:
    """One instance's space that is not what was declared at first."""

    trace: Trace
    name: str
    first: Any
    now: Any


@dataclass(frozen=True)
class Aftermath:
    """What was found.

    Args:
      spaces: those that became others.
      make: a program that makes an instance.
      ignored: (function, exception) of what was raised where nobody could catch it, in destructors mostly.
      defaults: parameter of the constructor -> its default by now; where it can be changed at all.
    """

    spaces: tuple[Later, ...]
    defaults: Mapping[str, Any]
    make: str = ""
    ignored: tuple[tuple[str, str], ...] = ()


def run(subject: Subject) -> Aftermath:
    subject.close()
    now = next((defaults(driver.raw) for driver in subject.drivers if driver.env is not None), {})
    gc.collect()
    make = subject.drivers[0].trace.program(0) if subject.drivers else ""
    return Aftermath(_later(subject), now, make, tuple(subject.ignored))


def replay(subject: Subject, case: Case) -> Aftermath:
    rollouts.replay(subject, case)
    return Aftermath(_later(subject), {})


def _later(subject: Subject) -> tuple[Later, ...]:
    return tuple(Later(trace, name, getattr(subject, name), space) for trace, name, space in subject.changed)


PROBE = Probe("what became of it", Aftermath, run, replay)
