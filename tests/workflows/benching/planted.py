"""Environments with one planted fault each, for the benchmark to find."""

import os
import time
from typing import ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces


class Calm(gymnasium.Env):
    """Ten steps an episode; nothing grows, slows or fails."""

    metadata: ClassVar = {"render_modes": ["human", "rgb_array", "ansi"], "render_fps": 10}
    observation_space = spaces.Box(0, 1, (4,), np.float32)
    action_space = spaces.Discrete(3)

    def __init__(self, render_mode=None, work=20):
        self.render_mode, self.work = render_mode, work

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return np.zeros(4, np.float32), {}

    def step(self, action):
        self.count += 1
        total = sum(number * number for number in range(self.work))
        return np.full(4, 0.5, np.float32), float(total), self.count >= 10, False, {}

    def render(self):
        return "." if self.render_mode == "ansi" else np.zeros((4, 4, 3), np.uint8)


class Endless(Calm):
    def step(self, action):
        return *super().step(action)[:2], False, False, {}


class Slowing(Calm):
    """Each step looks through all episodes that there have been."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.past = []

    def reset(self, *, seed=None, options=None):
        self.past += range(20)
        return super().reset(seed=seed, options=options)

    def step(self, action):
        sum(self.past)
        return super().step(action)


class Leaking(Calm):
    """Keeps 4 KiB of every episode."""

    kept: ClassVar = []

    def reset(self, *, seed=None, options=None):
        self.kept.append(np.ones(512))
        return super().reset(seed=seed, options=options)


class Large(Calm):
    """Holds 4 MiB."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.map = np.ones(2**19)


class Sleepy(Calm):
    """Two milliseconds of each step are spent waiting."""

    def step(self, action):
        time.sleep(0.002)
        return super().step(action)


class Crashing(Calm):
    def step(self, action):
        if self.count == 5:
            os.abort()
        return super().step(action)


class Hanging(Calm):
    def step(self, action):
        while self.count == 5:
            pass
        return super().step(action)


class Raising(Calm):
    def step(self, action):
        raise RuntimeError("the valve is stuck")


class Blind(Calm):
    """Draws only in one of the modes that it declares."""

    def render(self):
        if self.render_mode == "rgb_array":
            raise NotImplementedError("no picture yet")
        return super().render()


class Alone(Calm):
    """Cannot be copied into another process, or made twice at once, as what holds a device cannot."""

    taken: ClassVar = []

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        if self.taken:
            raise OSError("the device is in use")
        self.taken.append(self)

    def close(self):
        self.taken.clear()


class OwnBatch(gymnasium.vector.VectorEnv):
    """Calm as a batch, which resets in the next step."""

    metadata: ClassVar = {"autoreset_mode": gymnasium.vector.AutoresetMode.NEXT_STEP}

    def __init__(self, num_envs=1, max_episode_steps=10):
        self.num_envs, self.limit = num_envs, max_episode_steps
        self.single_observation_space, self.single_action_space = Calm.observation_space, Calm.action_space
        self.observation_space = gymnasium.vector.utils.batch_space(Calm.observation_space, num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(Calm.action_space, num_envs)

    def reset(self, *, seed=None, options=None):
        self.count = np.zeros(self.num_envs, int)
        return np.zeros((self.num_envs, 4), np.float32), {}

    def step(self, actions):
        self.count = np.where(self.count >= self.limit, 0, self.count + 1)
        ended, none = self.count >= self.limit, np.zeros(self.num_envs, bool)
        return np.zeros((self.num_envs, 4), np.float32), np.ones(self.num_envs), ended, none, {}


gymnasium.register("planted/Calm-v0", Calm, vector_entry_point=OwnBatch, max_episode_steps=10)
gymnasium.register("planted/Endless-v0", Endless, max_episode_steps=7)
