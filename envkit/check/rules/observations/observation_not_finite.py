"""An observation holds infinity or NaN.

Why: one such number turns every weight of a network into NaN; and an unbounded Box contains infinity, so nobody
objects.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(-np.inf, np.inf, (2,), np.float32)
        def observe(self):
            return super().observe() + np.float32(np.inf if self.steps > 3 else 0)

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(-np.inf, np.inf, (2,), np.float32)

Limits: judged on the episodes that were played.
Source: stable-baselines3, "Dealing with NaNs and infs".
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.judging.membership import why_outside
from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.tampering import leaves


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, index, method, observation in rollouts.observations():
        for path, array in leaves(observation):
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                if why_outside(rollouts.observation_space, observation):
                    break  # the space says no already
                place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
                message = f"{method} returned observation{path}{list(place)} = {array[place]}"
                fix = "find the overflow or division; clip the state where the physics has a limit"
                tally.add(path, trace, index, message, fix)
    yield from tally.findings()


RULE = Rule("EK302", "observation-not-finite", Severity.ERROR, check)
