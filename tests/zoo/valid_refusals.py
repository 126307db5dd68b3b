"""Environments that refuse what they cannot do, with a clear error. None has a fault."""

from typing import ClassVar

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from valid_common import Play
from valid_episodes import Line
from valid_lifecycle import Pump


class RaisesAfterTheEnd(Line):
    """A step after the end of the episode is refused with a clear error; reset mends that.

    Odd: yes
    """

    def step(self, action):
        if self.over or self.steps >= self.limit:
            raise RuntimeError("the episode is over: call reset() before the next step()")
        return super().step(action)


class RaisesBeforeReset(Line):
    """A step or a picture before the first reset is refused with a clear error.

    Odd: yes
    """

    metadata: ClassVar = {"render_modes": ["ansi"], "render_fps": 4}

    def __init__(self, render_mode=None):
        super().__init__()
        self.render_mode = render_mode
        self.cell = None

    def step(self, action):
        self._begun()
        return super().step(action)

    def render(self):
        self._begun()
        return "".join("o" if cell == self.cell else "." for cell in range(self.cells))

    def _begun(self):
        if self.cell is None:
            raise gym.error.ResetNeeded("call reset() first")


class RejectsForeignActions(Line):
    """Actions outside the space are refused with an error; they neither count as a step nor change anything.

    Odd: yes
    """

    def step(self, action):
        if not self.action_space.contains(action):
            raise ValueError(f"the action is {action!r}, not one of 0, 1 and 2")
        return super().step(action)


class AssertsActionsAreInTheSpace(Play):
    """Continuous actions outside the space, or of another type, fail an assertion.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Box(-4.0, 4.0, (1,), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (1,), np.float32)

    def begin(self):
        self.x = float(self.np_random.uniform(-1.0, 1.0))

    def observe(self):
        return np.array([self.x], np.float32)

    def step(self, action):
        assert self.action_space.contains(action), f"{action!r} is not in {self.action_space}"
        return super().step(action)

    def move(self, action):
        self.x = float(np.clip(self.x + 0.5 * float(action[0]), -4.0, 4.0))
        return -abs(self.x)

    def ends(self):
        return abs(self.x) == 4.0


class OptionsChooseTheStart(Line):
    """reset(options={"cell": 2}) chooses where to begin, for that episode only; other keys are refused.

    Odd: yes
    """

    def reset(self, *, seed=None, options=None):
        unknown = set(options or {}) - {"cell"}
        if unknown:
            raise ValueError(f"reset knows the option 'cell', not {sorted(unknown)}")
        super().reset(seed=seed)
        drawn = int(self.np_random.integers(1, self.cells - 1))
        self.cell = int((options or {}).get("cell", drawn))
        return self.cell, {}


class RefusesAfterClose(Pump):
    """After close, reset and step are refused with a clear error; close itself may be called again.

    Odd: yes
    """

    closed = False

    def reset(self, *, seed=None, options=None):
        self._open()
        return super().reset(seed=seed, options=options)

    def step(self, action):
        self._open()
        return super().step(action)

    def close(self):
        self.closed = True

    def _open(self):
        if self.closed:
            raise RuntimeError("the environment was closed: make a new one")
