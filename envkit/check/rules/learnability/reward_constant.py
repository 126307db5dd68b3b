"""Every reward is the same, and no episode was seen to end by itself.

Why: all policies are equally good then; there is nothing to learn.

Fails:

    class Env(Lamp):
        def step(self, action):
            self.bright = min(self.bright, 0.8)
            observation, _, _, truncated, info = super().step(action)
            return observation, 1.0, False, truncated, info

Passes:

    class Env(Lamp):
        def reward(self, burnt_out):
            return 1.0

Limits: a constant penalty (a race to the end) and a constant zero (a rare reward) may be meant. Zero is advice, and
so is a penalty where no episode was seen to end.
Source: Sutton and Barto (2018), section 3.2.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import number
from envkit.core.trace import is_number, is_true

ENOUGH = 200
COUNTING = (0.0, 1.0)  # where episodes end, plus or minus one a step says how soon; zero may wait for a rare success


def check(rollouts: Rollouts) -> Iterator[Finding]:
    steps = [step for _, step in rollouts.steps()]
    if len(steps) < ENOUGH or not all(is_number(step.reward) for step in steps):
        return
    rewards = {float(step.reward) for step in steps}
    if len(rewards) > 1:
        return
    reward = rewards.pop()
    ends = any(is_true(step.terminated) for step in steps)
    if reward != reward or (ends and abs(reward) in COUNTING) or (reward < 0 and not ends and reward == -1):
        return
    said = "at ends too" if ends else "and no episode terminated"
    yield Finding(
        message=f"the reward was {number(reward)} at each of {len(steps)} steps, {said}",
        fix="reward what should happen more often; if the reward is rare, give the agent a way to meet it",
        at="reward",
        program=rollouts.traces[0].program(2),
        count=len(steps),
        severity=Severity.WARNING if reward > 0 or (reward and ends) else Severity.ADVICE,  # a price until the goal
    )


RULE = Rule("EK901", "reward-constant", Severity.WARNING, check, whole=True)
