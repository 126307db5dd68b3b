# ruff: noqa: ARG001 - `begin` and `advance` are given the same as those of a model
"""The loop's world when there is no model: the real environment, and tables that grow as observations are met."""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from envkit.core.drive import Driver
from envkit.core.errors import EnvironmentFailed
from envkit.core.finite import Lookup as Lookup
from envkit.core.show import show
from envkit.tabular.course import Algorithm
from envkit.tabular.keeping import ROUND, frozen
from envkit.tabular.loop import Tables


class LiveWorld:
    """An environment, as `loop.play` uses it with the `begin` and `advance` below."""

    choices: tuple[int, ...] = ()

    def __init__(
        self,
        driver: Driver,
        key: Callable[[Any], Hashable],
        decode: Callable[[int], Any] | None,
        *,
        tables: Tables,
        actions: int,
        value: float,
        algorithm: Algorithm,
        cap: int,
        seed: int,
    ):
        """
        Args:
          decode: action number -> the environment's action; None when they are the same.
          tables: lists, to which each new observation adds its rows.
          value: of every action at first.
          algorithm: says how much each pair of state and action keeps.
          cap: steps after which an episode is cut off if nothing else ends it.
          seed: of all resets that have one of their own: every `keeping.ROUND` episodes.
        """
        self.driver, self.key, self.decode, self.cap = driver, key, decode, cap
        self.tables, self.actions, self.value, self.algorithm = tables, actions, value, algorithm
        self.numbers: dict[Hashable, int] = {}
        self.seed = seed
        self.begun = 0  # episodes
        self.truncated = 0  # episodes that the environment itself has cut off

    def begin(self) -> int:
        seed = None
        if self.begun % ROUND == 0:
            seed = int(np.random.SeedSequence((self.seed, self.begun)).generate_state(1)[0])
        self.begun += 1
        observation, _ = self.driver.reset(seed)
        return self._number(observation)

    def restore(self, tables: Tables, observations: list[Any], truncated: int) -> None:
        """Goes back to what an earlier run had learnt."""
        self.tables, self.truncated = tables, truncated
        self.numbers.clear()  # which the policy holds too
        self.numbers.update({frozen(key): number for number, key in enumerate(observations)})

    def advance(self, action: int, step: int) -> tuple[int, float, bool, bool]:
        played = action if self.decode is None else self.decode(action)
        observation, reward, terminated, truncated, _ = self.driver.step(played)
        self.truncated += truncated and not terminated
        return self._number(observation), reward, terminated, truncated or step + 1 >= self.cap

    def number_of(self, key: Hashable) -> int:
        """The number of a state that was met; -1 of one that never was."""
        return self.numbers.get(key, -1)

    def _number(self, observation: Any) -> int:
        try:
            key = self.key(observation)
            number = self.numbers.get(key)
        except Exception as error:
            space = self.driver.env.observation_space
            message = f"{self.driver.name} returned the observation {show(observation)}, which is not of {show(space)}"
            raise EnvironmentFailed(message, method="step", cause=error) from error
        if number is None:
            space = self.driver.env.observation_space
            if not space.contains(observation):
                message = (
                    f"{self.driver.name} returned the observation {show(observation)}, which is not of {show(space)}"
                )
                raise EnvironmentFailed(message, method="step")
            number = self.numbers[key] = len(self.numbers)
            self._grow()
        return number

    def _grow(self) -> None:
        """Adds the rows of one more state."""
        tables, algorithm, actions = self.tables, self.algorithm, self.actions
        tables.q.extend([self.value] * actions)
        tables.visits.extend([0] * actions)
        tables.twins.extend([self.value] * (actions * algorithm.twins))
        tables.numbers.extend([0.0] * (actions * algorithm.numbers))
        tables.links.extend([-1] * (actions * algorithm.links))


def begin(world: LiveWorld, draws: Any, cursor: int) -> tuple[int, int]:
    return world.begin(), cursor


def advance(
    world: LiveWorld,
    pair: int,
    action: int,
    step: int,
    draws: Any,
    cursor: int,
) -> tuple[int, float, bool, bool, int]:
    return (*world.advance(action, step), cursor)
