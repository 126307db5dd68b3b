"""A game whose answer is known, and algorithms that do as they are told: what tests of searching play in no time."""

import os
import time
from collections import Counter

import gymnasium
import numpy as np
from gymnasium import spaces

MADE = Counter()  # how many there were of each kind


class Target(gymnasium.Env):
    """Each episode is one shot, which pays the more the nearer it comes to 0.7.

    Args:
      fails_after: so many environments with this argument are made in a process before they raise; None for never.
    """

    def __init__(self, fails_after=None):
        self.observation_space, self.action_space = spaces.Box(0, 1, (1,)), spaces.Box(0, 1, (1,))
        MADE[fails_after] += 1
        self.broken = fails_after is not None and MADE[fails_after] > fails_after

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(1, np.float32), {}

    def step(self, action):
        if self.broken:
            raise ValueError("the bow broke")
        return np.ones(1, np.float32), 1.0 - abs(float(action[0]) - 0.7), True, False, {}


class Shot:
    def __init__(self, height):
        self.height = np.float32([height])

    def __call__(self, observation):
        return self.height


def told(make, seed, steps, *, height=0.1, curve="straight", pause=0.0):
    """Shoots as high as it is told, and has nothing to learn."""
    env = make()
    env.reset(seed=seed)
    env.step(np.float32([height]))
    time.sleep(pause)
    return Shot(height if curve == "straight" else height**2)


def deadly(make, seed, steps, *, height=0.1):
    """Above the middle its process dies."""
    if height > 0.5:
        os._exit(9)
    return told(make, seed, steps, height=height)
