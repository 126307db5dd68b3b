"""Plays without recording what comes back, and measures each call: memory, time, lines of Python.

The calls of a round are fixed beforehand, and played over and over on one instance. So every round does the same, and
a call is told from the same call in other rounds by its place. The ledger is written ahead as ever.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import gymnasium
import numpy as np

from envkit.check.process import readings
from envkit.check.subject import Subject, copied
from envkit.core.trace import call_text, is_true

MOST_LINES = 100_000  # that are counted in one call; tracing is slow


@dataclass(frozen=True)
class Planned:
    """One call: reset with a seed, step with an action, or render."""

    method: str
    argument: Any = None

    @property
    def text(self) -> str:
        arguments = {"reset": {"seed": self.argument}, "step": {"action": self.argument}}.get(self.method, {})
        return call_text(self.method, arguments)


def make_text(subject: Subject, **kwargs: Any) -> str:
    """`envkit.make(...)`, as Python."""
    return f"envkit.{call_text('make', {'target': str(subject.ref), **subject.ref.kwargs, **kwargs})}"


class Meter:
    """What each call cost, one row a round; NaN where a call was not made or not measured.

    Args:
      rounds, calls: how many; the arrays are made at once, so that they are no part of what grows.
    """

    def __init__(self, rounds: int, calls: int):
        self.cpu, self.waited, self.lines = (np.full((rounds, calls), np.nan) for _ in range(3))  # [round, call]
        self.grown = np.zeros((rounds, calls))  # bytes
        self.ended = np.zeros((rounds, calls), bool)  # whether the step ended its episode
        self.made = np.zeros((rounds, calls), bool)


class Lean:
    """One instance that is played without a record; `failed` after anything raised."""

    def __init__(self, subject: Subject, **kwargs: Any):
        self.subject = subject
        self.number = subject.counts["opened"]
        self.steps, self.failed, self.over = 0, False, True
        subject.counts["opened"] += 1
        making = make_text(subject, **kwargs).removeprefix("envkit.")
        self.env: gymnasium.Env[Any, Any] = self._ledgered(making, lambda: subject.ref.make(**kwargs))
        subject.counts["instances"] += not self.failed

    @property
    def ok(self) -> bool:
        return not self.failed and not self.subject.late

    def play(
        self,
        plan: Sequence[tuple[Planned, str]],
        meter: Meter,
        row: int,
        *,
        counted: frozenset[int] = frozenset(),
        gauge: Callable[[], int] = readings.held,
    ) -> None:
        """The calls of a round; steps beyond an episode's end are left out.

        Args:
          counted: the calls whose lines are counted; the others are timed.
          gauge: the memory in use.
        """
        for place, (planned, text) in enumerate(plan):
            if not self.ok:
                return
            if planned.method == "step" and (self.over or self.steps >= self.subject.budget.longest):
                continue
            given = copied(planned.argument) if planned.method == "step" else planned.argument
            before = gauge()
            if place in counted and sys.gettrace() is None:
                result = self._counted(planned.method, given, text, meter, row, place)
            else:
                result = self._timed(planned.method, given, text, meter, row, place)
            meter.made[row, place] = True
            if planned.method == "step":
                self.over = (
                    isinstance(result, tuple) and len(result) == 5 and (is_true(result[2]) or is_true(result[3]))
                )
                meter.ended[row, place] = self.over
            result = None
            meter.grown[row, place] = gauge() - before

    def close(self) -> None:
        if not self.failed:
            self._ledgered("close()", self.env.close)
        self.env = None  # type: ignore[assignment]

    def _timed(self, method: str, given: Any, text: str, meter: Meter, row: int, place: int) -> Any:
        switches = _voluntary_switches()
        cpu, everybody, wall = time.thread_time(), time.process_time(), time.perf_counter()
        result = self._call(method, given, text)
        wall, everybody = time.perf_counter() - wall, time.process_time() - everybody  # other threads may work for it
        meter.cpu[row, place] = time.thread_time() - cpu
        meter.waited[row, place] = max(wall - everybody, 0.0) if _voluntary_switches() > switches else 0.0
        return result

    def _counted(self, method: str, given: Any, text: str, meter: Meter, row: int, place: int) -> Any:
        lines = _Lines()
        sys.settrace(lines)
        try:
            return self._call(method, given, text)
        finally:
            sys.settrace(None)
            meter.lines[row, place] = lines.count

    def _call(self, method: str, given: Any, text: str) -> Any:
        counts = self.subject.counts
        if method == "reset":
            self.steps, self.over = 0, False
            counts["episodes"] += 1
            return self._ledgered(text, lambda: self.env.reset(seed=given))
        if method == "render":
            counts["renders"] += 1
            return self._ledgered(text, self.env.render)
        self.steps += 1
        counts["steps"] += 1
        return self._ledgered(text, lambda: self.env.step(given))

    def _ledgered(self, text: str, act: Any) -> Any:
        ledger = self.subject.ledger
        if ledger:
            ledger.start(f"{self.number}:{self.steps}:{text}")
        try:
            return act()
        except BaseException:  # noqa: BLE001 - whatever the environment raises ends this instance; it is played again
            self.failed = True
        finally:
            if ledger:
                ledger.finish()


class _Lines:
    """A trace hook that counts lines and calls."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:  # noqa: ARG002 - a trace hook's
        self.count += 1
        return self if self.count < MOST_LINES else None


def _voluntary_switches() -> int:
    """How often this thread has waited of its own accord, such as to sleep; ever more where that is not known."""
    with contextlib.suppress(ImportError, AttributeError):
        import resource

        return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
    return time.perf_counter_ns()
