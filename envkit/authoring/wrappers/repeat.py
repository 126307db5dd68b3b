"""Repeats each action, until the episode is over, and pays the sum.

As `gymnasium.wrappers.RepeatAction`, which older versions of Gymnasium do not have.
"""

from typing import Any

import gymnasium
from gymnasium.utils import RecordConstructorArgs

from envkit.authoring.wrapping import Env, Wrapping, whole


class Repeat(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """The observation and the info are those of the last step."""

    def __init__(self, env: Env, count: int):
        RecordConstructorArgs.__init__(self, count=count)
        super().__init__(env)
        self.count = count

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        paid = 0.0
        for _ in range(self.count):
            observation, reward, terminated, truncated, info = self.env.step(action)
            paid += float(reward)
            if terminated or truncated:
                break
        return observation, paid, terminated, truncated, info


WRAPPER = Wrapping("repeat", "each action N times", "N", "4", whole, Repeat)
