"""Plays known episodes once more and watches the environment's own code: what it swallows, whether it resets itself.

Python's trace hook sees every exception that is raised in the file of the environment's class, also one that never
gets out of `step`, and every call of its `reset`. A debugger uses the same hook; beside one nothing is watched.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from types import FrameType
from typing import Any

from envkit.check.judging import fingerprint
from envkit.check.model import Probe
from envkit.check.subject import Subject
from envkit.core.case import Case, case_of
from envkit.core.compare import same
from envkit.core.trace import Step, Trace, is_true

LONG, ENDED = 5, 4  # episodes of each kind
FROZEN = 10  # steps at whose end nothing changed any more


@dataclass
class Note:
    """What was seen inside one step.

    Args:
      step: the step.
      swallowed: (type and place of an exception) that was raised in the environment's file and did not get out.
      restarts: what the environment's own `reset` returned meanwhile.
      clocks: attributes that count steps, and how they stood before and after; those that went back.
    """

    step: Step
    swallowed: tuple[str, ...] = ()
    restarts: tuple[Any, ...] = ()
    clocks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inside:
    """The episodes, step by step, and the records of all honest episodes that were known by then."""

    episodes: tuple[tuple[Trace, tuple[Note, ...]], ...]
    traces: tuple[Trace, ...]


@dataclass
class Watch:
    """A trace hook for one instance."""

    env: Any
    files: set[str] = field(default_factory=set)
    raised: list[str] = field(default_factory=list)
    restarts: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        kinds = [kind for kind in type(self.env).__mro__ if not kind.__module__.startswith(("gymnasium.", "builtins"))]
        codes = [getattr(value, "__code__", None) for kind in kinds for value in vars(kind).values()]
        self.files = {code.co_filename for code in codes if code is not None}

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:  # noqa: ARG002 - a trace hook's
        if event != "call" or frame.f_code.co_filename not in self.files:
            return None
        frame.f_trace_lines = False
        own = frame.f_code.co_name == "reset" and frame.f_locals.get("self") is self.env
        return self._reset if own else self._other

    def _other(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "exception" and not issubclass(arg[0], StopIteration | GeneratorExit):
            self.raised.append(f"{arg[0].__name__} at line {frame.f_lineno} in {frame.f_code.co_name}")
        return self._other

    def _reset(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "return" and isinstance(arg, tuple) and len(arg) == 2:
            self.restarts.append(arg[0])
        self._other(frame, event, arg)
        return self._reset


def run(subject: Subject) -> Inside:
    traces = tuple(driver.trace for driver in subject.drivers)
    left = subject.budget.twin_steps * (2 if subject.budget.frugal else 8)
    most = left // subject.budget.variants if subject.budget.frugal else None
    found = []
    for case in _cases(traces):
        if left <= 0 or subject.late or sys.gettrace() is not None:
            break
        case = case.ending(case.last.actions[:most])
        left -= case.steps
        found.append(_watched(subject, case))
    return Inside(tuple(found), traces)


def _watched(subject: Subject, case: Case) -> tuple[Trace, tuple[Note, ...]]:
    driver = subject.open("watched from inside", **case.arguments)
    notes = []
    if driver.ok:
        driver.reset(seed=case.last.seed)
    watch = Watch(driver.raw if driver.alive else None)
    first = fingerprint.counters(watch.env)
    for action in case.last.actions:
        if not driver.playing:
            break
        before = fingerprint.counters(watch.env)
        watch.raised, watch.restarts = [], []
        sys.settrace(watch)
        try:
            call = driver.step(action)
        finally:
            sys.settrace(None)
        after = fingerprint.counters(watch.env)
        back = tuple(n for n in first if n in before and n in after and after[n] == first[n] < before[n])
        step = Step(call, len(driver.calls) - 1, driver.steps, 1)
        if call.error is None and isinstance(call.copy, tuple) and len(call.copy) == 5:
            notes.append(Note(step, tuple(watch.raised), tuple(watch.restarts), back))
    return driver.finish(), tuple(notes)


def _cases(traces: tuple[Trace, ...]) -> Iterator[Case]:
    """Long episodes, those that stand still at their end first; then terminated ones. All began with a seed."""
    lasts = [(trace, step) for trace in traces for step in _last_steps(trace) if trace.beginning(step.index)]
    frozen = [(trace, step) for trace, step in lasts if _stands_still(trace, step)]
    longest = sorted(lasts, key=lambda last: -last[1].number)
    ended = sorted((last for last in lasts if is_true(last[1].terminated)), key=lambda last: last[1].number)
    chosen = [*islice(frozen, 2), *islice(longest, LONG - 2), *islice(ended, 0, None, max(1, len(ended) // ENDED))]
    seen: list[Any] = []
    for trace, step in chosen[: LONG + ENDED]:
        case = case_of(trace.calls[: step.index + 1], trace.beginning(step.index))
        key = (step.number, step.observation, step.action)
        if case and not any(same(key, other) for other in seen):
            seen.append(key)
            yield case


def _last_steps(trace: Trace) -> Iterator[Step]:
    steps = [step for step in trace.steps if not step.beyond]
    for number, step in enumerate(steps):
        if number + 1 == len(steps) or steps[number + 1].episode != step.episode:
            yield step


def _stands_still(trace: Trace, last: Step) -> bool:
    tail = [step for step in trace.steps if step.episode == last.episode and not step.beyond][-FROZEN:]
    return len(tail) == FROZEN and all(same(step.observation, last.observation) for step in tail)


PROBE = Probe("what happens inside", Inside, run)
