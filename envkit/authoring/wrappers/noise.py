"""Gaussian noise on the observation, as of a poor sensor: within its bounds, and rounded where they are whole numbers.

It is drawn from a generator of its own, so that the game goes as it would go without.
"""

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from envkit.authoring.wrapping import Env, Wrapping, cannot, number

STREAM = 1  # beside the seed, so that the draws are not those of the environment


class Noise(gymnasium.ObservationWrapper[Any, Any, Any], RecordConstructorArgs):
    """
    Args:
      sigma: the standard deviation, in the unit of the observation.
    """

    def __init__(self, env: Env, sigma: float):
        RecordConstructorArgs.__init__(self, sigma=sigma)
        super().__init__(env)
        space = env.observation_space
        if not isinstance(space, spaces.Box):
            is_dict = isinstance(space, spaces.Dict | spaces.Tuple)
            instead = "--wrap gymnasium.wrappers:FlattenObservation before it makes one vector" if is_dict else ""
            raise cannot("noise", "a Box", space, instead=instead)
        self.sigma, self.space = sigma, space
        self.generator = np.random.default_rng()

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        if seed is not None:
            self.generator = np.random.default_rng((seed, STREAM))
        return super().reset(seed=seed, options=options)

    def observation(self, observation: Any) -> Any:
        space = self.space
        noisy = observation + self.generator.normal(0, self.sigma, space.shape)
        noisy = np.rint(noisy) if np.issubdtype(space.dtype, np.integer) else noisy
        return np.clip(noisy, space.low, space.high).astype(space.dtype)


def read(text: str) -> float:
    sigma = number(text)
    if sigma < 0:
        raise ValueError(f"{text} is negative")
    return sigma


WRAPPER = Wrapping("noise", "Gaussian noise on the observation", "SIGMA", "0.1", read, Noise)
