"""Environments with one fault each at an end that only their exact model knows the way to.

Nobody opens the safe by chance: of the 4,096 combinations one is right, and the dials can be turned 30 times.
"""

import gymnasium as gym
import numpy as np
from bases import METADATA

from envkit.core.mdp import MDP


class Safe(gym.Env):
    """A safe with three dials of sixteen digits opens at one combination; its exact model says which."""

    metadata = METADATA.copy()
    digits, combination, limit, prize = 16, (8, 7, 9), 30, 10.0

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.observation_space = gym.spaces.MultiDiscrete([self.digits] * 3)
        self.action_space = gym.spaces.Discrete(6)  # the dial, and whether up or down
        self.dials, self.steps = np.zeros(3, np.int64), 0
        self.open = self.late = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.dials, self.steps = self.np_random.integers(0, 2, 3), 0
        self.open = self.late = False
        return self.observe(), {}

    def step(self, action):
        if self.open or self.late:
            return self.observe(), self.beyond(), self.open, self.late, {}
        self.turn(int(action))
        self.steps += 1
        self.open = self.opens()
        self.late = not self.open and self.steps >= self.limit
        return self.observe(), self.prize if self.open else -1.0, self.open, self.late, {}

    def turn(self, action):
        self.dials = self.dials.copy()
        self.dials[action // 2] = (self.dials[action // 2] + (1 if action % 2 else -1)) % self.digits

    def opens(self):
        return tuple(self.dials) == self.combination

    def observe(self):
        return self.dials.copy()

    def beyond(self):
        return 0.0

    def state_of(self, observation):
        return int(np.ravel_multi_index(tuple(observation), [self.digits] * 3))

    def mdp(self):
        shape = [self.digits] * 3
        places = np.indices(shape).reshape(3, -1)
        turned = np.stack([places] * 6, axis=1)  # [3, A, S]
        for action in range(6):
            turned[action // 2, action] = (turned[action // 2, action] + (1 if action % 2 else -1)) % self.digits
        following = np.ravel_multi_index(tuple(turned), shape).T[:, :, None]  # [S, A, 1]
        opens = following == self.state_of(self.combination)
        start = np.zeros(self.digits**3)
        start[[self.state_of(dials) for dials in np.ndindex(2, 2, 2)]] = 1 / 8
        return MDP(
            next_state=following,
            probability=np.ones(following.shape),
            reward=np.where(opens, self.prize, -1.0),
            terminated=opens,
            available=np.ones(following.shape[:2], bool),
            start=start,
            horizon=self.limit,
        )

    def render(self):
        if self.render_mode == "rgb_array":
            pixels = np.full((16, 48, 3), 90 if self.open else 60, np.uint8)
            for number, digit in enumerate(self.dials):
                pixels[15 - digit :, 2 + 16 * number : 14 + 16 * number] = (200, 170, 60)
            return pixels
        return " ".join(map(str, self.dials)) + "\n" if self.render_mode == "ansi" else None


class OpenSafeShowsNoDigits(Safe):
    """Where the safe opens, its dials are seen one past the last of their digits.

    Level: error
    Hides: only in the observation of the end, which no play by chance reaches
    Twin: Safe
    """

    def observe(self):
        return np.full(3, self.digits) if self.open else super().observe()


class OpenSafePaysAgain(Safe):
    """Every further turn of the open safe's dials pays its prize once more.

    Level: warning
    Hides: only beyond an end that no play by chance reaches
    Twin: Safe
    """

    def beyond(self):
        return self.prize if self.open else 0.0


class SafeStaysShut(Safe):
    """The right combination pays and does not end the episode, as the model says it does.

    Level: error
    Hides: only at the end that the model knows, which no play by chance reaches
    Twin: Safe
    """

    def step(self, action):
        observation, reward, _, truncated, info = super().step(action)
        return observation, reward, False, truncated, info
