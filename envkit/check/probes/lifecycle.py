"""Uses an instance as loops and vector environments do: resets in mid-episode, steps past the end, closes twice."""

import copy
import pickle
from dataclasses import dataclass
from typing import Any

import cloudpickle

from envkit.check.actions import BURSTS, script, strategies
from envkit.check.model import Probe
from envkit.check.subject import Subject
from envkit.core.trace import Call, Trace

SEED = 13


@dataclass(frozen=True)
class Lifecycle:
    """The records.

    Args:
      midway: resets after 0, 1, 3 and 10 steps, none of which had ended the episode.
      past_end: an episode to its end, steps beyond it, and a reset.
      past_end_from: the call in `past_end` that was the first beyond the end; None if no end was reached.
      closed: made, reset, stepped, closed and closed again.
      deep_copy, pickled: (the original's calls, the copy's calls) after copying in mid-episode; or what
        copying raised.
    """

    midway: Trace
    past_end: Trace
    past_end_from: int | None
    closed: Trace
    deep_copy: tuple[tuple[Call, ...], tuple[Call, ...]] | BaseException
    pickled: tuple[tuple[Call, ...], tuple[Call, ...]] | BaseException


def run(subject: Subject) -> Lifecycle:
    probe = subject.open("spaces")
    space, steps = probe.env.action_space, subject.budget.episode_steps
    probe.finish()
    names = list(strategies(space))[: subject.budget.strategies]
    actions = script(space, BURSTS, subject.rng(90), steps)
    past_end, begin = _past_end(subject, [script(space, name, subject.rng(91), steps) for name in names])
    return Lifecycle(
        _midway(subject, actions), past_end, begin, _closed(subject, actions),
        _twin(subject, actions, copy.deepcopy), _twin(subject, actions, _pickled),
    )  # fmt: skip


def _midway(subject: Subject, actions: list[Any]) -> Trace:
    driver = subject.open("resets in mid-episode")
    for steps in (min(n, subject.budget.episode_steps) for n in (0, 1, 3, 10)):
        if driver.ok:
            driver.reset(seed=SEED + steps)
        for action in actions[:steps]:
            if driver.ok and not driver.ended:
                driver.step(action)
    if driver.ok:
        driver.reset()
    return driver.finish()


def _past_end(subject: Subject, scripts: list[list[Any]]) -> tuple[Trace, int | None]:
    driver = subject.open("steps past the end")
    for actions in scripts:
        if driver.ok:
            driver.reset(seed=SEED)
        for action in actions:
            if driver.ended or not driver.ok:
                break
            driver.step(action)
        if driver.ended and driver.ok:
            begin = len(driver.calls)
            for action in actions[: subject.budget.episode_steps - driver.steps][:3]:
                driver.step(action)  # an environment may refuse here, which leaves it usable
            driver.reset(seed=SEED)
            return driver.finish(), begin
        if not driver.ok:
            break
    return driver.finish(), None


def _closed(subject: Subject, actions: list[Any]) -> Trace:
    driver = subject.open("closed twice")
    if driver.ok:
        driver.reset(seed=SEED)
    if driver.ok:
        driver.step(actions[0])
    for _ in range(2):
        if driver.ok:
            driver.close()
    return driver.trace


def _twin(subject: Subject, actions: list[Any], duplicate: Any) -> Any:
    """Five steps, a copy, and ten more steps on both."""
    driver = subject.open("copied in mid-episode")
    if driver.ok:
        driver.reset(seed=SEED)
    for action in actions[: min(5, subject.budget.episode_steps)]:
        if driver.ok and not driver.ended:
            driver.step(action)
    if not driver.ok:
        return (), ()
    try:
        other = duplicate(driver.env)
    except Exception as error:  # noqa: BLE001 - that is the evidence
        return error
    twin = driver.adopt(other, "the copy")
    begin = len(driver.calls)
    for action in actions[5 : min(15, subject.budget.episode_steps)]:
        if driver.ok and twin.ok and not driver.ended:
            driver.step(action)
            twin.step(action)
    pair = tuple(driver.calls[begin:]), tuple(twin.calls[begin:])
    driver.finish()
    return pair


def _pickled(env: Any) -> Any:
    return pickle.loads(cloudpickle.dumps(env))


PROBE = Probe("lifecycle", Lifecycle, run)
