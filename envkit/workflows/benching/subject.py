"""The environment that is measured: how its users make it, and the actions, which are drawn before the clock starts."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec

from envkit.core.ref import EnvRef
from envkit.core.resolve import locate

DRAWN, DRAWN_BATCHES = 1024, 128  # actions, which are then played over and over

Env = gymnasium.Env[Any, Any]


@dataclass(frozen=True)
class Maker:
    """Makes the environment as its users do, with all the wrappers that `gymnasium.make` adds; pickles for workers."""

    ref: EnvRef
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self) -> Env:
        source = locate(self.ref)
        if isinstance(source, EnvSpec):
            return gymnasium.make(source, **{**self.ref.kwargs, **self.extra})
        return self.ref.make(**self.extra)


@dataclass(frozen=True)
class Subject:
    """What is measured.

    Args:
      ref: the environment.
      counts: the numbers of environments to vectorise.
      seed: of the actions, and of the first reset of each environment.
    """

    ref: EnvRef
    counts: tuple[int, ...]
    seed: int

    @property
    def maker(self) -> Maker:
        return Maker(self.ref)

    @cached_property
    def spec(self) -> EnvSpec | None:
        """As it is registered; None for a class or a function."""
        source = locate(self.ref)
        return source if isinstance(source, EnvSpec) else None

    @cached_property
    def limit(self) -> float:
        """Steps of an episode at most, as far as a wrapper of `gymnasium.make` sees to it."""
        limit = self.ref.kwargs.get("max_episode_steps", self.spec.max_episode_steps if self.spec else None)
        return float("inf") if limit is None or limit < 0 else float(limit)

    def drawn(self, space: gymnasium.Space[Any], count: int = DRAWN) -> list[Any]:
        """Random actions; the space's own generator is left alone."""
        twin = copy.deepcopy(space)
        twin.seed(self.seed)
        return [twin.sample() for _ in range(count)]
