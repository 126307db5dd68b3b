"""Plays whole episodes, to termination and to truncation, under held, boundary, bursting and random actions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

from gymnasium import spaces

from envkit.check.acting.actions import BURSTS, strategies
from envkit.check.model import CannotJudge, Probe
from envkit.check.process import readings
from envkit.check.process.readings import Reading
from envkit.check.process.watching import watching
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case
from envkit.core.trace import Call, Step, Trace
from envkit.isolate.waiting import Allowance

Watched = tuple[Trace, Mapping[str, Reading]]
MARATHON = "one long run"  # the name of its record
LARGE_SEEDS = (2**31 - 1, 2**31, 2**32 - 1)


@dataclass(frozen=True)
class Rollouts:
    """Many episodes; here, and in the end the records of every probe that treats the environment honestly.

    Args:
      traces: one an instance, several episodes each.
      observation_space, action_space: as declared by the first instance.
      watched: (record, {point: what the process was like}) where nothing else ran meanwhile; the points are before,
        made, reset (the first one), stepped (and reset again) and closed; see `envkit.check.process.watching`.
      rendered: the same of episodes that were rendered; without the point reset.
    """

    traces: tuple[Trace, ...]
    observation_space: spaces.Space  # type: ignore[type-arg]
    action_space: spaces.Space  # type: ignore[type-arg]
    watched: tuple[Watched, ...] = field(default=())
    rendered: tuple[Watched, ...] = field(default=())

    def steps(self) -> Iterator[tuple[Trace, Step]]:
        """Every step that returned five parts before its episode's end, with its record; CannotJudge where none did."""
        if not self._steps:
            raise CannotJudge("no step returned its five parts")
        yield from self._steps

    @cached_property
    def _steps(self) -> list[tuple[Trace, Step]]:
        return [(trace, step) for trace in self.traces for step in trace.steps if not step.beyond]

    def observations(self) -> Iterator[tuple[Trace, int, str, Any]]:
        """(record, index of the call, its method, observation) of every reset and step; CannotJudge without any."""
        found = [(trace, *part) for trace in self.traces for part in trace.observations]
        if not found:
            raise CannotJudge("nothing was observed")
        yield from found

    def seen(self) -> list[Any]:
        """The observations alone, of every reset and of every step within an episode; CannotJudge without any."""
        found = [call.copy[0] for trace in self.traces for _, call in trace.resets]
        found += [step.observation for trace in self.traces for step in trace.steps if not step.beyond]
        if not found:
            raise CannotJudge("nothing was observed")
        return found

    @property
    def errors(self) -> list[tuple[Trace, Call]]:
        """The calls that raised, each with its record; but for steps beyond an end, which may be refused."""
        ended = [(trace, trace.error) for trace in self.traces]
        return [
            (t, call) for t, call in ended if call and not (call.method == "step" and t.is_beyond(len(t.calls) - 1))
        ]


def run(subject: Subject) -> Rollouts:
    choosers = dict(islice(strategies(subject.action_space).items(), subject.budget.strategies))
    share = subject.budget.steps // (len(choosers) + 1)
    allowance = Allowance(subject.budget.weary)
    fresh = iter(range(subject.seed + 1, subject.seed + 1000))
    watched = []
    for number, (name, choose) in enumerate(choosers.items()):
        if number and allowance.spent:
            break
        steps = share * 2 if number == 0 else share
        episodes = subject.budget.episodes if number == 0 else max(1, subject.budget.episodes // 4)
        seeds = [subject.seed, *islice(fresh, episodes - 1)]
        if number == 0 and subject.budget.episodes > len(LARGE_SEEDS):
            seeds[-len(LARGE_SEEDS) :] = LARGE_SEEDS
        watched.append(_play(subject, name, choose(subject.rng(number)), steps, seeds, allowance))
    watched.append(_marathon(subject, allowance))
    if allowance.spent:
        subject.cut_short()
    traces = tuple(trace for trace, _ in watched)
    return Rollouts(traces, subject.observation_space, subject.action_space, tuple(watched))


def _play(
    subject: Subject, name: str, actions: Iterator[Any], steps: int, seeds: list[int], allowance: Allowance
) -> Watched:
    """Episodes of every seed in turn; each may take its share of the steps, and what an earlier one left over."""

    def rest(driver: Driver, number: int) -> None:
        nonlocal steps
        share = max(1, min(steps, steps // (len(seeds) - number) * (3 if number == 0 else 1)))
        for action in islice(actions, min(share, subject.budget.episode_steps)):
            if not driver.playing or allowance.spent:
                break
            driver.step(action)
            steps -= 1

    return _watched(subject, name, {}, seeds, rest)


def _marathon(subject: Subject, allowance: Allowance) -> Watched:
    """One instance for long, as training uses it: seeded once, then reset without a seed whenever an episode ends."""
    left = subject.budget.marathon_steps
    actions = strategies(subject.action_space)[BURSTS](subject.rng(99))

    def rest(driver: Driver, number: int) -> None:  # noqa: ARG001 - of the only seed
        for action in islice(actions, left):
            if driver.ended and driver.ok:
                driver.reset()
            if not driver.playing or allowance.spent:
                break
            driver.step(action)

    return _watched(subject, MARATHON, {}, [subject.seed], rest)


def _watched(
    subject: Subject,
    name: str,
    arguments: Mapping[str, Any],
    seeds: Sequence[int | None],
    rest: Callable[[Driver, int], None],
) -> Watched:
    """Makes an instance, resets it with each seed, and does the rest of each episode."""
    with watching() as process:
        readings.scatter(subject.counts["opened"])
        process.point("before")
        driver = subject.open(name, **arguments)
        process.point("made")
        for number, seed in enumerate(seeds):
            if not driver.ok:
                break
            driver.reset(seed=seed)
            process.point("reset")
            rest(driver, number)
        process.point("stepped")
        driver.finish()
        process.point("closed")
    return driver.trace, process.seen


def replay(subject: Subject, case: Case) -> Rollouts:
    render = "render_mode" in case.arguments

    def rest(driver: Driver, number: int) -> None:
        play(driver, case.episodes[number].actions, render=render)

    seeds = [episode.seed for episode in case.episodes]
    trace, seen = _watched(subject, "played again", case.arguments, seeds, rest)
    watched = (replace(trace, whole=True), seen)
    return Rollouts((watched[0],), subject.observation_space, subject.action_space, (watched,))


def play(driver: Driver, actions: Sequence[Any], *, render: bool = False) -> None:
    """The rest of an episode, to its end at the latest; rendered before and after every call if asked."""
    for action in actions:
        if render and driver.ok:
            driver.render()
        if not driver.playing:
            break
        driver.step(action)
    if render and driver.ok:
        driver.render()


PROBE = Probe("rollouts", Rollouts, run, replay)
