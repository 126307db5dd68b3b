"""What was met while an environment was explored: states, what actions did there, first states, and cuts."""

from collections import Counter
from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from envkit.core.errors import EnvironmentFailed
from envkit.core.exploring.rewind import Key, Mask
from envkit.core.finite import Lookup
from envkit.core.mdp import MDP, Outcome
from envkit.core.show import show

MOST_REWARDS = 16  # told apart after one and the same move; where there are more, their mean stands for them
DIGITS = 12  # of a reward that count: sums in another order differ in the last ones


class Result(NamedTuple):
    """What an action did: the number of the state after it, what it paid, and whether the game was over."""

    state: int
    reward: float
    terminated: bool


class TooManyStates(Exception):
    """More states were met than were allowed."""


class Logbook:
    """Grows as the environment is explored; states are numbered as they are met.

    Args:
      name: of the environment.
      key: tells observations apart.
      actions: how many there are.
    """

    def __init__(self, name: str, key: Key, actions: int, most_states: int):
        self.name, self.actions, self.most_states = name, actions, most_states
        self.lookup = Lookup(key, {})
        self.names: list[str] = []
        self.masks: list[Mask | None] = []  # [A] each; None where an episode was only ever over
        self.rows: dict[tuple[int, int], Counter[Result]] = {}
        self.starts: Counter[int] = Counter()
        self.cuts: Counter[int] = Counter()  # steps after which the environment itself truncated an episode
        self.longest = 0  # steps after which an episode still went on

    def arrived(self, observation: Any, mask: Mask | None) -> int:
        """The number of the state that is shown, which may be a new one; no mask where the episode is over."""
        try:
            key = self.lookup.key(observation)
            number = self.lookup.numbers.get(key)
        except Exception as error:
            message = f"{self.name} returned the observation {show(observation)}, which is not of its observation space"
            raise EnvironmentFailed(message, method="step", cause=error) from error
        if number is None:
            number = self._new(key, observation)
        if mask is not None:
            known = self.masks[number]
            self.masks[number] = mask if known is None else known | mask
        return number

    def tell(self, state: int, action: int, result: Result) -> None:
        self.rows.setdefault((state, action), Counter())[result] += 1

    def tries(self, state: int, action: int) -> int:
        row = self.rows.get((state, action))
        return row.total() if row else 0

    def open_pairs(self) -> list[tuple[int, int]]:
        """(state, action) of all that is available."""
        return [
            (state, int(action))
            for state, mask in enumerate(self.masks)
            if mask is not None
            for action in np.flatnonzero(mask)
        ]

    def counts(self) -> npt.NDArray[np.int64]:
        """int64 [S, A]: how often each pair was tried."""
        counts = np.zeros((len(self.names), self.actions), np.int64)
        for pair, row in self.rows.items():
            counts[pair] = row.total()
        return counts

    def clock(self) -> int | None:
        """Steps after which the environment truncates every episode by itself; None if it does no such thing."""
        return next(iter(self.cuts)) if len(self.cuts) == 1 and self.longest < next(iter(self.cuts)) else None

    def mdp(self, start: dict[int, float], horizon: int | None) -> MDP:
        """The model. What was never tried is not available; a state in which nothing was is worth nothing."""
        return MDP.from_outcomes(
            [(chance, state) for state, chance in start.items()],
            self._outcomes,
            self.actions,
            states=range(len(self.names)),
            name=self.names.__getitem__,
            horizon=horizon,
        )

    def _new(self, key: Hashable, observation: Any) -> int:
        if len(self.names) >= self.most_states:
            raise TooManyStates
        number = self.lookup.numbers[key] = len(self.names)
        plain = observation.tolist() if isinstance(observation, np.ndarray) else observation
        self.names.append(plain if isinstance(plain, str) else show(plain))
        self.masks.append(None)
        return number

    def _outcomes(self, state: int, action: int) -> list[Outcome]:
        row = self.rows.get((state, action), Counter())
        total = row.total()
        moves: dict[tuple[int, bool], list[tuple[float, int]]] = {}
        for result, times in row.items():
            moves.setdefault((result.state, result.terminated), []).append((result.reward, times))
        outcomes = []
        for (after, terminated), paid in moves.items():
            if len(paid) > MOST_REWARDS:
                times = sum(each for _, each in paid)
                paid = [(sum(reward * each for reward, each in paid) / times, times)]
            outcomes += [Outcome(each / total, after, reward, terminated) for reward, each in paid]
        return outcomes
