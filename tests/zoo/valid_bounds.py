"""Odd bounds and units of Boxes. None has a fault."""

import numpy as np
from gymnasium import spaces
from valid_common import Play


class UnboundedOnOneSide(Play):
    """One entry is bounded below only, one above only, one not at all.

    Odd: yes
    """

    def __init__(self):
        low = np.array([0.0, -np.inf, -np.inf], np.float32)
        high = np.array([np.inf, 0.0, np.inf], np.float32)
        self.observation_space = spaces.Box(low, high, dtype=np.float32)
        self.action_space = spaces.Discrete(2)

    def begin(self):
        self.drift = self.np_random.normal()

    def observe(self):
        return np.array([abs(self.drift), -abs(self.drift), self.drift], np.float32)

    def move(self, action):
        self.drift += (0.5 if action else -0.5) + 0.1 * self.np_random.normal()
        return -abs(self.drift)

    def ends(self):
        return abs(self.drift) > 20


class AsymmetricActions(Play):
    """The actions are throttle and steering with bounds of their own: 0 to 3 and -0.5 to 2.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Box(-10.0, 10.0, (2,), np.float32)
        low, high = np.array([0.0, -0.5], np.float32), np.array([3.0, 2.0], np.float32)
        self.action_space = spaces.Box(low, high, dtype=np.float32)

    def begin(self):
        self.place = self.np_random.uniform(-1.0, 1.0, 2)

    def observe(self):
        return self.place.astype(np.float32)

    def move(self, action):
        throttle, steering = (float(part) for part in action)
        change = np.array([0.2 * throttle - 0.2, 0.3 * steering - 0.2])
        self.place = np.clip(self.place + change, -10.0, 10.0)
        return 1.0 - float(np.abs(self.place).sum()) / 20

    def ends(self):
        return self.place[0] >= 10.0


class WideNaturalUnits(Play):
    """Observations in pascal and kelvin, actions in watts: nothing is near 1, and all of the range is of use.

    Odd: yes
    """

    def __init__(self):
        low, high = np.array([5e4, 200.0], np.float32), np.array([5e5, 900.0], np.float32)
        self.observation_space = spaces.Box(low, high, dtype=np.float32)
        self.action_space = spaces.Box(-4000.0, 4000.0, (1,), np.float32)

    def begin(self):
        self.kelvin = self.np_random.uniform(280.0, 320.0)

    def observe(self):
        return np.array([1e5 * self.kelvin / 300.0, self.kelvin], np.float32)

    def move(self, action):
        self.kelvin = float(np.clip(self.kelvin + 0.005 * float(action[0]), 200.0, 900.0))
        return -abs(self.kelvin - 500.0) / 100


class BiasEntry(Play):
    """One entry of the observation is the constant 1, and its bounds say so: low and high are equal.

    Odd: yes
    """

    def __init__(self):
        low, high = np.array([-5.0, 1.0], np.float32), np.array([5.0, 1.0], np.float32)
        self.observation_space = spaces.Box(low, high, dtype=np.float32)
        self.action_space = spaces.Discrete(2)

    def begin(self):
        self.x = self.np_random.uniform(-1.0, 1.0)

    def observe(self):
        return np.array([self.x, 1.0], np.float32)

    def move(self, action):
        self.x = float(np.clip(self.x + (0.5 if action else -0.5), -5.0, 5.0))
        return -abs(self.x)

    def ends(self):
        return abs(self.x) >= 5.0
