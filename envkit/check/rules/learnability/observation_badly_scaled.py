"""Entries of the observation differ in size by orders of magnitude.

Why: a network sees the large ones only; the small ones are noise to it until it has learnt enormous weights.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 1e6, (2,), np.float32)
        def observe(self):
            return super().observe() * np.array([1e6, 1], np.float32)

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 100, (2,), np.float32)
        def observe(self):
            return super().observe() * np.array([100, 1], np.float32)

Limits: advice, and only for vectors of floats; gymnasium.wrappers.NormalizeObservation mends an environment that is
not yours.
Source: stable-baselines3, "Tips and Tricks when creating a custom environment".
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import number

LARGE = 1e3
TIMES = 1e3  # as large as the smallest of the others
ENOUGH = 100


def check(rollouts: Rollouts) -> Iterator[Finding]:
    seen = [o for o in rollouts.seen() if isinstance(o, np.ndarray) and o.dtype.kind == "f"]
    seen = [o for o in seen if o.ndim == 1 and o.shape == seen[0].shape]
    if len(seen) < ENOUGH or seen[0].size < 2:
        return
    with np.errstate(all="ignore"):
        sizes = np.nanmax(np.abs(np.array(seen, np.float64)), axis=0)
    moving = np.isfinite(sizes) & (sizes > 0)
    if not moving.any() or sizes[moving].max() < LARGE or sizes[moving].max() < TIMES * sizes[moving].min():
        return
    largest = int(np.where(moving, sizes, -1).argmax())
    smallest = int(np.where(moving, sizes, np.inf).argmin())
    yield Finding(
        message=f"observation[{largest}] reaches {number(float(sizes[largest]))}, and observation[{smallest}] "
        f"never more than {number(float(sizes[smallest]))}",
        fix="divide each entry by its range, so that all lie within about -1..1",
        at=f"observation[{largest}]",
        program=rollouts.traces[0].program(2),
        count=len(seen),
    )


RULE = Rule("EK906", "observation-badly-scaled", Severity.ADVICE, check, whole=True)
