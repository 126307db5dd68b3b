"""Asks environments with goals for the reward of what was achieved, as hindsight replay does, alone and in a batch."""

import contextlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.check.acting.actions import seeded
from envkit.check.model import Probe
from envkit.check.probes import rollouts
from envkit.check.subject import Driver, Subject, copied
from envkit.core.case import Case
from envkit.core.compare import first_difference
from envkit.core.trace import Step, Trace

KEYS = ("achieved_goal", "desired_goal")
MOST_ASKED = 400  # of ordinary steps; the ones that end an episode are all asked for
BATCH = 16


@dataclass(frozen=True)
class Asked:
    """One step, and what compute_reward says about it, or raised."""

    trace: Trace
    step: Step
    answer: Any
    error: BaseException | None
    written: str | None = None  # how the goals that were given differ afterwards


@dataclass(frozen=True)
class Goals:
    """What compute_reward said.

    Args:
      offered: whether the environment has goals at all.
      asked: one by one.
      batch: the first of these at once: what came of it, None where not tried.
      reached: what compute_reward says of goals that are reached exactly; without those for which it raises.
      moved: how the next step of the instance that was asked differs from that of one that was not.
    """

    offered: bool
    asked: tuple[Asked, ...] = ()
    batch: Asked | None = None
    reached: tuple[Any, ...] = ()
    moved: str | None = None


def run(subject: Subject) -> Goals:
    return _ask(subject, tuple(driver.trace for driver in subject.drivers))


def replay(subject: Subject, case: Case) -> Goals:
    return _ask(subject, rollouts.replay(subject, case).traces)


def _ask(subject: Subject, traces: tuple[Trace, ...]) -> Goals:
    space = subject.observation_space
    if not isinstance(space, spaces.Dict) or not all(key in space.spaces for key in KEYS):
        return Goals(False)
    driver = subject.open("asked for rewards", honest=False)
    if not driver.alive or not _takes_goals(getattr(driver.raw, "compute_reward", None)):
        return Goals(False)
    driver.reset(seed=0)
    asked = [_answer(driver, trace, step) for trace, step in _chosen(traces) if driver.alive]
    batch = _batch(driver, asked[:BATCH]) if len(asked) >= 2 else None
    return Goals(True, tuple(asked), batch, _reached(driver, asked), _moved(subject, driver))


def _reached(driver: Driver, asked: list[Asked]) -> tuple[Any, ...]:
    found = []
    for one in asked[:BATCH]:
        goal = one.step.observation[KEYS[1]]
        with contextlib.suppress(Exception):  # that it raises is told of the goals that were met
            found.append(driver.raw.compute_reward(copied(goal), copied(goal), copied(one.step.info)))  # type: ignore[attr-defined]
    return tuple(found)


def _moved(subject: Subject, driver: Driver) -> str | None:
    """Whether the questions have changed the environment that was asked."""
    other = subject.open("not asked for rewards", honest=False)
    if not other.ok or not driver.playing:
        return None
    other.reset(seed=0)
    action = seeded(subject.action_space, subject.rng(140)).sample()
    asked, plain = driver.step(action), other.step(action)
    driver.finish()
    other.finish()
    return first_difference(plain.copy, asked.copy, "the result")


def _takes_goals(method: Any) -> bool:
    """Whether it can be called as compute_reward(achieved_goal, desired_goal, info)."""
    try:
        inspect.signature(method).bind(None, None, {})
    except (TypeError, ValueError):
        return False
    return True


def _chosen(traces: tuple[Trace, ...]) -> Iterator[tuple[Trace, Step]]:
    steps = [(trace, step) for trace in traces for step in trace.steps if not step.beyond and _has_goals(step)]
    yield from (pair for pair in steps if pair[1].ended)
    others = [pair for pair in steps if not pair[1].ended]
    yield from islice(others, 0, None, max(1, len(others) // MOST_ASKED))


def _has_goals(step: Step) -> bool:
    return isinstance(step.observation, dict) and all(key in step.observation for key in KEYS)


def _answer(driver: Driver, trace: Trace, step: Step) -> Asked:
    goals = [copied(step.observation[key]) for key in KEYS]
    try:
        answer = driver.raw.compute_reward(*goals, copied(step.info))  # type: ignore[attr-defined]
        return Asked(
            trace, step, answer, None, first_difference([step.observation[key] for key in KEYS], goals, "goals")
        )
    except Exception as error:  # noqa: BLE001 - that is the evidence
        return Asked(trace, step, None, error)


def _batch(driver: Driver, asked: list[Asked]) -> Asked | None:
    goals = [[np.asarray(one.step.observation[key]) for one in asked] for key in KEYS]
    if any(len({goal.shape for goal in part}) != 1 for part in goals):
        return None
    infos = np.array([copied(one.step.info) for one in asked], dtype=object)
    try:
        answer = driver.raw.compute_reward(*(np.stack(part) for part in goals), infos)  # type: ignore[attr-defined]
        return Asked(asked[0].trace, asked[0].step, answer, None)
    except Exception as error:  # noqa: BLE001 - that is the evidence
        return Asked(asked[0].trace, asked[0].step, None, error)


PROBE = Probe("the goals", Goals, run, replay)
