"""Plays whole episodes, to termination and to truncation, under held, boundary, bursting and random actions."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gymnasium import spaces

from envkit.check.actions import strategies
from envkit.check.model import CannotJudge, Probe
from envkit.check.subject import Subject
from envkit.core.trace import Call, Step, Trace


@dataclass(frozen=True)
class Rollouts:
    """Many episodes, one instance for each strategy.

    Args:
      traces: one a strategy, several episodes each.
      observation_space, action_space: as declared by the first instance.
    """

    traces: tuple[Trace, ...]
    observation_space: spaces.Space  # type: ignore[type-arg]
    action_space: spaces.Space  # type: ignore[type-arg]

    def steps(self) -> Iterator[tuple[Trace, Step]]:
        """Every step that returned five parts, with its record; CannotJudge where there is none."""
        found = [(trace, step) for trace in self.traces for step in trace.steps]
        if not found:
            raise CannotJudge("no step returned its five parts")
        yield from found

    def observations(self) -> Iterator[tuple[Trace, int, str, Any]]:
        """(record, index of the call, what it was, observation) of every reset and step; CannotJudge without any."""
        found = [(trace, *part) for trace in self.traces for part in trace.observations()]
        if not found:
            raise CannotJudge("nothing was observed")
        yield from found

    @property
    def errors(self) -> list[tuple[Trace, Call]]:
        """The calls that raised, each with its record."""
        return [(trace, trace.error) for trace in self.traces if trace.error is not None]


def run(subject: Subject) -> Rollouts:
    probe = subject.open("spaces")
    action_space, observation_space = probe.env.action_space, probe.env.observation_space
    probe.finish()
    choosers = dict(islice(strategies(action_space).items(), subject.budget.strategies))
    share = subject.budget.steps // len(choosers)
    traces = []
    for number, (name, choose) in enumerate(choosers.items()):
        steps = share * 2 if number == 0 else share
        episodes = subject.budget.episodes if number == 0 else max(2, subject.budget.episodes // 4)
        traces.append(_play(subject, name, choose(subject.rng(number)), steps, episodes))
    return Rollouts(tuple(traces), observation_space, action_space)


def _play(subject: Subject, name: str, actions: Iterator[Any], steps: int, episodes: int) -> Trace:
    driver = subject.open(name)
    for episode in range(episodes):
        if steps <= 0 or not driver.ok:
            break
        driver.reset(seed=subject.seed + episode)
        for action in islice(actions, min(steps, subject.budget.episode_steps)):
            if driver.ended or not driver.ok:
                break
            driver.step(action)
            steps -= 1
    return driver.finish()


PROBE = Probe("rollouts", Rollouts, run)
