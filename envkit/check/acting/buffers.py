"""The protocol of stable-baselines3's DummyVecEnv, as a small loop, in the terms of Gymnasium's vector environments."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, create_empty_array, iterate

from envkit.core.trace import Call, is_true

FLAT = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)


def is_flat(space: spaces.Space[Any]) -> bool:
    """Whether there are buffers for it: an array, or a dictionary of arrays."""
    return isinstance(space, FLAT) or (
        isinstance(space, spaces.Dict) and all(isinstance(part, FLAT) for part in space.values())
    )


class Buffers:
    """What stable-baselines3's DummyVecEnv does, in the terms of Gymnasium's vector environments.

    Observations are copied into one buffer; a finished copy is reset at once, after its last observation has been put
    into its info, which is copied only then.
    """

    def __init__(self, makers: Sequence[Callable[[], gymnasium.Env[Any, Any]]]):
        self.envs = [make() for make in makers]
        self.space: spaces.Space[Any] = self.envs[0].observation_space
        self.actions = self.envs[0].action_space
        self.infos: list[dict[str, Any]] = [{} for _ in self.envs]
        empty = create_empty_array(self.space, n=len(self.envs))
        self.buffer: Any = empty if isinstance(empty, dict) else {None: empty}

    def reset(self, *, seed: Sequence[int]) -> tuple[Any, Any]:
        for number, env in enumerate(self.envs):
            observation, _ = env.reset(seed=seed[number])
            self._save(number, observation)
        return self._batch(), {}

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, Any]:
        count = len(self.envs)
        rewards, flags = np.zeros(count), np.zeros((2, count), bool)
        for number, action in enumerate(iterate(batch_space(self.actions, count), actions)):
            observation, rewards[number], flags[0, number], flags[1, number], info = self.envs[number].step(action)
            info["TimeLimit.truncated"] = flags[1, number] and not flags[0, number]
            if flags[:, number].any():
                info["terminal_observation"] = observation
                observation, _ = self.envs[number].reset()
            self.infos[number] = info
            self._save(number, observation)
        infos = copy.deepcopy(self.infos)
        last = {"final_obs": [info.get("terminal_observation") for info in infos]}
        return self._batch(), rewards, flags[0], flags[1], last

    def close(self) -> None:
        for env in self.envs:
            env.close()

    def _save(self, number: int, observation: Any) -> None:
        for key, buffer in self.buffer.items():
            buffer[number] = observation if key is None else observation[key]

    def _batch(self) -> Any:
        held = copy.deepcopy(self.buffer)
        return held.get(None, held)


class DummyVecEnv:
    """The real one, in the same terms. Rewards are float32 there, and a truncation stands in the info, but only where
    the episode has not terminated as well.
    """

    def __init__(self, makers: Sequence[Callable[[], gymnasium.Env[Any, Any]]]):
        from stable_baselines3.common.vec_env import DummyVecEnv as Real

        self.real = Real(list(makers))

    def reset(self, *, seed: Sequence[int]) -> tuple[Any, Any]:
        self.real._seeds = list(seed)
        return self.real.reset(), {}

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, Any]:
        observations, rewards, done, infos = self.real.step(actions)
        cut = np.array([info["TimeLimit.truncated"] for info in infos], bool)
        return (
            observations,
            rewards,
            done & ~cut,
            cut,
            {"final_obs": [info.get("terminal_observation") for info in infos]},
        )


def as_there(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """The calls with rewards and ends as that one has them."""

    def told(call: Call) -> Call:
        if call.method != "step" or not isinstance(call.copy, tuple) or len(call.copy) != 5:
            return call
        observation, reward, terminated, truncated, info = call.copy
        cut = False if is_true(terminated) else truncated
        return replace(call, copy=(observation, float(np.float32(reward)), terminated, cut, info))

    return tuple(map(told, calls))
