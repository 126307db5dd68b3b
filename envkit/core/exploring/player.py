"""Playing by numbers: whichever instance is at hand is reset and stepped, and all of it is counted.

The instance is played without the wrappers that only watch over it, the time limit among them: what follows on a state
does not depend on how late it is.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import gymnasium
from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker, TimeLimit

from envkit.core.drive import Driver
from envkit.core.layers import layers

Env = gymnasium.Env[Any, Any]
Step = tuple[Any, float, bool, bool, dict[str, Any]]

WATCHMEN = (TimeLimit, OrderEnforcing, PassiveEnvChecker)  # wrappers that change nothing of the game
OFTEN = 1000  # steps between two reports


class OutOfSteps(Exception):
    """As many steps were taken as were allowed."""


class Player:
    """Plays whichever instance is at hand, counts, and knows actions by their numbers."""

    def __init__(
        self,
        env: Env,
        name: str,
        decode: Callable[[int], Any] | None,
        *,
        most_steps: int,
        report: Callable[[int], None],
    ):
        self.driver = Driver(env, name)
        self.decode, self.most_steps, self.report = decode, most_steps, report
        self.steps = self.resets = 0

    @property
    def env(self) -> Env:
        return self.driver.env

    def at(self, env: Env, steps: int) -> None:
        """From now on plays this instance, which is so many steps past its reset."""
        self.driver.env, self.driver.steps = env, steps

    def reset(self, seed: int) -> tuple[Any, dict[str, Any]]:
        self.resets += 1
        return self.driver.reset(seed)

    def step(self, action: int) -> Step:
        if self.steps >= self.most_steps:
            raise OutOfSteps
        self.steps += 1
        if self.steps % OFTEN == 0:
            self.report(self.steps)
        return self.driver.step(action if self.decode is None else self.decode(action))


@contextlib.contextmanager
def without_watchmen(env: Env) -> Iterator[Env]:
    """The environment without its time limit and the like, wherever in the stack; afterwards all is as it was."""
    inner: Any = env
    while isinstance(inner, WATCHMEN):
        inner = inner.env
    taken: list[tuple[Any, Any]] = []
    try:
        for layer in layers(inner):
            while isinstance(layer, gymnasium.Wrapper) and isinstance(layer.env, WATCHMEN):
                taken.append((layer, layer.env))
                layer.env = layer.env.env
        yield inner
    finally:
        for layer, removed in reversed(taken):
            layer.env = removed
