"""Policies: the one bridge by which tabular, deep, random and hand-written behaviour meets evaluation.

A `Policy` is what was learnt and never changes; `start` opens an episode and hands out an `Actor`, in which the
memory, the clock and the random draws of that one episode live. So one policy can play many episodes at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium
import numpy as np
import numpy.typing as npt


class Actor(Protocol):
    """One episode's player."""

    def act(self, observation: Any, info: dict[str, Any]) -> Any:
        """The action for this observation; called once a step, in order."""
        ...


class Policy(Protocol):
    """Anything that can play an episode."""

    def start(self, rng: np.random.Generator) -> Actor:
        """Opens an episode; every random draw of the episode comes from `rng`."""
        ...


class Crowd(Protocol):
    """The players of several episodes at once. A policy has one of its own, `together`, if that is quicker."""

    def begin(self, place: int) -> None:
        """Opens the next episode at this place."""
        ...

    def act(self, places: Sequence[int], observations: Sequence[Any], infos: Sequence[dict[str, Any]]) -> list[Any]:
        """The actions at these places."""
        ...


def crowd(policy: Policy, rngs: Sequence[np.random.Generator]) -> Crowd:
    """The policy's players at so many places, each drawing from its own generator."""
    together: Callable[[Sequence[np.random.Generator]], Crowd | None] = getattr(policy, "together", lambda _: None)
    return together(rngs) or _Actors(policy, rngs)


class _Actors:
    """An actor for each episode."""

    def __init__(self, policy: Policy, rngs: Sequence[np.random.Generator]):
        self.policy, self.rngs = policy, rngs
        self.actors: dict[int, Actor] = {}

    def begin(self, place: int) -> None:
        self.actors[place] = self.policy.start(self.rngs[place])

    def act(self, places: Sequence[int], observations: Sequence[Any], infos: Sequence[dict[str, Any]]) -> list[Any]:
        rows = zip(places, observations, infos, strict=True)
        return [self.actors[place].act(observation, info) for place, observation, info in rows]


@dataclass(frozen=True)
class RandomPolicy:
    """Samples the action space uniformly, and respects `info["action_mask"]` where there is one."""

    action_space: gymnasium.Space[Any]

    def start(self, rng: np.random.Generator) -> Actor:
        import copy

        space = copy.deepcopy(self.action_space)  # so that playing never moves the environment's own space
        space.seed(int(rng.integers(2**31)))
        return _RandomActor(space)


@dataclass(frozen=True)
class _RandomActor:
    space: gymnasium.Space[Any]

    def act(self, observation: Any, info: dict[str, Any]) -> Any:  # noqa: ARG002 - the protocol's
        mask = info.get("action_mask")
        return self.space.sample() if mask is None else self.space.sample(mask)


@dataclass(frozen=True)
class FunctionPolicy:
    """What somebody has written: a function from an observation to an action."""

    function: Callable[[Any], Any]

    def start(self, rng: np.random.Generator) -> Actor:  # noqa: ARG002 - nothing here is random
        return self

    def act(self, observation: Any, info: dict[str, Any]) -> Any:  # noqa: ARG002 - the protocol's
        return self.function(observation)


@dataclass(frozen=True, eq=False)
class TablePolicy:
    """A deterministic policy of a finite model.

    Args:
      action: int [S], or int [T, S] for a policy that sees the clock; row t is played at step t.
      state_of: observation -> state number; None when the observation is the number.
      decode: action number -> action of the environment; None when they are the same.
      unknown: played where `state_of` returns a negative number: a state that training never met.
    """

    action: npt.NDArray[np.integer[Any]]
    state_of: Callable[[Any], int] | None = None
    decode: Callable[[int], Any] | None = None
    unknown: int = 0

    def start(self, rng: np.random.Generator) -> Actor:  # noqa: ARG002 - nothing here is random
        return _TableActor(self)

    @property
    def sees_the_clock(self) -> bool:
        return self.action.ndim == 2

    def row(self, step: int) -> npt.NDArray[np.integer[Any]]:
        """The actions [S] played at a step; past its last row a clocked policy keeps the last one."""
        return self.action[min(step, len(self.action) - 1)] if self.sees_the_clock else self.action


@dataclass(frozen=True, eq=False)
class MixedPolicy:
    """A policy of a finite model that takes each action with some probability.

    Args:
      chances: float [S, A]; each row sums to 1. A state that training never met is answered by the last row.
      state_of, decode: as of `TablePolicy`.
    """

    chances: npt.NDArray[np.float64]
    state_of: Callable[[Any], int] | None = None
    decode: Callable[[int], Any] | None = None

    def start(self, rng: np.random.Generator) -> Actor:
        return _MixedActor(self, rng)


@dataclass(frozen=True)
class _MixedActor:
    policy: MixedPolicy
    rng: np.random.Generator

    def act(self, observation: Any, info: dict[str, Any]) -> Any:  # noqa: ARG002 - the protocol's
        policy = self.policy
        state = int(observation) if policy.state_of is None else policy.state_of(observation)
        action = int(self.rng.choice(policy.chances.shape[1], p=policy.chances[state]))
        return action if policy.decode is None else policy.decode(action)


class _TableActor:
    def __init__(self, policy: TablePolicy):
        self.policy = policy
        self.step = 0

    def act(self, observation: Any, info: dict[str, Any]) -> Any:  # noqa: ARG002 - the protocol's
        policy = self.policy
        state = int(observation) if policy.state_of is None else policy.state_of(observation)
        action = int(policy.row(self.step)[state]) if state >= 0 else policy.unknown
        self.step += 1
        return action if policy.decode is None else policy.decode(action)
