"""Driving an environment so that whatever goes wrong in it is told with the episode, the step and the action.

The one place where solving and evaluating call `reset` and `step`.
"""

import math
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from envkit.core.errors import FOREIGN, EnvironmentFailed
from envkit.core.mdp import LARGEST_REWARD
from envkit.core.show import error_line, show


class Driver:
    """Plays episodes of one environment. `step` returns what Gymnasium's does, the reward as a float.

    Raises:
      EnvironmentFailed: where the environment raises, does not answer in the form of Gymnasium's interface, or
        pays a reward that is no finite number, or too large a one to reckon with.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], name: str):
        self.env = env
        self.name = name
        self.episode = -1
        self.steps, self.paid = 0, 0.0
        self.observation: Any = None
        self.action: Any = None
        self.reward = 0.0

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        self.episode += 1
        self.steps, self.paid = 0, 0.0
        given: dict[str, Any] = {} if seed is None else {"seed": seed}
        given |= {} if options is None else {"options": options}
        try:
            observation, info = self.env.reset(**given)
        except FOREIGN as error:
            where = f"reset({', '.join(f'{name}={show(value)}' for name, value in given.items())}) of {self.name}"
            raise self._failed(
                "reset", f"{where} raised {error_line(error)} in episode {self.episode}", error
            ) from error
        self.observation = observation
        return observation, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        try:
            observation, given, terminated, truncated, info = self.env.step(action)
        except FOREIGN as error:
            whose = "" if holds(self.env.action_space, action) else f"; that is no action of {self.env.action_space}"
            raise self._failed("step", f"{self._call(action)} raised {error_line(error)}{whose}", error) from error
        try:
            reward = float(given)
        except FOREIGN as error:
            told = f"{self._call(action)} returned the reward {show(given)}, which is no number"
            raise self._failed("step", told, error) from error
        if not -LARGEST_REWARD < reward < LARGEST_REWARD:
            raise self._failed("step", f"{self._call(action)} returned {unpayable(reward)}")
        self.steps += 1
        self.paid += reward
        self.observation, self.action, self.reward = observation, action, reward
        return observation, reward, bool(terminated), bool(truncated), info

    def _call(self, action: Any) -> str:
        return f"step({show(action)}) of {self.name}, episode {self.episode}, step {self.steps},"

    @staticmethod
    def _failed(method: str, message: str, cause: BaseException | None = None) -> EnvironmentFailed:
        return EnvironmentFailed(message, method=method, cause=cause)


def unpayable(reward: float) -> str:
    """Why no return can be made of a reward that is out of bounds."""
    why = "too large to reckon with: returns are squared" if math.isfinite(reward) else "which is no finite number"
    return f"the reward {reward}, {why}"


def holds(space: gymnasium.Space[Any], action: Any) -> bool:
    """Whether the action is one of the space's; of a Box in whatever precision, for environments convert that."""
    try:
        if isinstance(space, spaces.Box):
            values = np.asarray(action)
            return values.shape == space.shape and bool(np.all((values >= space.low) & (values <= space.high)))
        return bool(space.contains(action))
    except Exception:  # noqa: BLE001 - a space of the environment's own, or numbers that cannot be compared
        return False
