"""The environment under examination, and the driver through which every probe calls it.

The driver records each call, copies each result at once, writes the ledger ahead of each call, and lets no exception
out: after one, the instance is done, and its record ends with the call that raised.
"""

import contextlib
import copy
import math
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import gymnasium
import numpy as np

from envkit.check.acting.echoes import Echoes
from envkit.check.budget import Budget, less
from envkit.check.judging import fingerprint
from envkit.core.case import Episode
from envkit.core.errors import EnvironmentFailed
from envkit.core.ref import EnvRef
from envkit.core.trace import Call, Trace, call_text, is_true
from envkit.isolate.ledger import Ledger

SPACES = ("action_space", "observation_space")
LOOKED_AT = 2  # instances that are kept, to be looked at later on
UNCHANGING = {bool, int, float, complex, str, bytes, type(None), *(np.dtype(code).type for code in "?bhilqBHILQefdFD")}
NESTED = object()
MOST_TEXT = 2000  # characters of an exception that are kept; a hundred of a hundred megabytes would be too many


@dataclass
class Subject:
    """What a probe is given: a way to make instances, a budget and a seed.

    Args:
      action_space, observation_space: copies of the first instance's, once it was made.
      heard: the warnings that Python has recorded; each call takes those that it issued.
      ignored: what was raised where nobody could catch it: (function, exception).
      before: readings of the process from before the environment's code ran (`envkit.check.process.readings`).
      echoes: processes that wait to play what they are told, if any.
      deadline: by `time.monotonic`; after it no driver does anything more.
      counts: what was done so far, for the report.
      drivers: of all instances that were treated as an honest caller treats them.
      apart: all others, with their environments: closed when the chapter is over.
      changed: (record, name, space as it was by then) of instances whose spaces were no longer the first one's.
      ends: the shortest episodes that were seen to end: terminated and truncated.
      chapter: the probe that is running.
      level: the name of the budget.
      costs: what making one and stepping it took, for the reasons why less is tried.
      copies_agree: whether copies play on as the original does (`envkit.check.acting.copies`); None until it is asked.
      untouched: episodes that nothing disturbed (`envkit.check.acting.untouched`).
      offer: the finite model, once it was asked for (`envkit.check.probes.modelled`).
      cut: the probes that met the deadline.
    """

    ref: EnvRef
    budget: Budget = field(default_factory=Budget)
    seed: int = 0
    ledger: Ledger | None = None
    action_space: Any = None
    observation_space: Any = None
    heard: list[warnings.WarningMessage] = field(default_factory=list)
    ignored: list[tuple[str, str]] = field(default_factory=list)
    before: Mapping[str, Any] = field(default_factory=dict)
    echoes: Echoes | None = None
    deadline: float = math.inf
    counts: Counter[str] = field(default_factory=Counter)
    drivers: list["Driver"] = field(default_factory=list)
    apart: list[tuple["Driver", Any]] = field(default_factory=list)
    changed: list[tuple[Trace, str, Any]] = field(default_factory=list)
    ends: dict[str, Episode] = field(default_factory=dict)
    chapter: str = ""
    level: str = "default"
    costs: str = ""
    copies_agree: bool | None = None
    untouched: list[Any] = field(default_factory=list)
    offer: Any = None
    cut: list[str] = field(default_factory=list)

    def begin(self, chapter: str) -> None:
        """Names what the next calls are part of."""
        self.chapter = chapter
        if self.ledger:
            self.ledger.chapter = chapter

    @property
    def too_long(self) -> str:
        """Why something is not tried, as a sentence that goes on."""
        return f"making, resetting or stepping it takes too long{self.costs}"

    def spare(self) -> None:
        """From now on does as little as with a slow environment: some calls take long, such as the ends of episodes."""
        fewer = less(self.level).kept_to(self.budget.longest)
        if fewer.steps < self.budget.steps:
            self.budget = replace(fewer, seconds=self.budget.seconds)
            self.cut_short()

    def close(self) -> None:
        """Closes every instance that is still open."""
        for driver in self.drivers:
            driver.finish()
        for driver, env in self.apart:
            if driver.alive and driver.calls[-1].method != "close":
                driver.env = env  # the search may have let go of it
                driver.close()
            driver.env = None  # type: ignore[assignment]
        self.apart.clear()

    def scratch(self) -> "Subject":
        """One whose instances nobody judges or counts."""
        return replace(
            self, drivers=[], apart=[], changed=[], untouched=[], counts=Counter(opened=self.counts["opened"])
        )

    def open(self, name: str, *, honest: bool = True, **kwargs: Any) -> "Driver":
        """A driver on a new instance; `driver.ok` is false when it could not be made.

        What the environment does on an instance that is not treated honestly is not held against it.
        """
        driver = Driver(self, name, kwargs)
        if honest:
            self.drivers.append(driver)
        elif driver.env is not None:
            self.apart.append((driver, driver.env))
        return driver

    @property
    def late(self) -> bool:
        """Whether the time is over; the probe that asks is noted as cut."""
        over = time.monotonic() > self.deadline
        if over:
            self.cut_short()
        return over

    def cut_short(self) -> None:
        """Notes that not all was done in this chapter, for want of time."""
        if self.chapter not in self.cut:
            self.cut.append(self.chapter)

    def endings(self, longest: int | None = None) -> list[Episode]:
        """Episodes that come to an end, of at most so many steps, for probes that would never meet one by chance."""
        found = self.ends.values()
        return [episode for episode in found if longest is None or len(episode.actions) <= longest]

    def noted(self, how: str, calls: list[Call], steps: int) -> None:
        """Keeps the episode that has just ended, if it is the shortest of its kind."""
        known = self.ends.get(how)
        begin = len(calls) - 1 - steps
        if (known is None or steps < len(known.actions)) and calls[begin].method == "reset":
            seed = calls[begin].arguments.get("seed")
            if seed is not None:
                self.ends[how] = Episode(seed, tuple(call.arguments["action"] for call in calls[begin + 1 :]))

    def rng(self, salt: int = 0) -> np.random.Generator:
        return np.random.default_rng([self.seed, salt])


@dataclass(frozen=True, eq=False)
class Made:
    """What the record keeps of an instance: with the instances themselves it would hold all their memory."""

    kind: type
    observation_space: Any
    spec: Any
    counters: Mapping[str, int]

    @classmethod
    def of(cls, env: Any) -> "Made | None":
        """`counters` are the attributes that are whole numbers, as they are by now."""
        if env is None:
            return None
        held = fingerprint.counters(env.unwrapped)
        return cls(type(env.unwrapped), _read(env, "observation_space"), _read(env, "spec"), held)


def _read(env: Any, name: str) -> Any:
    try:
        return getattr(env, name, None)
    except Exception:  # noqa: BLE001 - a property may raise, which is told elsewhere
        return None


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
        self.calls = [replace(made, result=Made.of(made.result))]
        subject.counts["instances"] += self.alive

    def adopt(self, env: gymnasium.Env[Any, Any], name: str) -> "Driver":
        """A driver for a copy of this one's instance, whose record begins with this one's.

        It is never closed: that might take from the others what they share, or count as closed what was never opened.
        """
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
        if self.calls[0].error is not None:
            return self.calls[0]  # it was never made: there is nothing to ask
        self.ended, self.steps = False, 0
        arguments: dict[str, Any] = {"seed": seed} if options is None else {"seed": seed, "options": options}
        given = {name: value for name, value in arguments.items() if value is not None}  # as people write it
        call = self.call("reset", arguments, lambda: self.env.reset(**given))
        self.subject.counts["episodes"] += 1
        return call

    def step(self, action: Any, *, lend: bool = False) -> Call:
        """Takes a step with a copy of the action, which is the environment's to spoil; or lends it the very object."""
        if self.calls[0].error is not None:
            return self.calls[0]
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
                if terminated or truncated:
                    self.subject.noted("terminated" if terminated else "truncated", self.calls, self.steps)
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
        if self.env is not None and self in self.subject.drivers:
            self.subject.changed += [(trace, name, copied(space)) for name, space in self._changed_spaces()]
        if self.calls[0].result is not None and self.env is not None:
            self.calls[0] = replace(self.calls[0], result=Made.of(self.env))
            trace = self.trace
        if self.alive and self.calls[-1].method != "close":
            self.close()
        if self.number >= LOOKED_AT:
            self.env = None  # type: ignore[assignment]
        return trace

    def _changed_spaces(self) -> Iterator[tuple[str, Any]]:
        """Those that are not what the first instance declared; a space that does not equal its copy says nothing."""
        for name in SPACES:
            declared = getattr(self.subject, name)
            with contextlib.suppress(Exception):  # of a foreign space, or a property that raises
                now = getattr(self.env, name)
                if declared is not None and now != declared and declared == copied(declared):
                    yield name, now

    def call(self, method: str, arguments: dict[str, Any], act: Callable[[], Any], *, keep: bool = True) -> Call:
        """Does it, and records what came of it. SystemExit and the like are faults like any other here."""
        ledger = self.subject.ledger
        if ledger:
            ledger.start(f"{self.number}:{self.steps}:{call_text(method, arguments)}")
        self.subject.heard.clear()
        result, error, begun = None, None, time.perf_counter()
        try:
            result = act()
        except BaseException as raised:  # noqa: BLE001 - whatever the environment raises is evidence
            error = raised
            raised.args = tuple(arg[:MOST_TEXT] if isinstance(arg, str) else arg for arg in raised.args)
        seconds = time.perf_counter() - begun
        if ledger:
            ledger.finish()
        warned = tuple(map(told, self.subject.heard)) if self.subject.heard else ()
        call = Call(method, arguments, result, copied(result) if keep else result, error, seconds, warned)
        self.calls.append(call)
        return call


def told(warning: warnings.WarningMessage) -> tuple[str, str, str]:
    """(category, text, file:line) of a warning."""
    return warning.category.__name__, str(warning.message)[:MOST_TEXT], f"{warning.filename}:{warning.lineno}"


def copied(value: Any) -> Any:
    """A deep copy; for what cannot be copied, of tuples and dictionaries at least the parts that can."""
    parts = [_flatly(part) for part in value] if type(value) is tuple else [_flatly(value)]
    if not any(part is NESTED for part in parts):  # as most results are; `deepcopy` takes several times as long
        return tuple(parts) if type(value) is tuple else parts[0]
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - a foreign object's copying may raise anything
        if type(value) is tuple:
            return tuple(copied(part) for part in value)
        if type(value) is dict:
            return {key: copied(part) for key, part in value.items()}
        return value


def _flatly(value: Any) -> Any:
    """A copy of an array, of what never changes, and of a dictionary of the latter; NESTED for everything else."""
    kind = type(value)
    if kind in UNCHANGING:
        return value
    if kind is np.ndarray and not value.dtype.hasobject:
        return value.copy(order="K")
    if kind is dict and all(type(key) is str and type(part) in UNCHANGING for key, part in value.items()):
        return value.copy()
    return NESTED


def cause(error: BaseException) -> BaseException:
    """The environment's own exception inside ours."""
    inner = error.cause if isinstance(error, EnvironmentFailed) else None
    if inner is None:
        return error
    deeper: BaseException | None = inner.__cause__
    return deeper if deeper is not None and type(deeper) is type(inner) else inner
