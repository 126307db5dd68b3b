"""A continuous action space is unbounded, or far from the range -1..1.

Why: policies start with actions of about unit size; they explore a thousandth of a range of -500..500, and cannot be
squashed into one without bounds.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Box(-500, 500, (1,), np.float32)
        def step(self, action):
            return super().step(int(action[0] > 0))

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Box(-1, 1, (1,), np.float32)
        def step(self, action):
            return super().step(int(action[0] > 0))

Limits: bounds up to 10 pass; gymnasium.wrappers.RescaleAction mends an environment that is not yours.
Source: stable-baselines3, "Tips and Tricks when creating a custom environment".
"""

from collections.abc import Iterator

import numpy as np
from gymnasium import spaces

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction

WIDEST = 10


def check(construction: Construction) -> Iterator[Finding]:
    space = construction.spaces[0].objects.get("action_space")
    if not isinstance(space, spaces.Box) or space.dtype.kind != "f":
        return
    bounded = bool(np.isfinite(space.low).all() and np.isfinite(space.high).all())
    if bounded and max(np.abs(space.low).max(), np.abs(space.high).max()) <= WIDEST:
        return
    yield Finding(
        message=f"action_space is {space}" + ("" if bounded else ", which has no bound on some side"),
        fix="declare Box(-1, 1) and scale inside step, or wrap in gymnasium.wrappers.RescaleAction(env, -1, 1)",
        at="env.action_space",
        program=f"{construction.first.program(0)}\nprint(env.action_space)",
    )


RULE = Rule("EK109", "action-range-unscaled", Severity.WARNING, check)
