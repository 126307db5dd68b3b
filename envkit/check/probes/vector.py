"""Plays several copies at once: in vector environments in one process and with workers, and in a loop of buffers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from threading import Thread
from typing import Any

from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from envkit.check.acting import apart
from envkit.check.acting.actions import BURSTS, script
from envkit.check.acting.apart import Outcome
from envkit.check.acting.batches import (
    NEVER,
    NEXT,
    SAME,
    Plan,
    Seen,
    Watched,
    all_arrays,
    as_batched,
    driven,
    is_end,
    known_endings,
    play_on,
    supported,
)
from envkit.check.acting.buffers import Buffers, DummyVecEnv, as_there, is_flat
from envkit.check.acting.untouched import comparable, untouched
from envkit.check.budget import LIGHT
from envkit.check.judging.pairs import parting
from envkit.check.model import CannotJudge, Probe
from envkit.check.probes.twins import Pair, episode
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case, Episode
from envkit.core.show import error_line
from envkit.core.trace import Call, Trace

SEEDS = (5, 105, 205)
FEW = 2  # copies, of heavy environments and in workers
LONGER = 4  # times the budget, where no episode has ended by then
AFTER_AN_END = 3  # steps
IN_THREAD, FEW_IN_THREAD = 10, 3  # steps
THREAD_SECONDS = 10.0

Alone = tuple[tuple[Call, ...], ...]  # for each copy what an instance alone does, as a vector environment tells it


@dataclass(frozen=True)
class Way:
    """One way to play several copies at once.

    Args:
      name: what holds the copies.
      mode: when a finished copy is reset.
      how: the constructor's call, after its imports; the function `make` makes an instance.
      workers: whether each copy has a process of its own.
    """

    name: str
    mode: AutoresetMode
    how: str
    workers: bool = False

    def __str__(self) -> str:
        return f"{self.name}, autoreset mode {self.mode.value}" if self.name.endswith("VectorEnv") else self.name


@dataclass(frozen=True)
class Run:
    """What came of it.

    Args:
      alone: for comparison.
      inside: whether it was a copy that raised, and not what holds them.
    """

    way: Way
    plan: Plan
    outcome: Outcome
    alone: Alone
    inside: bool = False

    def seen(self, copy: int) -> tuple[Call, ...]:
        return tuple(call for _, seen in self.outcome.told for number, call in seen if number == copy)


@dataclass(frozen=True)
class Vectors:
    """What was seen.

    Args:
      make: the call that makes an instance.
      runs: one for each way.
      in_thread: the record of an instance that was driven in another thread than the main one.
      closing: an instance beside another one, and one beside another that is closed after the reset.
      reason, worker_reason: why there are no runs, or none with workers.
    """

    make: Call
    runs: tuple[Run, ...] = ()
    in_thread: Trace | None = None
    closing: Pair | None = None
    reason: str = ""
    worker_reason: str = ""

    def of(self, *, workers: bool) -> list[Run]:
        """Raises CannotJudge where there are none."""
        reason = self.reason or (self.worker_reason if workers else "")
        if reason:
            raise CannotJudge(reason)
        return [run for run in self.runs if run.way.workers == workers]


def run(subject: Subject) -> Vectors:
    first = subject.drivers[0] if subject.drivers else subject.open("made")
    found = Vectors(first.calls[0])
    if not subject.budget.vector_steps:
        return replace(found, reason=f"{subject.too_long} to play it in vector environments as well")
    plan = _plan(subject)
    lone, played = zip(*(_alone(subject, plan, copy) for copy in range(len(plan.seeds))), strict=True)
    closing, in_thread = _beside(subject, lone[0], plan.seeds[0], plan.scripts[0])
    found = replace(found, closing=closing, in_thread=in_thread)
    if not supported(subject.action_space) or not supported(subject.observation_space):
        return replace(found, reason="Gymnasium's vector environments do not support its spaces")
    ends = [next((number for number, call in enumerate(steps, 1) if is_end(call)), plan.steps) for steps in played]
    wanted = max(subject.budget.vector_steps, max(ends) + AFTER_AN_END)
    plan = replace(plan, steps=min(wanted, *map(len, played)))
    if not plan.steps:
        return replace(found, reason="no episode could be begun")
    alone = tuple(as_batched(trace.calls[1:], subject.observation_space) for trace in lone)
    runs = tuple(_played(subject, way, plan, alone) for way in _ways(subject, len(alone)) if not subject.late)
    reason = "" if apart.possible() else "workers are only tried where processes can fork"
    return replace(found, runs=runs, worker_reason=reason)


def _alone(subject: Subject, plan: Plan, copy: int) -> tuple[Trace, list[Call]]:
    """The record of an instance that plays what one of the copies does, and its steps."""
    seed, actions = plan.seeds[copy], plan.scripts[copy]
    if subject.budget.frugal and copy == 0:  # it may be the episode that others have played, and mostly does not end
        clean = untouched(subject, [Episode(seed, actions)]).clean
        if len(clean.calls) == 2 + len(actions) and clean.error is None:
            return clean, list(clean.calls[2:])
    driver = subject.open("alone")
    steps = play_on(driver, seed, actions)
    return driver.trace, steps


def _ways(subject: Subject, count: int) -> list[Way]:
    light, thorough = _light(subject), subject.budget.vector_steps > LIGHT.vector_steps
    ways = [_gymnasium("SyncVectorEnv", mode, count) for mode in ((SAME, NEXT, NEVER) if light else (SAME,))]
    if is_flat(subject.observation_space) and light:
        how = f"from envkit.check.acting.buffers import Buffers\n\nvector = Buffers([make] * {count})"
        ways.append(Way("a loop like that of stable-baselines3", SAME, how))
    if apart.possible():
        ways += [_gymnasium("AsyncVectorEnv", mode, FEW) for mode in ((NEXT, SAME) if thorough else (NEXT,))]
    if thorough and is_flat(subject.observation_space) and is_flat(subject.action_space) and _has_the_real_one():
        how = f"from envkit.check.acting.buffers import DummyVecEnv\n\nvector = DummyVecEnv([make] * {count})"
        ways.append(Way("the DummyVecEnv of stable-baselines3", SAME, how))
    return ways


def _gymnasium(name: str, mode: AutoresetMode, count: int) -> Way:
    how = f'vector = gymnasium.vector.{name}([make] * {count}, autoreset_mode="{mode.value}")'
    return Way(name, mode, f"import gymnasium\n\n{how}", workers=name == "AsyncVectorEnv")


def _has_the_real_one() -> bool:
    return apart.possible() and find_spec("stable_baselines3") is not None


def _light(subject: Subject) -> bool:
    return not subject.budget.frugal


def _plan(subject: Subject) -> Plan:
    """Bursts of actions; before them, for two of the copies, the shortest episodes that are known to end.

    Its steps are the most that there may be.
    """
    most = min(subject.budget.vector_steps * (LONGER if _light(subject) else 1), subject.budget.longest)
    known = known_endings(subject.drivers, most)
    seeds, scripts = [], []
    for number, seed in enumerate(SEEDS if _light(subject) else SEEDS[:FEW]):
        known_seed, actions = known.get(number) or _usual(subject, number, seed, most)
        bursts = script(subject.action_space, BURSTS, subject.rng(70 + number), most)
        seeds.append(known_seed)
        scripts.append((*actions, *bursts)[:most])
    return Plan(tuple(seeds), tuple(scripts), most, subject.action_space, subject.observation_space)


def _usual(subject: Subject, number: int, seed: int, most: int) -> tuple[int, tuple[Any, ...]]:
    """How a copy begins of which no end is known: with the episode that others play too, where instances are costly."""
    if not subject.budget.frugal or number:
        return seed, ()
    episode = comparable(subject, seed, BURSTS, 70, most)
    return episode.seed or 0, episode.actions


def _played(subject: Subject, way: Way, plan: Plan, alone: Alone) -> Run:
    if way.workers:
        plan = plan.of(*range(FEW))
        return Run(way, plan, apart.told(partial(_with_workers, subject, way, plan)), alone)
    if way.name.startswith("the DummyVecEnv"):
        return Run(way, plan, apart.told(partial(_with_the_real_one, subject, plan)), tuple(map(as_there, alone)))
    drivers: list[Driver] = []

    def make() -> Watched:
        drivers.append(subject.open(f"one of {len(plan.seeds)} copies", honest=False))
        if drivers[-1].calls[0].error is not None:
            raise drivers[-1].calls[0].error
        return Watched(drivers[-1])

    outcome = _here(subject, way, plan, make)
    inside = any(not driver.alive for driver in drivers)
    for driver in drivers:
        driver.finish()
    return Run(way, plan, outcome, alone, inside)


def _here(subject: Subject, way: Way, plan: Plan, make: Callable[[], Watched]) -> Outcome:
    """In this process."""
    outcome = Outcome(asked="the constructor")
    makers = [make] * len(plan.seeds)
    try:
        sync = way.name == "SyncVectorEnv"
        vector: Any = SyncVectorEnv(makers, autoreset_mode=way.mode) if sync else Buffers(makers)
        for asked, seen in driven(vector, way.mode, plan):
            if subject.late:
                break
            outcome.hears(asked, seen)
    except BaseException as error:  # noqa: BLE001 - whatever it raises is evidence
        return outcome.ends("raised", error_line(error))
    return outcome


def _with_workers(subject: Subject, way: Way, plan: Plan) -> Iterator[tuple[str, Seen]]:
    yield "the constructor", []
    makers = [apart.maker(subject.ref.make)] * len(plan.seeds)
    shared = all_arrays(plan.observation_space)  # Gymnasium garbles texts and tagged values in shared memory
    vector = AsyncVectorEnv(makers, autoreset_mode=way.mode, context="fork", shared_memory=shared)
    yield from driven(vector, way.mode, plan)
    vector.close_extras(terminate=True)


def _with_the_real_one(subject: Subject, plan: Plan) -> Iterator[tuple[str, Seen]]:
    yield "the constructor", []
    yield from driven(DummyVecEnv([subject.ref.make] * len(plan.seeds)), SAME, plan)


def _beside(subject: Subject, alone: Trace, seed: int, actions: Sequence[Any]) -> tuple[Pair, Trace]:
    """An instance beside another one, which is made, played and closed in another thread; and that one's record.

    Where this makes a difference, the comparison is with one beside another that is not closed.
    """
    driver = subject.open("beside one that is closed")
    calls = episode(driver, seed, ())
    in_thread = _in_thread(subject, actions)
    calls += _rest(driver, actions)
    end = next((number for number, call in enumerate(alone.calls) if is_end(call)), len(alone.calls) - 1)
    pair = Pair(seed, alone, driver.trace, tuple(alone.calls[1 : end + 1]), calls)
    differs = parting(pair.left_calls, pair.right_calls, infos=False)
    return (_closing(subject, seed, actions) if differs else pair), in_thread


def _closing(subject: Subject, seed: int, actions: Sequence[Any]) -> Pair:
    """Twice beside another instance, which has been reset and has taken a step; the second time it is closed then."""
    records = []
    for closes in (False, True):
        driver, other = subject.open("beside another instance"), subject.open("another instance")
        calls = episode(driver, seed, ())
        episode(other, seed + 1, actions[:1])
        if closes:
            other.finish()
        calls += _rest(driver, actions)
        records.append((driver.trace, calls))
        other.finish()
    (left, left_calls), (right, right_calls) = records
    return Pair(seed, left, right, left_calls, right_calls)


def _rest(driver: Driver, actions: Sequence[Any]) -> tuple[Call, ...]:
    """The steps to the end of the episode."""
    return tuple(driver.step(action) for action in actions if driver.playing)


def replay(subject: Subject, case: Case) -> Vectors:
    """Of the one that is closed beside it."""
    pair = _closing(subject, case.last.seed or 0, case.last.actions)
    return Vectors(pair.left.calls[0], closing=pair, reason="only closing was played again")


def _in_thread(subject: Subject, actions: Sequence[Any]) -> Trace:
    """A few steps in another thread than the one that runs the check."""
    drivers: list[Driver] = []

    def play() -> None:
        drivers.append(subject.open("in another thread", honest=False))
        episode(drivers[0], SEEDS[0], actions[: FEW_IN_THREAD if subject.budget.frugal else IN_THREAD])
        drivers[0].finish()

    thread = Thread(target=play, daemon=True)
    thread.start()
    thread.join(THREAD_SECONDS)
    return drivers[0].trace if drivers else Trace("in another thread")


PROBE = Probe("vector environments", Vectors, run, replay)
