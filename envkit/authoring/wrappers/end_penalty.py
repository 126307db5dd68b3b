"""Pays more, or less, when an episode terminates."""

from typing import Any

import gymnasium
from gymnasium.utils import RecordConstructorArgs

from envkit.authoring.wrapping import Env, Wrapping, number


class EndPenalty(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """
    Args:
      added: to the reward of the step that terminates.
    """

    keeps_time = True

    def __init__(self, env: Env, added: float):
        RecordConstructorArgs.__init__(self, added=added)
        super().__init__(env)
        self.added = added

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, float(reward) + (self.added if terminated else 0.0), terminated, truncated, info


WRAPPER = Wrapping(
    "end-penalty", "X added to the reward when it terminates", "X", "-10", number, EndPenalty, shapes_reward=True
)
