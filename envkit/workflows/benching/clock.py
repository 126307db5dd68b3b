"""Two clocks: what passed, and what this process worked meanwhile.

Beside other work on the same cores more passes than is worked, by chance. So where the process never waited, which the
operating system counts, the work is what tells about the environment; where it sleeps, waits or has others work for it,
what passed does.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

BUSY = 1.25  # times as long as it worked: others had the core meanwhile
MANY_THREADS = 1.1  # times as much work as time passed: several threads work, and neither clock is enough alone


@dataclass(frozen=True)
class Lap:
    """Seconds by both clocks, and how often the process waited."""

    passed: float
    worked: float
    waits: int

    def over(self, parts: float) -> "Lap":
        return Lap(self.passed / parts, self.worked / parts, self.waits)

    def __add__(self, other: "Lap") -> "Lap":
        return Lap(self.passed + other.passed, self.worked + other.worked, self.waits + other.waits)

    def seconds(self, *, work: bool) -> float:
        return self.worked if work else self.passed


def now() -> Lap:
    return Lap(time.perf_counter(), time.process_time(), _waits())


def since(begun: Lap) -> Lap:
    return Lap(time.perf_counter() - begun.passed, time.process_time() - begun.worked, _waits() - begun.waits)


def works(laps: Sequence[Lap]) -> bool:
    """Whether this process, one thread of it, does all of it without waiting, most of the times."""
    alone = [lap.waits == 0 and 0 < lap.worked <= MANY_THREADS * lap.passed for lap in laps]
    return 2 * sum(alone) > len(laps)


def disturbed(yardsticks: Sequence[Lap]) -> bool:
    """Whether other work on the same cores got in the way, most of the times: the yardstick itself never waits."""
    return 2 * sum(lap.passed > BUSY * lap.worked for lap in yardsticks) > len(yardsticks)


def _waits() -> int:
    """Voluntary changes of context until now: preemption is none. Ever more where nobody counts them."""
    try:
        import resource
    except ImportError:  # Windows: what passed has to do
        return time.perf_counter_ns()
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
