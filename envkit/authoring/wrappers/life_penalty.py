"""Pays more, or less, for each life that is lost: for each by which `info["lives"]` falls."""

from typing import Any

import gymnasium
from gymnasium.utils import RecordConstructorArgs

from envkit.authoring.wrapping import Env, Wrapping, number
from envkit.core.errors import UsageError
from envkit.core.show import show

LIVES = "lives"


class LifePenalty(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """
    Args:
      added: to the reward of the step that costs a life.
    """

    keeps_time = True

    def __init__(self, env: Env, added: float):
        RecordConstructorArgs.__init__(self, added=added)
        super().__init__(env)
        self.added = added
        _, info = env.reset()  # no space says whether there are lives
        if LIVES not in info:
            raise UsageError(f"life-penalty takes an info with {LIVES!r}, and after reset it is {show(info)}")
        self.lives = int(info[LIVES])

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        observation, info = super().reset(seed=seed, options=options)
        self.lives = int(info[LIVES])
        return observation, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        before, self.lives = self.lives, int(info.get(LIVES, self.lives))
        return observation, float(reward) + self.added * max(before - self.lives, 0), terminated, truncated, info


WRAPPER = Wrapping(
    "life-penalty", "X added to the reward for each life lost", "X", "-1", number, LifePenalty, shapes_reward=True
)
