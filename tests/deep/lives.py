"""Games with lives, for what a learner is shown of them."""

import gymnasium
import numpy as np
from gymnasium import spaces

LOST = {3: 2, 5: 1, 9: 2, 12: 1, 14: 0}  # at which step so many are left; one is won back at the ninth
PAID = {2: 7.0, 4: -0.5, 8: 100.0}


class Lives(gymnasium.Env):
    """Begins with three lives; a game is 14 steps, or is cut off where `cut` says. It shows how far it is."""

    observation_space = spaces.Box(-100, 100, (2,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self, cut=99):
        self.cut = cut

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time, self.lives = 0, 3
        return self.seen(), {"lives": self.lives}

    def step(self, action):
        self.time += 1
        self.lives = LOST.get(self.time, self.lives)
        over = self.time == 14
        return self.seen(), PAID.get(self.time, 0.0), over, self.time == self.cut, {"lives": self.lives}

    def seen(self):
        return np.array([self.time, self.lives], np.float32)


class Deathless(Lives):
    """Tells nothing of lives."""

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed)[0], {}
