"""Two parts of one observation are the same array, or overlap.

Why: wrappers scale and normalise each part in place; the other part is then changed with it.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Dict(now=self.observation_space, best=self.observation_space)
        def observe(self):
            seen = super().observe()
            return {"now": seen, "best": seen}

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Dict(now=self.observation_space, best=self.observation_space)
        def observe(self):
            seen = super().observe()
            return {"now": seen, "best": seen.copy()}

Limits: looks at the first steps of every episode, and at its last; arrays that must not be written to may be shared.
Source: NumPy, numpy.shares_memory; Gymnasium's observation wrappers.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.tampering import leaves
from envkit.core.trace import Trace

FIRST_STEPS, MOST_PARTS = 5, 12


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace in rollouts.traces:
        for index, observation in _looked_at(trace):
            for (one, a), (other, b) in combinations(_writeable(observation), 2):
                if np.may_share_memory(a, b) and np.shares_memory(a, b):
                    message = f"{one} and {other} share memory: writing to one changes the other"
                    tally.add((one, other), trace, index, message, f"return a copy in one of them: {other}.copy()")
    yield from tally.findings()


def _looked_at(trace: Trace) -> Iterator[tuple[int, Any]]:
    """(index of the call, observation) of some calls; the very objects."""
    for index, call in trace.resets:
        if isinstance(call.result, tuple):
            yield index, call.result[0]
    for step in trace.steps:
        if (step.number <= FIRST_STEPS or step.ended) and not step.beyond:
            yield step.index, step.call.result[0]


def _writeable(observation: Any) -> list[tuple[str, Any]]:
    if isinstance(observation, np.ndarray):
        return []
    parts = ((name, part) for name, part in leaves(observation, "observation") if part.flags.writeable)
    return [part for part, _ in zip(parts, range(MOST_PARTS), strict=False)]


RULE = Rule("EK610", "observation-parts-share-memory", Severity.WARNING, check)
