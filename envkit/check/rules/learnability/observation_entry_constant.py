"""One entry of the observation never changes, though its range is wide.

Why: something that was meant to be seen is not: a forgotten assignment, a wrong index, a sensor that is never read.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(-10, 10, (3,), np.float32)
        def observe(self):
            return np.append(super().observe(), np.float32(0))

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(-10, 10, (3,), np.float32)
        def observe(self):
            return np.append(super().observe(), np.float32(self.bright - 0.5))

Limits: a warning for entries that may have either sign and are always 0, and for bounds that are never left; else
advice. Pictures, flags and codes of 0 and 1, paddings, and goals may stay as they are.
Source: Sutton and Barto (2018), section 3.5, the Markov property.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.search import Search
from envkit.core.show import number

ENOUGH = 600  # observations
EPISODES = 6
MOST_ENTRIES = 64
GOAL = "desired_goal"
FIX = "observe what it stands for, or leave it out"


def check(rollouts: Rollouts, search: Search) -> Iterator[Finding]:
    seen = rollouts.seen()
    seen += [step.observation for trace in search.traces for step in trace.steps if not step.beyond]
    few = len(seen) < ENOUGH or sum(len(trace.resets) for trace in rollouts.traces) < EPISODES
    if few and has_entries(rollouts.observation_space):
        raise CannotJudge(f"{len(seen)} observations are too few to call an entry constant")
    program = rollouts.traces[0].program(2)
    for name, space, values in boxes(rollouts.observation_space, seen, "observation"):
        for entry, value, severity in constants(space, values):
            where = f"{name}[{entry}]" if space.shape else name
            low, high = (number(float(bound.ravel()[entry])) for bound in (space.low, space.high))
            message = f"{where} is {number(value)} in all {len(values)} observations, but its range is {low} to {high}"
            yield Finding(message, FIX, where, program, kind=where, severity=severity)
    yield from _unread(rollouts, seen, program)


def _unread(rollouts: Rollouts, seen: list[Any], program: str) -> Iterator[Finding]:
    """Keys of whole numbers that never change, though the attribute of that name does."""
    space = rollouts.observation_space
    parts = space.spaces.items() if isinstance(space, spaces.Dict) else ()
    held = [trace.calls[0].result.counters for trace in rollouts.traces if trace.calls and trace.calls[0].result]
    for key, inner in parts:
        values = {int(o[key]) for o in seen if isinstance(o, dict) and isinstance(o.get(key), int | np.integer)}
        own = {counters[str(key)] for counters in held if str(key) in counters}
        if isinstance(inner, spaces.Discrete) and len(values) == 1 and len(own - values) > 1:
            where = f"observation[{key!r}]"
            message = f"{where} is {values.pop()} in all {len(seen)} observations, while env.{key} changes"
            yield Finding(message, FIX, where, program, kind=where)


def boxes(space: Any, seen: list[Any], name: str) -> Iterator[tuple[str, spaces.Box, npt.NDArray[np.float64]]]:
    """(name, space, [N, entries]) of every Box of numbers that is no picture."""
    if isinstance(space, spaces.Dict):
        for key, inner in space.spaces.items():
            if key != GOAL:
                values = [value[key] for value in seen if isinstance(value, dict) and key in value]
                yield from boxes(inner, values, f"{name}[{key!r}]")
    elif isinstance(space, spaces.Tuple):
        for index, inner in enumerate(space.spaces):
            values = [value[index] for value in seen if isinstance(value, tuple) and index < len(value)]
            yield from boxes(inner, values, f"{name}[{index}]")
    elif has_entries(space):
        arrays = [np.asarray(value) for value in seen if isinstance(value, np.ndarray | np.generic)]
        arrays = [array.ravel() for array in arrays if array.shape == space.shape and array.dtype.kind in "iuf"]
        if len(arrays) >= ENOUGH:
            yield name, space, np.array(arrays, np.float64)


def has_entries(space: Any) -> bool:
    """Whether it is or holds a Box of a few numbers, which is no picture."""
    if isinstance(space, spaces.Dict | spaces.Tuple):
        return any(map(has_entries, space.values() if isinstance(space, spaces.Dict) else space))
    return isinstance(space, spaces.Box) and len(space.shape) <= 1 and space.low.size <= MOST_ENTRIES


def constants(space: spaces.Box, values: npt.NDArray[np.float64]) -> Iterator[tuple[int, float, Severity]]:
    """(entry, value, how bad) of entries that stay as they are while others change."""
    low, high = space.low.ravel().astype(np.float64), space.high.ravel().astype(np.float64)
    still = (values == values[0]).all(axis=0) & (low != high)
    alone = len(still) == 1
    code = bool(np.isin(values, (0, 1)).all())
    padding = len(still) > 2 and bool(still[-2:].all())
    if not still.any() or (still.all() and not alone) or code or padding or still.sum() > max(1, len(still) // 4):
        return
    for entry in np.flatnonzero(still):
        value = float(values[0, entry])
        signed = low[entry] < 0 < high[entry] and value == 0 and not alone
        yield int(entry), value, Severity.WARNING if signed else Severity.ADVICE


RULE = Rule("EK903", "observation-entry-constant", Severity.WARNING, check, whole=True, symptom_of=("EK902", "EK514"))
