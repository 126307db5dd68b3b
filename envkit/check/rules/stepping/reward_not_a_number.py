"""A reward is not a single number.

Why: returns are sums; an array of one entry changes the shape of everything it is added to, None and text break it.

Fails:

    class Env(Lamp):
        def reward(self, burnt_out):
            return np.array([super().reward(burnt_out)])

Passes:

    class Env(Lamp):
        def reward(self, burnt_out):
            return float(super().reward(burnt_out))

Limits: numpy's scalars pass; vector rewards, as of multi-objective environments, do not.
Source: Gymnasium Env.step: the reward is a SupportsFloat.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import a, show
from envkit.core.trace import is_number

ITEM = "make it a float where it becomes an array: float(...) of the one number in it, such as speed[0]"


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally, weak = Tally(), Tally()
    for trace, step in rollouts.steps():
        if is_number(step.reward):
            if isinstance(step.reward, np.ndarray):
                weak.add("array", trace, step.index, f"the reward is {step.reward!r}, an array without axes", ITEM)
            continue
        message = f"the reward is {show(step.reward, most=60)}, {a(type(step.reward).__name__)}, not a single number"
        single = isinstance(step.reward, np.ndarray) and step.reward.size == 1
        fix = ITEM if single else "return float(reward)"
        tally.add(type(step.reward), trace, step.index, message, fix)
    yield from tally.findings()
    yield from (replace(finding, severity=Severity.WARNING) for finding in weak.findings())


RULE = Rule("EK504", "reward-not-a-number", Severity.ERROR, check)
