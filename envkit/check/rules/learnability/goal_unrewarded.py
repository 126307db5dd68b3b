"""Reaching the goal is paid no better than missing it.

Why: nothing can be learned from rewards that do not know success; mostly two places are compared in different units, or
the comparison is the wrong way round.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            box = gym.spaces.Box(0, 1, (1,), np.float32)
            self.observation_space = gym.spaces.Dict(achieved_goal=box, desired_goal=box, evening=box)
        def observe(self):
            bright, evening = super().observe()
            parts = {"achieved_goal": bright, "desired_goal": 0.5, "evening": evening}
            return {name: np.array([part], np.float32) for name, part in parts.items()}
        def compute_reward(self, achieved_goal, desired_goal, info):
            return -(np.abs(achieved_goal + 1 - desired_goal)[..., 0] > 0.1).astype(float)
        def reward(self, burnt_out):
            seen = self.observe()
            return float(self.compute_reward(seen["achieved_goal"], seen["desired_goal"], {}))

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            box = gym.spaces.Box(0, 1, (1,), np.float32)
            self.observation_space = gym.spaces.Dict(achieved_goal=box, desired_goal=box, evening=box)
        def observe(self):
            bright, evening = super().observe()
            parts = {"achieved_goal": bright, "desired_goal": 0.5, "evening": evening}
            return {name: np.array([part], np.float32) for name, part in parts.items()}
        def compute_reward(self, achieved_goal, desired_goal, info):
            return -(np.abs(achieved_goal - desired_goal)[..., 0] > 0.1).astype(float)
        def reward(self, burnt_out):
            seen = self.observe()
            return float(self.compute_reward(seen["achieved_goal"], seen["desired_goal"], {}))

Limits: only environments with compute_reward; asks it about goals that are reached exactly.
Source: Andrychowicz et al., "Hindsight experience replay" (2017), section 4.1.
"""

from collections.abc import Iterator

from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.goals import Goals
from envkit.core.show import number
from envkit.core.trace import is_number


def check(goals: Goals) -> Iterator[Finding]:
    if not goals.offered:
        return
    missed = [float(one.answer) for one in goals.asked if is_number(one.answer)]
    reached = [float(answer) for answer in goals.reached if is_number(answer)]
    if not missed or not reached:
        raise CannotJudge("compute_reward gave no number")
    if max(reached) <= min(missed):
        trace = goals.asked[0].trace
        yield Finding(
            message=(
                f"compute_reward is {number(max(reached))} where achieved_goal equals desired_goal, and at least "
                f"{number(min(missed))} wherever else it was asked"
            ),
            fix="look at the distance and the comparison in compute_reward",
            at="env.compute_reward",
            program=(
                f"{trace.program(0)}\ngoal = env.reset(seed=0)[0]['desired_goal']\n"
                "print(env.unwrapped.compute_reward(goal, goal, {}))"
            ),
        )


RULE = Rule("EK908", "goal-unrewarded", Severity.WARNING, check, whole=True, symptom_of=("EK508",))
