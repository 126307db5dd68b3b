"""Pays more, or less, when an episode is truncated, by the time limits below it; not where it terminates as well."""

from typing import Any

import gymnasium
from gymnasium.utils import RecordConstructorArgs

from envkit.authoring.wrapping import Env, Wrapping, number


class TimeoutPenalty(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """
    Args:
      added: to the reward of the step that truncates.
    """

    def __init__(self, env: Env, added: float):
        RecordConstructorArgs.__init__(self, added=added)
        super().__init__(env)
        self.added = added

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        added = self.added if truncated and not terminated else 0.0
        return observation, float(reward) + added, terminated, truncated, info


WRAPPER = Wrapping(
    "timeout-penalty", "X added to the reward when it is truncated", "X", "-10", number, TimeoutPenalty,
    shapes_reward=True,
)  # fmt: skip
