"""Leaves only some actions of a Discrete space, in the order in which they are given."""

from typing import Any, SupportsFloat

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from envkit.authoring.wrapping import Env, Wrapping, cannot, places
from envkit.core.errors import UsageError

MASK = "action_mask"


class Subset(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Action number i is the environment's action `chosen[i]`; an action mask in the info is shortened likewise.

    Attributes:
      places: of the chosen actions among the environment's, from 0 on.
    """

    keeps_time = True

    def __init__(self, env: Env, chosen: tuple[int, ...]):
        RecordConstructorArgs.__init__(self, chosen=chosen)
        super().__init__(env)
        space = env.action_space
        if not isinstance(space, spaces.Discrete):
            instead = "--wrap 'gymnasium.wrappers:DiscretizeAction={\"bins\": 5}' before it makes a Box one"
            raise cannot("actions", "a Discrete space", space, is_a="action", instead=instead)
        last = int(space.start + space.n) - 1
        beyond = [action for action in chosen if not int(space.start) <= action <= last]
        if beyond:
            raise UsageError(f"actions names {beyond[0]}, and the actions are {int(space.start)} to {last}")
        self.chosen = chosen
        self.action_space = spaces.Discrete(len(chosen))
        self.places = [action - int(space.start) for action in chosen]
        self._count = int(space.n)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        observation, info = super().reset(seed=seed, options=options)
        return observation, self._shortened(info)

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = super().step(self.chosen[int(action)])
        return observation, reward, terminated, truncated, self._shortened(info)

    def _shortened(self, info: dict[str, Any]) -> dict[str, Any]:
        mask = np.asarray(info.get(MASK))
        return {**info, MASK: mask[self.places]} if mask.shape == (self._count,) else info


WRAPPER = Wrapping("actions", "only these actions", "ACTION[,ACTION...]", "0,2,3", places, Subset)
