"""Games that end, hang or fail in a process of their own, when a file says that they may."""

import os
import signal
import time

import gymnasium
import numpy as np
from gymnasium import spaces


class Dying(gymnasium.Env):
    """In the tenth step of its second episode something happens to environment of number `number`.

    Args:
      how: exit, kill, hang, raise, unpicklable, or nothing.
      where: step, reset or init.
    """

    observation_space = spaces.Box(0, 1, (3,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self, how="nothing", where="step"):
        self.how, self.where, self.episodes = how, where, 0
        if where == "init":
            self._happen()

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episodes, self.steps = self.episodes + 1, 0
        if self.where == "reset" and self.episodes == 2:
            self._happen()
        return self.np_random.random(3, np.float32), {}

    def step(self, action):
        self.steps += 1
        if self.where == "step" and self.episodes == 2 and self.steps == 10:
            self._happen()
        info = {"odd": lambda: 1} if self.how == "unpicklable" else {}
        return self.np_random.random(3, np.float32), 1.0, False, self.steps >= 12, info | {"is_success": True}

    def _happen(self):
        if self.how == "exit":
            os._exit(3)
        if self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "hang":
            time.sleep(600)
        if self.how == "raise":

            class Local(Exception):
                """Which no other process can read."""

            raise Local("what a pity")
