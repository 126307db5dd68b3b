"""The bounds of the observation space are thousands of times wider than anything that is observed.

Why: what scales observations by their bounds, as networks and wrappers do, turns them all into zero.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(-1e6, 1e6, (2,), np.float32)

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(-2, 2, (2,), np.float32)

Limits: only finite bounds of floating-point entries, and only where every entry of the Box is far from them. A value
that was not met may be larger.
Source: gymnasium.wrappers.RescaleObservation; Sutton and Barto (2018), section 9.5.
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.rules.learnability.observation_entry_constant import boxes
from envkit.core.show import number

FAR = 1e4


def check(rollouts: Rollouts) -> Iterator[Finding]:
    for name, space, values in boxes(rollouts.observation_space, rollouts.seen(), "observation"):
        bound = np.maximum(np.abs(space.low), np.abs(space.high)).astype(np.float64).ravel()
        if space.dtype.kind != "f" or not np.isfinite(bound).all() or not np.isfinite(values).all():
            continue
        largest = np.abs(values).max(axis=0)
        if (bound >= FAR * largest).all() and largest.any():
            yield Finding(
                message=(
                    f"the bounds of {name} reach to {number(float(bound.max()))}, but in {len(values)} observations "
                    f"nothing is larger than {number(float(largest.max()))}"
                ),
                fix="declare the bounds that can be reached, or infinite ones where none are known",
                at=name,
                program=rollouts.traces[0].program(1) + "\nprint(env.observation_space)",
                count=len(values),
                kind=name,
            )


RULE = Rule("EK304", "observation-space-too-wide", Severity.WARNING, check, whole=True)
