"""Odd ways to be made, copied and closed. None has a fault."""

import threading
from dataclasses import dataclass, field
from types import MappingProxyType

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import EzPickle
from valid_common import Play


class Pump(Play):
    """A tank of ten litres: 0 lets water out, 1 waits, 2 pumps; it rains a little."""

    def __init__(self):
        self.observation_space = spaces.Box(0.0, 10.0, (1,), np.float64)
        self.action_space = spaces.Discrete(3)

    def begin(self):
        self.litres = self.np_random.uniform(3.0, 7.0)

    def observe(self):
        return np.array([self.litres])

    def move(self, action):
        self.litres += 0.5 * (int(action) - 1) + self.np_random.uniform(0.0, 0.2)
        self.litres = float(np.clip(self.litres, 0.0, 10.0))
        return -abs(self.litres - 5.0)

    def ends(self):
        return self.litres in (0.0, 10.0)


class HoldsALock(Pump):
    """A lock guards the state and cannot be copied: the class says itself how it is copied and pickled.

    Odd: yes
    """

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()

    def step(self, action):
        with self.lock:
            return super().step(action)

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "lock"}

    def __setstate__(self, state):
        vars(self).update(state, lock=threading.Lock())


class StateInAGenerator(Play):
    """The course of an episode is a Python generator; copying and pickling play it again to the same place.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Discrete(10)
        self.action_space = spaces.Discrete(2)

    def begin(self):
        self.seed, self.actions = int(self.np_random.integers(2**31)), []
        self.resume()

    def resume(self):
        self.course = self.story(np.random.default_rng(self.seed))
        self.cell = next(self.course)
        for action in self.actions:
            self.cell = self.course.send(action)

    def story(self, rng):
        cell = int(rng.integers(3, 7))
        while True:
            action = yield cell
            cell = min(max(cell + (1 if action else -1) * int(rng.integers(1, 3)), 0), 9)

    def observe(self):
        return self.cell

    def move(self, action):
        self.actions.append(int(action))
        self.cell = self.course.send(int(action))
        return float(self.cell == 9)

    def ends(self):
        return self.cell in (0, 9)

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "course"}

    def __setstate__(self, state):
        vars(self).update(state)
        if "seed" in state:
            self.resume()


class PickledByItsArguments(Pump, EzPickle):
    """By EzPickle a copy is a new instance made with the same arguments: it starts anew, as documented there.

    Odd: yes
    """

    def __init__(self, target=5.0):
        EzPickle.__init__(self, target)
        super().__init__()
        self.target = target

    def step(self, action):
        if not hasattr(self, "steps"):
            raise gym.error.ResetNeeded("this is a new instance: call reset() first")
        return super().step(action)

    def move(self, action):
        super().move(action)
        return -abs(self.litres - self.target)


@dataclass(eq=False)
class DataclassEnvironment(Pump):
    """The environment is a dataclass, with its state among the fields.

    Odd: yes
    """

    litres: float = 5.0
    render_mode: str | None = field(default=None, init=False)
    steps: int = field(default=0, init=False)
    over: bool = field(default=False, init=False)

    def __post_init__(self):
        Pump.__init__(self)


class WithSlots(gym.Env):
    """The attributes are declared in __slots__.

    Odd: yes
    """

    __slots__ = ("action_space", "cell", "observation_space", "steps")

    def __init__(self):
        self.observation_space = spaces.Discrete(16)
        self.action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.cell, self.steps = int(self.np_random.integers(16)), 0
        return self.cell, {}

    def step(self, action):
        self.cell = (self.cell * 5 + 3 * int(action) + 1) % 16
        self.steps += 1
        return self.cell, self.cell / 16, False, self.steps >= 25, {}


class SharedConstants(Pump):
    """Read-only tables and settings are class attributes that all instances share.

    Odd: yes
    """

    settings = MappingProxyType({"out": -0.5, "wait": 0.0, "pump": 0.5})
    rates = np.array([-0.5, 0.0, 0.5])
    rates.flags.writeable = False

    def move(self, action):
        self.litres = float(np.clip(self.litres + self.rates[action], 0.0, 10.0))
        return self.settings["pump"] - abs(self.litres - 5.0)


class SetStateOfAnotherKind(Pump):
    """get_state tells the litres, and set_state takes them with a second argument: no way back was promised.

    Odd: yes
    """

    def get_state(self):
        return {"litres": self.litres}

    def set_state(self, litres, steps):
        self.litres, self.steps = litres, steps
