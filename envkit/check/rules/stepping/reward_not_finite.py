"""A reward is NaN or infinite.

Why: one such reward makes the return, the value target and then every weight NaN.

Fails:

    class Env(Lamp):
        def reward(self, burnt_out):
            return float("nan") if self.bright < 0.1 else self.bright

Passes:

    class Env(Lamp):
        def reward(self, burnt_out):
            return 0.0 if self.bright < 0.1 else self.bright

Limits: judged on the episodes that were played.
Source: stable-baselines3, "Dealing with NaNs and infs".
"""

import math
from collections.abc import Iterator

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.trace import is_number


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, step in rollouts.steps():
        if not is_number(step.reward) or math.isfinite(float(step.reward)):
            continue
        message = f"the reward is {float(step.reward)}"
        fix = "find the logarithm, division or overflow behind it, and say what the reward is in that state"
        tally.add(str(float(step.reward)), trace, step.index, message, fix)
    yield from tally.findings()


RULE = Rule("EK505", "reward-not-finite", Severity.ERROR, check)
