"""A finite model as it is played: what the next number of chance makes of a state and an action.

Chance is drawn in one way, whether one environment is played or thousands, so that both play the same episodes for the
same seed: one uniform number for the first state where it is not certain, and one for each step where the model has any
chance in it at all. It picks the outcome at which the probabilities, added up in the order of the model, exceed it.
"""

from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.mdp import MDP

Numbers = npt.NDArray[np.float64]
States = npt.NDArray[np.int64]
Move = tuple[int, float, bool]  # next state, reward, terminated


class Dynamics:
    """How a model is played; nothing in it ever changes.

    Args:
      model: whose states, actions and outcomes these are.
    """

    def __init__(self, model: MDP):
        self.model = model
        self.is_certain = model.is_deterministic
        starts = np.flatnonzero(model.start)
        self.first = int(starts[0]) if len(starts) == 1 else None

    def __deepcopy__(self, memo: dict[int, Any]) -> "Dynamics":
        return self

    def begin(self, roll: Callable[[], float]) -> int:
        """The first state of an episode."""
        return bisect_right(self._starts, roll()) if self.first is None else self.first

    def move(self, state: int, action: int, roll: Callable[[], float]) -> Move:
        """What an action leads to."""
        outcomes = self._moves[state][action]
        return outcomes[0] if self.is_certain else outcomes[bisect_right(self._chances[state][action], roll())]

    def begin_all(self, count: int, roll: Callable[[], Numbers]) -> States:
        """int64 [count]: the first states of as many episodes; `roll` gives a number for each."""
        if self.first is not None:
            return np.full(count, self.first)
        return np.searchsorted(self._starts, roll(), side="right").astype(np.int64)

    def move_all(
        self, states: States, actions: States, roll: Callable[[], Numbers]
    ) -> tuple[States, Numbers, npt.NDArray[np.bool_]]:
        """(next states, rewards, terminated) of many environments at once, all arrays [count] and new."""
        next_state, reward, terminated, thresholds = self._flat
        place = states * self.model.num_actions
        place += actions
        if thresholds is not None:
            number = roll()
            exceeded = [number >= threshold.take(place) for threshold in thresholds]
            place *= len(thresholds) + 1
            for more in exceeded:
                place += more
        return next_state.take(place), reward.take(place), terminated.take(place)

    @cached_property
    def _starts(self) -> list[float]:
        starts: list[float] = _added_up(self.model.start).tolist()
        return starts

    @cached_property
    def _chances(self) -> list[list[list[float]]]:
        chances: list[list[list[float]]] = _added_up(self.model.probability).tolist()
        return chances

    @cached_property
    def _moves(self) -> list[list[list[Move]]]:
        """[S][A][K], as plain Python values: a step is then a few look-ups."""
        chosen = [part[:, :, None] for part in self._certain] if self.is_certain else self._possible
        return [
            [list(zip(*outcomes, strict=True)) for outcomes in zip(*state, strict=True)]
            for state in zip(*(part.tolist() for part in chosen), strict=True)
        ]

    @property
    def _possible(self) -> tuple[Any, Any, Any]:
        """Each [S, A, K]."""
        return self.model.next_state, self.model.reward, self.model.terminated

    @property
    def _certain(self) -> tuple[Any, Any, Any]:
        """Each [S, A]: of the one outcome that each action has."""
        place = self.model.probability.argmax(axis=2)[:, :, None]
        next_state, reward, terminated = (np.take_along_axis(part, place, 2)[:, :, 0] for part in self._possible)
        return next_state, reward, terminated

    @cached_property
    def _flat(self) -> tuple[States, Numbers, npt.NDArray[np.bool_], list[Numbers] | None]:
        """The outcomes in one row to be taken from, and where there is chance the thresholds: K - 1 arrays [S * A]."""
        parts = self._certain if self.is_certain else self._possible
        next_state, reward, terminated = (np.ascontiguousarray(part).ravel() for part in parts)
        if self.is_certain:
            return next_state, reward, terminated, None
        last = self.model.probability.shape[2] - 1  # whose threshold is 1, which no number reaches
        added = _added_up(self.model.probability)
        thresholds = [np.ascontiguousarray(added[:, :, k]).ravel() for k in range(last)]
        return next_state, reward, terminated, thresholds


def _added_up(probability: Numbers) -> Numbers:
    """The sums along the last axis, exactly 1 from the last possible outcome on: no number of chance reaches that."""
    total = np.cumsum(probability, axis=-1)
    behind = np.cumsum((probability > 0)[..., ::-1], axis=-1)[..., ::-1] <= 1  # the last possible one, and all after it
    total[behind] = 1.0
    return np.asarray(total)
