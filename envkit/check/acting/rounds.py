"""Rounds of the same calls on one instance, and what the process held after each.

What a further round of the same seeds and actions adds is kept for good: caches are full by then, and whatever belongs
to an episode is gone, for each round ends with the same reset.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import envkit
from envkit.check.acting.lean import Lean, Meter, Planned
from envkit.check.process import readings
from envkit.check.subject import Subject

COUNTED = 10  # steps of each round whose lines are counted
MOST_BYTES = 3 * 2**29  # after which no round is begun: the leak is known by then, and the machine is shared
PATIENCE = 0.3  # seconds that a thread or a process is given to end after close
HIDDEN, KNOWN = 2**22, 2**16  # bytes in all from which on it is asked where memory grows, below Python and in it
BELOW = 4  # times more has to grow below Python: what the system says is rough
FRAMES = 6  # of Python that are kept for each piece of memory

Plan = tuple[tuple[Planned, str], ...]


@dataclass(frozen=True)
class Reading:
    """What the process held, after garbage was collected.

    Args:
      held: bytes that Python and numpy hold, or everybody where memory is not traced.
      heap: bytes that are allocated, by C code too.
      resident: bytes of memory in use, whoever holds them.
    """

    held: int
    heap: int
    resident: int
    descriptors: int
    threads: int
    children: int


@dataclass(frozen=True)
class Course:
    """Rounds of the same calls on one instance.

    Args:
      plan: the calls of a round; the last one is a reset, and one like it came before the first round.
      readings: before the first round, and after each.
      meter: what each call cost.
      where: the line that allocated most of what is still held at the end.
      below: one more round, where memory grows below Python: what it grew by is that of the whole process.
    """

    plan: Plan
    readings: tuple[Reading, ...]
    meter: Meter
    where: str = ""
    below: Meter | None = None

    @property
    def warm(self) -> int:
        """How many rounds do not count: they fill caches."""
        return 2 if len(self.readings) > 5 else 1

    def calls(self, method: str) -> np.ndarray:
        """Which calls of a round are of this method: [call], bool."""
        return np.array([planned.method == method for planned, _ in self.plan], bool)

    def count(self, method: str) -> int:
        """How many calls of a method each round made, counted in the last one."""
        last = len(self.readings) - 2
        return int((self.calls(method) & self.meter.made[last]).sum())

    @property
    def ends(self) -> int:
        return int(self.meter.ended[len(self.readings) - 2].sum())

    @property
    def grows_in(self) -> str:
        """The calls that memory grows in: step, end (the step that ends an episode), reset or render."""
        if self.below is not None:
            grown, ended = self.below.grown.sum(axis=0), self.below.ended[0]
        else:
            rows = slice(self.warm, len(self.readings) - 1)
            grown, ended = self.meter.grown[rows].sum(axis=0), self.meter.ended[rows].any(axis=0)
        sums = {method: float(grown[self.calls(method) & ~ended].sum()) for method in ("step", "reset", "render")}
        sums["end"] = float(grown[ended].sum())
        most = max(sums, key=lambda name: sums[name])
        return most if sums[most] > 0 else ""

    @property
    def hidden(self) -> int:
        """By how much memory that Python does not see grew in every round that counts; 0 where not clearly more."""
        grown = self.growth("held")
        below = max(self.growth("heap"), self.growth("resident")) - grown
        return below if below > BELOW * grown else 0

    def growth(self, what: str) -> int:
        """By how much a reading went up in every round that counts, at the least; 0 where it once did not."""
        return steady([getattr(reading, what) for reading in self.readings[self.warm :]])


def steady(values: list[int]) -> int:
    """By how much they went up each time, at the least; 0 where they once did not."""
    return max(0, min((int(after - before) for before, after in pairwise(values)), default=0))


@contextmanager
def quietly(*, traced: bool) -> Iterator[None]:
    """What was there before is left out of every collection of garbage; memory is traced if asked, which is slow."""
    gc.collect()
    gc.freeze()
    begun = traced and not tracemalloc.is_tracing()
    if begun:
        tracemalloc.start(1)
    try:
        yield
    finally:
        if begun:
            tracemalloc.stop()
        gc.unfreeze()


def course(subject: Subject, plan: Plan, rounds: int, **kwargs: Any) -> tuple[Course | None, list[Planned]]:
    """The rounds, and the calls until one of them raised, if one did."""
    meter = Meter(rounds, len(plan))
    steps = [place for place, (planned, _) in enumerate(plan) if planned.method == "step"]
    frames = [place for place, (planned, _) in enumerate(plan) if planned.method == "render"]
    counted = frozenset([*steps[: min(COUNTED, len(steps) // 4)], *frames[: len(frames) // 2], len(plan) - 1])
    lean = Lean(subject, **kwargs)
    lean.play(plan[-1:], Meter(1, 1), 0)
    found, done = [take_reading()], 0
    while lean.ok and done < rounds and found[-1].held - found[0].held < MOST_BYTES:
        lean.play(plan, meter, done, counted=counted)
        if lean.ok:
            found.append(take_reading())
            done += 1
    found[-1] = replace(found[-1], threads=settled(readings.threads, found[min(2, done)].threads))
    failed = [planned for planned, _ in (*plan[-1:], *(plan * (done + 1)))] if lean.failed else []
    result = Course(plan, tuple(found), meter) if done else None
    if result and lean.ok:
        result = _looked_into(result, lean)
    lean.close()
    return result, failed


def _looked_into(found: Course, lean: Lean) -> Course:
    """Where memory grows, one more round says in which calls and in which line."""
    rounds = len(found.readings) - 1 - found.warm
    if found.hidden * rounds > HIDDEN:
        below = Meter(1, len(found.plan))
        gauge = readings.heap if found.growth("heap") > found.growth("held") else readings.resident
        lean.play(found.plan, below, 0, gauge=gauge)
        found = replace(found, below=below)
    if found.growth("held") * rounds > KNOWN and lean.ok:
        tracing = tracemalloc.is_tracing()
        tracemalloc.stop()
        tracemalloc.start(FRAMES)
        lean.play(found.plan, Meter(1, len(found.plan)), 0)
        found = replace(found, where=_where())
        if not tracing:
            tracemalloc.stop()
    return found


def take_reading() -> Reading:
    gc.collect()
    children = len(readings.children())
    return Reading(
        readings.held(), readings.heap(), readings.resident(), readings.descriptors(), readings.threads(), children
    )


def settled(read: Callable[[], Any], enough: int = 0) -> Any:
    """The reading, once it is as low as it was, or patience is over: what was told to end may take a moment."""
    begun = time.monotonic()
    while True:
        value = read()
        size = value if isinstance(value, int) else len(value)
        if size <= enough or time.monotonic() - begun > PATIENCE:
            return value
        time.sleep(0.01)


def _where() -> str:
    """The line of the environment, or of what it uses, that allocated most of what is held."""
    own = str(Path(envkit.__file__).parent / "check")
    for statistic in tracemalloc.take_snapshot().statistics("traceback"):
        frames = [frame for frame in reversed(statistic.traceback) if not frame.filename.startswith((own, "<"))]
        inner = [frame for frame in frames if f"{Path(np.__file__).parent}" not in frame.filename]
        for frame in (inner or frames)[:1]:
            return f"{Path(frame.filename).name}:{frame.lineno}"
    return ""
