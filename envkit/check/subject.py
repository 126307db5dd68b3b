"""The environment under examination, and the driver through which every probe calls it.

The driver records each call, copies each result at once, writes the ledger ahead of each call, and lets no exception
out: after one, the instance is done, and its record ends with the call that raised.
"""

import copy
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import gymnasium
import numpy as np

from envkit.check.budget import Budget
from envkit.core.errors import EnvironmentFailed
from envkit.core.ref import EnvRef
from envkit.core.trace import Call, Trace, call_text, is_true
from envkit.isolate.ledger import Ledger

MOST_TEXT = 2000  # characters of an exception that are kept; a hundred of a hundred megabytes would be too many


@dataclass
class Subject:
    """What a probe is given: a way to make instances, a budget and a seed.

    Args:
      action_space, observation_space: copies of the first instance's, once it was made.
      before: readings of the process from before the environment's code ran (`envkit.check.readings`).
      deadline: by `time.monotonic`; after it no driver does anything more.
      counts: what was done so far, for the report.
      drivers: of all instances that were treated as an honest caller treats them.
      chapter: the probe that is running.
      cut: the probes that met the deadline.
    """

    ref: EnvRef
    budget: Budget = field(default_factory=Budget)
    seed: int = 0
    ledger: Ledger | None = None
    action_space: Any = None
    observation_space: Any = None
    before: Mapping[str, Any] = field(default_factory=dict)
    deadline: float = math.inf
    counts: Counter[str] = field(default_factory=Counter)
    drivers: list["Driver"] = field(default_factory=list)
    chapter: str = ""
    cut: list[str] = field(default_factory=list)

    def begin(self, chapter: str) -> None:
        """Names what the next calls are part of."""
        self.chapter = chapter
        if self.ledger:
            self.ledger.chapter = chapter

    def close(self) -> None:
        """Closes every instance that is still open."""
        for driver in self.drivers:
            driver.finish()

    def scratch(self) -> "Subject":
        """One whose instances nobody judges or counts."""
        return replace(self, drivers=[], counts=Counter(opened=self.counts["opened"]))

    def open(self, name: str, *, honest: bool = True, **kwargs: Any) -> "Driver":
        """A driver on a new instance; `driver.ok` is false when it could not be made.

        What the environment does on an instance that is not treated honestly is not held against it.
        """
        driver = Driver(self, name, kwargs)
        if honest:
            self.drivers.append(driver)
        return driver

    @property
    def late(self) -> bool:
        """Whether the time is over; the probe that asks is noted as cut."""
        over = time.monotonic() > self.deadline
        if over and self.chapter not in self.cut:
            self.cut.append(self.chapter)
        return over

    def rng(self, salt: int = 0) -> np.random.Generator:
        return np.random.default_rng([self.seed, salt])


class Driver:
    """One instance, and the record of what was done with it."""

    def __init__(self, subject: Subject, name: str, kwargs: dict[str, Any]):
        self.subject, self.name = subject, name
        self.calls: list[Call] = []
        self.ended = True
        self.steps = 0  # since the reset
        self.number = subject.counts["opened"]
        subject.counts["opened"] += 1
        arguments = {"target": str(subject.ref), **subject.ref.kwargs, **kwargs}
        made = self.call("make", arguments, lambda: subject.ref.make(**kwargs), keep=False)
        self.env: gymnasium.Env[Any, Any] = made.result
        subject.counts["instances"] += self.alive

    def adopt(self, env: gymnasium.Env[Any, Any], name: str) -> "Driver":
        """A driver for a copy of this one's instance, whose record begins with this one's."""
        twin = copy.copy(self)
        twin.env, twin.name, twin.calls = env, name, list(self.calls)
        twin.number = self.subject.counts["opened"]
        self.subject.counts["opened"] += 1
        if self.subject.ledger:
            self.subject.ledger.start(f"{twin.number}:{self.steps}:copy({self.number}, {len(self.calls)})")
            self.subject.ledger.finish()
        return twin

    @property
    def alive(self) -> bool:
        """Whether the instance can still be used: nothing it was asked has raised."""
        return self.calls[-1].error is None

    @property
    def ok(self) -> bool:
        """Whether to go on: the instance can be used, and there is time left."""
        return self.alive and not self.subject.late

    @property
    def playing(self) -> bool:
        """Whether the next step is one within an episode."""
        return not self.ended and self.ok and self.steps < self.subject.budget.longest

    @property
    def trace(self) -> Trace:
        return Trace(self.name, tuple(self.calls))

    @property
    def raw(self) -> gymnasium.Env[Any, Any]:
        return self.env.unwrapped

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> Call:
        self.ended, self.steps = False, 0
        arguments = {"seed": seed} if options is None else {"seed": seed, "options": options}
        call = self.call("reset", arguments, lambda: self.env.reset(**arguments))
        self.subject.counts["episodes"] += 1
        return call

    def step(self, action: Any, *, lend: bool = False) -> Call:
        """Takes a step with a copy of the action, which is the environment's to spoil; or lends it the very object."""
        self.steps += 1
        given = action if lend else copied(action)
        call = self.call("step", {"action": copied(action) if lend else action}, lambda: self.env.step(given))
        counts = self.subject.counts
        counts["steps"] += 1
        result = call.copy
        if isinstance(result, tuple) and len(result) == 5:
            terminated, truncated = is_true(result[2]), is_true(result[3])
            if not self.ended:
                counts["terminated"] += terminated
                counts["truncated"] += truncated
            self.ended = self.ended or terminated or truncated
        return call

    def render(self) -> Call:
        self.subject.counts["renders"] += 1
        return self.call("render", {}, lambda: self.env.render())

    def close(self) -> Call:
        return self.call("close", {}, lambda: self.env.close())

    def finish(self) -> Trace:
        """Closes the instance, if it can still be closed, and returns the record without that."""
        trace = self.trace
        if self.alive and self.calls[-1].method != "close":
            self.close()
        return trace

    def call(self, method: str, arguments: dict[str, Any], act: Callable[[], Any], *, keep: bool = True) -> Call:
        """Does it, and records what came of it. SystemExit and the like are faults like any other here."""
        ledger = self.subject.ledger
        if ledger:
            ledger.start(f"{self.number}:{self.steps}:{call_text(method, arguments)}")
        result, error, begun = None, None, time.perf_counter()
        try:
            result = act()
        except BaseException as raised:  # noqa: BLE001 - whatever the environment raises is evidence
            error = raised
            raised.args = tuple(arg[:MOST_TEXT] if isinstance(arg, str) else arg for arg in raised.args)
        seconds = time.perf_counter() - begun
        if ledger:
            ledger.finish()
        call = Call(method, arguments, result, copied(result) if keep else result, error, seconds)
        self.calls.append(call)
        return call


def copied(value: Any) -> Any:
    """A deep copy; for what cannot be copied, of tuples and dictionaries at least the parts that can."""
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - a foreign object's copying may raise anything
        if type(value) is tuple:
            return tuple(copied(part) for part in value)
        if type(value) is dict:
            return {key: copied(part) for key, part in value.items()}
        return value


def cause(error: BaseException) -> BaseException:
    """The environment's own exception inside ours."""
    inner = error.cause if isinstance(error, EnvironmentFailed) else None
    if inner is None:
        return error
    deeper: BaseException | None = inner.__cause__
    return deeper if deeper is not None and type(deeper) is type(inner) else inner
