"""terminated or truncated is not a boolean.

Why: `if terminated is True`, arrays of flags and bootstrapping masks all rely on it; None and arrays of one entry break
them late, on the last step of an episode.

Fails:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            return observation, reward, terminated, int(truncated), info

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            return observation, reward, terminated, bool(truncated), info

Limits: numpy's booleans pass.
Source: Gymnasium Env.step; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import a, show


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, step in rollouts.steps():
        for name, flag in (("terminated", step.terminated), ("truncated", step.truncated)):
            if isinstance(flag, bool | np.bool_):
                continue
            message = f"{name} is {show(flag, most=60)}, {a(type(flag).__name__)}, not a boolean"
            fix = f"return bool({name})"
            tally.add((name, type(flag)), trace, step.index, message, fix)
    yield from tally.findings()


RULE = Rule("EK503", "flag-not-boolean", Severity.ERROR, check)
