"""Batches that the tests of the adapter play: of Gymnasium's native CartPole, and of a game with masks."""

from typing import ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv


class SameStepCartPole(CartPoleVectorEnv):
    """Gymnasium's native batch, which resets in the next step, resetting in the same one."""

    metadata = CartPoleVectorEnv.metadata | {"autoreset_mode": AutoresetMode.SAME_STEP}

    def step(self, action):
        observations, rewards, terminated, truncated, info = super().step(action)
        done = self.prev_done
        if done.any():
            info = {"final_obs": observations, "_final_obs": done}
            self.state[:, done] = self.np_random.uniform(self.low, self.high, (4, done.sum()))
            self.steps[done] = 0
            self.prev_done = np.zeros_like(done)
            observations = self.state.T.astype(np.float32)
        return observations, rewards, terminated, truncated, info


class Doors(gymnasium.Env):
    """Three doors, one of them locked, which the mask in the info says; going through the third one ends the episode."""

    metadata: ClassVar = {"render_modes": ["rgb_array"], "render_fps": 10}

    def __init__(self, render_mode=None, told=True):
        self.observation_space = spaces.Dict(locked=spaces.Discrete(3), light=spaces.Box(0, 1, (2,), np.float32))
        self.action_space = spaces.Discrete(3)
        self.render_mode, self.told = render_mode, told
        self.bell = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.locked = int((options or {}).get("locked", self.np_random.integers(2)))
        return self._observed(), self._told({"rooms": 3})

    def step(self, action):
        if int(action) == self.locked:
            raise AssertionError(f"door {action} is locked")
        self.locked = int(self.np_random.integers(2))
        return self._observed(), float(action), int(action) == 2, False, self._told({"is_success": int(action) == 2})

    def render(self):
        return np.full((4, 4, 3), self.locked, np.uint8)

    def action_masks(self):
        return np.arange(3) != self.locked

    def ring(self, times=1):
        self.bell += times
        return self.bell

    def _observed(self):
        return {"locked": self.locked, "light": self.np_random.random(2, np.float32)}

    def _told(self, info):
        return {**info, "action_mask": self.action_masks().astype(np.int8)} if self.told else info


class MaskedBatch(VectorEnv):
    """A batch that is one object: each environment counts to three, and an odd one must not use action 0."""

    metadata: ClassVar = {"autoreset_mode": AutoresetMode.SAME_STEP}

    def __init__(self, num_envs):
        self.num_envs, self.pace = num_envs, 1
        self.single_observation_space = spaces.Box(0, 3, (1,), np.float32)
        self.single_action_space = spaces.Discrete(2)
        batched = SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * num_envs)
        self.action_space = batched.action_space
        self.observation_space = spaces.Box(0, 3, (num_envs, 1), np.float32)
        batched.close()

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = np.zeros((self.num_envs, 1), np.float32)
        return self.count, {"action_mask": self.action_masks()}

    def step(self, actions):
        assert not (np.asarray(actions) == 0)[1::2].any(), "an odd environment used action 0"
        self.count += self.pace
        ended = self.count[:, 0] >= 3
        info = {"action_mask": self.action_masks(), "level": np.arange(self.num_envs)}
        if ended.any():
            info |= {"final_obs": self.count.copy(), "final_info": {"level": 10 + np.arange(self.num_envs)}}
        self.count[ended] = 0
        return self.count, np.ones(self.num_envs), ended, np.zeros(self.num_envs, bool), info

    def action_masks(self):
        masks = np.ones((self.num_envs, 2), np.int8)
        masks[1::2, 0] = 0
        return masks
