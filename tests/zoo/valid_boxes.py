"""Odd numbers: Boxes, Discretes and their relatives with unusual types, shapes and bounds. None has a fault."""

import numpy as np
from gymnasium import spaces
from valid_common import Play


class ZeroDimensionalBox(Play):
    """The observation and the action are arrays without a dimension.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Box(-2.0, 2.0, (), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (), np.float32)

    def begin(self):
        self.level = self.np_random.uniform(-1.0, 1.0)

    def observe(self):
        return np.array(self.level, np.float32)

    def move(self, action):
        self.level = float(np.clip(self.level + 0.2 * float(action), -2.0, 2.0))
        return -abs(self.level)


class _Dial(Play):
    """A dial of one type, turned down, left or turned up until it hits a stop."""

    dtype, low, high, unit = np.int8, -128, 127, 9

    def __init__(self):
        self.observation_space = spaces.Box(self.low, self.high, (2,), self.dtype)
        self.action_space = spaces.Discrete(3)

    def begin(self):
        self.value = (self.low + self.high) // 2
        target = self.low + (self.high - self.low) * self.np_random.uniform(0.25, 0.75)
        self.target = target if np.dtype(self.dtype).kind == "f" else int(target)

    def observe(self):
        return np.array([self.value, self.target], self.dtype)

    def move(self, action):
        self.value = min(max(self.value + (int(action) - 1) * self.unit, self.low), self.high)
        return -abs(self.value - self.target) / (self.high - self.low)

    def ends(self):
        return self.value in (self.low, self.high)


class Int8Box(_Dial):
    """The observation is int8, over the whole range of the type.

    Odd: yes
    """


class Uint16Box(_Dial):
    """The observation is uint16, over the whole range of the type.

    Odd: yes
    """

    dtype, low, high, unit = np.uint16, 0, 65535, 4000


class Float16Box(_Dial):
    """The observation is float16.

    Odd: yes
    """

    dtype, low, high, unit = np.float16, -8.0, 8.0, 0.5


class Float64Box(_Dial):
    """The observation is float64, which most libraries turn into float32.

    Odd: yes
    """

    dtype, low, high, unit = np.float64, -1e6, 1e6, 54321.5


class BooleanBox(Play):
    """The observation is a Box of booleans: which lamps are lit.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Box(0, 1, (6,), np.bool_)
        self.action_space = spaces.Discrete(6)

    def begin(self):
        self.lit = self.np_random.random(6) < 0.5

    def observe(self):
        return self.lit.copy()

    def move(self, action):
        self.lit[action] ^= True
        return float(self.lit.mean())

    def ends(self):
        return self.lit.all()


class HugeDiscrete(Play):
    """Observation and action are one of 2**48 numbers: halve the interval in which the secret lies.

    Odd: yes
    """

    size = 2**48

    def __init__(self):
        self.observation_space = spaces.Discrete(self.size)
        self.action_space = spaces.Discrete(self.size)

    def begin(self):
        self.secret, self.low = int(self.np_random.integers(self.size)), 0

    def observe(self):
        return self.low

    def move(self, action):
        if self.low < int(action) <= self.secret:
            self.low = int(action)
        return -(self.secret - self.low) / self.size

    def ends(self):
        return self.low == self.secret


class SmallDiscreteType(Play):
    """The Discrete spaces count in uint8 and int16 instead of int64.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Discrete(20, dtype=np.uint8)
        self.action_space = spaces.Discrete(2, dtype=np.int16)

    def begin(self):
        self.cell = int(self.np_random.integers(5, 15))

    def observe(self):
        return np.uint8(self.cell)

    def move(self, action):
        self.cell += 1 if action else -1
        return -1.0

    def ends(self):
        return self.cell in (0, 19)


class DiscreteStart(Play):
    """States are -3 to 3 and the actions -1, 0 and 1, by spaces that start below zero.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Discrete(7, start=-3)
        self.action_space = spaces.Discrete(3, start=-1)

    def begin(self):
        self.place = int(self.np_random.integers(-2, 3))

    def observe(self):
        return self.place

    def move(self, action):
        if not -1 <= action <= 1:
            raise ValueError(f"the action is {action}, not -1, 0 or 1")
        self.place = max(-3, min(3, self.place + int(action)))
        return float(self.ends())

    def ends(self):
        return self.place == 3


class MultiDiscreteStart(Play):
    """MultiDiscrete of two rows, whose numbers start at 5, -2, 0 and 1.

    Odd: yes
    """

    counts, start = np.array([[3, 4], [2, 6]]), np.array([[5, -2], [0, 1]])

    def __init__(self):
        self.observation_space = spaces.MultiDiscrete(self.counts, start=self.start)
        self.action_space = spaces.MultiDiscrete(self.counts, start=self.start)

    def begin(self):
        self.wanted = self.start + self.np_random.integers(self.counts)

    def observe(self):
        return self.wanted.copy()

    def move(self, action):
        right = int((np.asarray(action) == self.wanted).sum())
        self.wanted = self.start + self.np_random.integers(self.counts)
        return right / 4
