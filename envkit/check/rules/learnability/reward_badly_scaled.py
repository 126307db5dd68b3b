"""Rewards are enormous, or next to nothing.

Why: value networks start near zero and move by small steps; at a million they diverge, at a millionth they see none.

Fails:

    class Env(Lamp):
        def reward(self, burnt_out):
            return 1e-8 * super().reward(burnt_out)

Passes:

    class Env(Lamp):
        def reward(self, burnt_out):
            return 10 * super().reward(burnt_out)

Limits: a warning where none is above a millionth, advice where the median is beyond a thousand: units may be meant.
Source: stable-baselines3, "Tips and Tricks"; Henderson et al., "Deep Reinforcement Learning that Matters" (2018).
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import number
from envkit.core.trace import is_number

LARGE, TINY = 1e3, 1e-6
HUGE, ABOVE = 1e7, 1e6  # and above the usual one
ENOUGH = 100


def check(rollouts: Rollouts) -> Iterator[Finding]:
    rewards = [abs(float(step.reward)) for _, step in rollouts.steps() if is_number(step.reward)]
    paid = [reward for reward in rewards if reward and np.isfinite(reward)]
    if len(rewards) < ENOUGH or len(paid) < 10:
        return
    middle, largest = float(np.median(paid)), max(paid)
    if middle >= LARGE or largest < TINY or largest >= max(HUGE, ABOVE * middle):
        yield Finding(
            message=f"rewards are about {number(middle)} in size, {number(largest)} at most",
            fix="scale rewards to about -1..1 a step, or -100..100 an episode",
            at="reward",
            program=rollouts.traces[0].program(2),
            count=len(paid),
            severity=Severity.WARNING if largest < TINY or largest >= HUGE else Severity.ADVICE,
        )


RULE = Rule("EK907", "reward-badly-scaled", Severity.WARNING, check, whole=True)
