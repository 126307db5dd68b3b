"""Policies whose actions a network says: computed by NumPy where that can be, else by torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from envkit.core.policy import Actor, Crowd
from envkit.deep.forward import Network, act
from envkit.deep.normalizer import Normalizer

LOG_STD = -20, 2  # the bounds of SAC's, as Stable-Baselines3 has them


@dataclass(frozen=True, eq=False)
class NetworkPolicy:
    """A policy whose network NumPy computes.

    Args:
      deterministic: whether it takes the likeliest action; else it draws one.
    """

    network: Network
    normalizer: Normalizer | None = None
    deterministic: bool = True

    @property
    def has_chances(self) -> bool:
        """Whether there is anything to draw from."""
        kind = self.network.plan["head"]["kind"]
        return "log_std" in self.network.arrays if kind == "gaussian" else kind not in ("greedy", "squashed")

    def start(self, rng: np.random.Generator) -> Actor:
        return _NetworkActor(self, None if self.deterministic else rng)

    def together(self, rngs: Sequence[np.random.Generator]) -> Crowd | None:
        """Players of several episodes, where there is a quicker way than one by one: of pictures, by torch."""
        plan = self.network.plan
        if plan["observation"]["kind"] != "image" or type(self) is not NetworkPolicy or find_spec("torch") is None:
            return None
        from envkit.deep.crowd import NetworkCrowd

        return NetworkCrowd(self.network, self.normalizer, None if self.deterministic else rngs)


@dataclass(frozen=True, eq=False)
class SquashedPolicy(NetworkPolicy):
    """A policy that draws from a normal distribution and squashes the draw into the bounds, as SAC's does.

    Args:
      spread: says the logarithms of the deviations; None where they are not known.
    """

    spread: Network | None = None

    @property
    def has_chances(self) -> bool:
        return self.spread is not None

    def start(self, rng: np.random.Generator) -> Actor:
        return super().start(rng) if self.deterministic else _SquashedActor(self, rng)


@dataclass(frozen=True)
class _SquashedActor:
    policy: SquashedPolicy
    rng: np.random.Generator

    def act(self, observation: Any, info: dict[str, Any]) -> Any:  # noqa: ARG002 - the protocol's
        policy = self.policy
        assert policy.spread is not None
        seen = observation if policy.normalizer is None else policy.normalizer(observation)
        mean = policy.network.outputs(seen)
        deviation = np.exp(np.clip(policy.spread.outputs(seen), *LOG_STD))
        drawn = np.asarray(mean + deviation * self.rng.standard_normal(mean.shape, np.float32), np.float32)
        return act(policy.network.plan["head"], drawn, policy.network.arrays, None)


@dataclass(frozen=True)
class _NetworkActor:
    policy: NetworkPolicy
    rng: np.random.Generator | None

    def act(self, observation: Any, info: dict[str, Any]) -> Any:
        policy = self.policy
        seen = observation if policy.normalizer is None else policy.normalizer(observation)
        return policy.network.action(seen, self.rng, info.get("action_mask"))


@dataclass(frozen=True, eq=False)
class TorchPolicy:
    """A policy that torch computes: `policy` is one of Stable-Baselines3's.

    Args:
      deterministic: as of `NetworkPolicy`; draws come from a generator of the episode's own.
    """

    policy: Any
    normalizer: Normalizer | None = None
    deterministic: bool = True

    def start(self, rng: np.random.Generator) -> Actor:
        return _TorchActor(self, rng)


class _TorchActor:
    def __init__(self, policy: TorchPolicy, rng: np.random.Generator):
        self.policy, self.rng = policy, rng
        self.memory: Any = None  # of what it has seen in this episode, where it has one
        self.began = np.ones(1, np.bool_)

    def act(self, observation: Any, info: dict[str, Any]) -> Any:
        import torch

        policy = self.policy
        seen = observation if policy.normalizer is None else policy.normalizer(observation)
        asked: dict[str, Any] = {"state": self.memory, "episode_start": self.began}
        if "action_mask" in info and "maskable" in type(policy.policy).__module__:
            asked["action_masks"] = info["action_mask"]
        with torch.random.fork_rng(devices=[]):
            if not policy.deterministic:
                torch.manual_seed(int(self.rng.integers(2**31)))
            action, self.memory = policy.policy.predict(seen, deterministic=policy.deterministic, **asked)
        self.began = np.zeros(1, np.bool_)
        return action
