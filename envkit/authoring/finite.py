"""Environments that are written once as a list of outcomes: played alone, solved exactly, stepped by the thousand.

`FiniteEnv` is the single environment. Its author writes how an episode begins and what an action may lead to, and gets
`reset`, `step`, the spaces and the exact model `mdp()` from that. `FiniteBatch` is the batch of any environment with a
finite model: what a step does is looked up for all rows at once.

    class Corridor(FiniteEnv):
        ACTION_NAMES = ("left", "right")

        def starts(self):
            return [(1.0, 0)]

        def outcomes(self, cell, action):
            ahead = min(max(cell + (1 if action == 1 else -1), 0), 4)
            return [Outcome(0.9, ahead, -1.0, ahead == 4), Outcome(0.1, cell, -1.0)]

    class CorridorBatch(FiniteBatch):
        single = Corridor

Both draw chance in the same way (`envkit.authoring.dynamics`), and play the same episodes for the same seed.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.error import InvalidAction, ResetNeeded

from envkit.authoring.batch import BatchOf, Infos, Mask, Rewards
from envkit.authoring.dice import Rows
from envkit.authoring.drawn import DrawnEnv
from envkit.authoring.dynamics import Dynamics
from envkit.authoring.state import Restorable, check_number
from envkit.core.mdp import MDP, Outcome
from envkit.core.show import show


class FiniteEnv(Restorable, DrawnEnv[Any, Any]):
    """An environment of finitely many states, whose observation is the state's number.

    Class attributes for the author to set: `ACTION_NAMES`. Methods to write: `starts`, `outcomes`, and for pictures
    `draw`. `self.state` is the state as the author names it, and None before the first reset.

    Where not every action is available everywhere, `info["action_mask"]` says which are: int8 [actions].
    """

    ACTION_NAMES: ClassVar[tuple[str, ...]]
    STATE = ("number", "over")

    def __init__(self, *, render_mode: str | None = None):
        super().__init__(render_mode=render_mode)
        self._dynamics = Dynamics(self.mdp())
        self.observation_space = spaces.Discrete(self._dynamics.model.num_states)
        self.action_space = spaces.Discrete(self._dynamics.model.num_actions)
        self.number: int | None = None  # of the state
        self.over = False

    def starts(self) -> Iterable[tuple[float, Any]]:
        """(probability, state) pairs of the first state."""
        raise NotImplementedError(f"{type(self).__name__} has to define starts(self)")

    def outcomes(self, state: Any, action: int) -> Iterable[Outcome]:
        """What an action may lead to; nothing where it is not available."""
        raise NotImplementedError(f"{type(self).__name__} has to define outcomes(self, state, action)")

    @property
    def state(self) -> Any:
        return None if self.number is None else self._dynamics.model.states[self.number]

    def mdp(self) -> MDP:
        """The exact model; its states are numbered as they are found from the first ones."""
        names = self.ACTION_NAMES
        return MDP.from_outcomes(self.starts(), self.outcomes, len(names), action_names=names)

    def put(self, number: int) -> None:
        """Brings the environment into a state of the model, by its number."""
        self.number, self.over = number, False

    def set_state(self, state: dict[str, Any]) -> None:
        """As of `Restorable`. Raises ValueError too where it has a number that is no state's."""
        number = state.get("number") if isinstance(state, dict) else None
        if number is not None:  # as it is before the first reset
            check_number(self, number, self._dynamics.model.num_states)
        super().set_state(state)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.put(self._dynamics.begin(self.np_random.random))
        self.show()
        assert self.number is not None
        return self.number, self._info()

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        if self.number is None:
            raise ResetNeeded(f"{type(self).__name__}.step was called before reset: call env.reset(seed=0) first")
        if self.over:  # a step after the end changes and pays nothing
            return self.number, 0.0, True, False, self._info()
        self.number, reward, self.over = self._dynamics.move(
            self.number, self._number_of(action), self.np_random.random
        )
        self.show()
        return self.number, reward, self.over, False, self._info()

    def _number_of(self, action: Any) -> int:
        if isinstance(action, int | np.integer | np.ndarray) and self.action_space.contains(action):
            if self._dynamics.model.available[self.number, int(action)]:
                return int(action)
            raise InvalidAction(
                f"step({show(action)}) of {type(self).__name__}: the action {self.ACTION_NAMES[int(action)]} is not "
                f'available in state {self.state}; info["action_mask"] says which are'
            )
        known = ", ".join(f"{number} {name}" for number, name in enumerate(self.ACTION_NAMES))
        raise InvalidAction(f"step({show(action)}) of {type(self).__name__}: the actions are {known}")

    def _info(self) -> dict[str, Any]:
        available = self._dynamics.model.available
        return {} if available.all() else {"action_mask": available[self.number].astype(np.int8)}


class FiniteBatch(BatchOf):
    """The batch of an environment with a finite model, whose observation is the state's number.

    `single`, the class of one, has `mdp()`, and to be rendered `put(number)`, which brings it into a state. Chance has
    to be drawn in it as `envkit.authoring.dynamics` says. The arguments are those of `BatchOf`.
    """

    fields: ClassVar[Mapping[str, npt.DTypeLike]] = {"number": np.int64}
    number: npt.NDArray[np.int64]

    @cached_property
    def dynamics(self) -> Dynamics:
        return Dynamics(self.one.mdp())

    @cached_property
    def masks(self) -> npt.NDArray[np.int8] | None:
        """[S, A]: which actions are available; None where all are everywhere."""
        available = self.dynamics.model.available
        return None if available.all() else available.astype(np.int8)

    @property
    def own_limit(self) -> int | None:
        return self.dynamics.model.horizon

    def begin(self, rows: Rows) -> None:
        self.number[rows] = self.dynamics.begin_all(len(rows), lambda: self.dice.roll(rows))

    def advance(self, actions: npt.NDArray[Any]) -> tuple[Rewards, Mask]:
        self.number, rewards, terminated = self.dynamics.move_all(self.number, actions, self.dice.roll)
        return rewards, terminated

    def observe(self) -> npt.NDArray[np.int64]:
        return self.number.copy()

    def info(self) -> Infos:
        return {} if self.masks is None else {"action_mask": self.masks[self.number]}

    def pose(self, painter: Any, row: int) -> None:
        painter.put(int(self.number[row]))
