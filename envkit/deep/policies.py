"""Policies whose actions a network says: computed by NumPy where that can be, else by torch."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from envkit.core.policy import Actor
from envkit.deep.forward import Network
from envkit.deep.normalizer import Normalizer


@dataclass(frozen=True, eq=False)
class NetworkPolicy:
    """A policy whose network NumPy computes.

    Args:
      deterministic: whether it takes the likeliest action; else it draws one.
    """

    network: Network
    normalizer: Normalizer | None = None
    deterministic: bool = True

    def start(self, rng: np.random.Generator) -> Actor:
        return _NetworkActor(self, None if self.deterministic else rng)


@dataclass(frozen=True)
class _NetworkActor:
    policy: NetworkPolicy
    rng: np.random.Generator | None

    def act(self, observation: Any, info: dict[str, Any]) -> Any:  # noqa: ARG002 - the protocol's
        policy = self.policy
        seen = observation if policy.normalizer is None else policy.normalizer(observation)
        return policy.network.action(seen, self.rng)


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

    def act(self, observation: Any, info: dict[str, Any]) -> Any:  # noqa: ARG002 - the protocol's
        import torch

        policy = self.policy
        seen = observation if policy.normalizer is None else policy.normalizer(observation)
        if policy.deterministic:
            action, _ = policy.policy.predict(seen, deterministic=True)
            return action
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(self.rng.integers(2**31)))
            action, _ = policy.policy.predict(seen, deterministic=False)
        return action
