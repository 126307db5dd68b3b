"""The single form of a batch environment: a batch of one, with the manners of a `gymnasium.Env`.

An author who has written a `BatchEnv` names it here and adds `draw`; reset, step and the spaces follow from it.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.vector import AutoresetMode

from envkit.authoring.batch import BatchEnv
from envkit.authoring.dice import Dice
from envkit.authoring.drawn import DrawnEnv
from envkit.authoring.state import Restorable
from envkit.core.show import show


class SingleEnv(Restorable, DrawnEnv[Any, Any]):
    """One environment of a kind that was written as a batch.

    `batch` is the class of the batch; `self.world` is the batch of one, whose arrays `draw` looks into at row 0.

    Args:
      render_mode: as of `DrawnEnv`.
      arguments: those of the batch's constructor.
    """

    batch: ClassVar[Callable[..., BatchEnv]]
    STATE = ("over", "terminated", "rows")

    def __init__(self, *, render_mode: str | None = None, **arguments: Any):
        super().__init__(render_mode=render_mode)
        self.world = type(self).batch(1, autoreset_mode=AutoresetMode.DISABLED, **arguments)
        self.world.dice = Dice(1, block=1)  # so that self.np_random stands where it would in any other environment
        self.observation_space = self.world.single_observation_space
        self.action_space = self.world.single_action_space
        self.over: bool | None = None  # None before the first reset
        self.terminated = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.world.dice.follow(0, self.np_random)
        observations, infos = self.world.reset()
        self.over = self.terminated = False
        self.show()
        return _first(observations), _alone(infos)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if self.over is None:
            raise ResetNeeded(f"{type(self).__name__}.step was called before reset: call env.reset(seed=0) first")
        if self.over:  # a step after the end changes and pays nothing
            info = _alone(self.world.info())
            return _first(self.world.observe()), 0.0, self.terminated, not self.terminated, info
        observations, rewards, terminated, truncated, infos = self.world.step(self._batched(action))
        self.terminated = bool(terminated[0])
        self.over = bool(terminated[0] or truncated[0])
        self.show()
        return _first(observations), float(rewards[0]), self.terminated, bool(truncated[0]), _alone(infos)

    @property
    def rows(self) -> dict[str, Any]:
        """The arrays of the batch of one, in copies."""
        return self.world.get_rows()

    @rows.setter
    def rows(self, rows: dict[str, Any]) -> None:
        self.world.set_rows(rows)

    def set_state(self, state: dict[str, Any]) -> None:
        """As of `Restorable`."""
        super().set_state(state)
        if self._np_random is not None:
            self.world.dice.follow(0, self._np_random)

    def _batched(self, action: Any) -> Any:
        batched = np.asarray(action)[None]
        if self.world.accepts(batched):
            return batched
        raise InvalidAction(
            f"step({show(action)}) of {type(self).__name__}: the action is not in {self.action_space}; "
            "env.action_space.sample() shows one that is"
        )


def _first(observations: Any) -> Any:
    """Row 0, in an object of its own."""
    if isinstance(observations, dict):
        return {name: _first(part) for name, part in observations.items()}
    if isinstance(observations, tuple):
        return tuple(_first(part) for part in observations)
    first = observations[0]
    return first.copy() if isinstance(first, np.ndarray) else first


def _alone(infos: dict[str, Any]) -> dict[str, Any]:
    """What is told of row 0, in plain Python values where it is one."""
    plain = {name: _first(part) for name, part in infos.items() if not name.startswith("_")}
    return {name: part.item() if isinstance(part, np.generic) else part for name, part in plain.items()}
