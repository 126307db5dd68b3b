"""Markov chains: what happens by itself, with no one to choose.

    chain = MarkovChain([[0.7, 0.2, 0.0, 0.1], [0.0, 0.0, 0.9, 0.1], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    chain.expected_steps      # [16, 19, 20, 0]: until it is absorbed
    chain.simulate(rng)       # [0, 0, 1, 2, 1, 3]

A class is a set of states of which each can be reached from each other. It is *recurrent* if nothing leads out of it,
and *absorbing* if, besides, it is a single state; all others are transient: the chain leaves them for good some time.
The period of a class is the greatest common divisor of the lengths of its circles.

With Q the transitions among the transient states, N = (I - Q)^-1 counts the expected visits, its row sums are the
expected steps until a recurrent class is entered, and N R the probabilities of entering each.

Source: Kemeny and Snell, Finite Markov Chains (1960), chapters II to V.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.errors import UsageError
from envkit.core.mdp import MDP
from envkit.core.show import show
from envkit.tabular.bellman import Actions, Floats

MOST_STEPS = 10_000
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Class:
    """States of which each can be reached from each other.

    Args:
      states: their numbers, rising.
      recurrent: whether the chain never leaves them.
      period: after how many steps, and their multiples, it may be back; 0 where it never is.
    """

    states: tuple[int, ...]
    recurrent: bool
    period: int


class MarkovChain:
    """A finite chain, given by its transition probabilities.

    Args:
      transition: float [S, S], the probability of going from the row's state to the column's; rows sum to 1.
      names: what people call the states; numbers where not given.

    Raises:
      UsageError: where a row is no distribution; it says which.
    """

    def __init__(self, transition: npt.ArrayLike, names: Sequence[str] = ()):
        matrix = np.array(transition, float)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
            raise UsageError(f"transition has shape {matrix.shape}, not [states, states]")
        wrong = np.flatnonzero((np.abs(matrix.sum(axis=1) - 1) > TOLERANCE) | ~(matrix >= 0).all(axis=1))
        if len(wrong):
            row = wrong[0]
            raise UsageError(
                f"row {row} of transition is {show(matrix[row].tolist())}, no distribution (its sum is "
                f"{matrix[row].sum():.6g}); {len(wrong)} of {len(matrix)} rows are like it"
            )
        if len(names) not in (0, len(matrix)):
            raise UsageError(f"there are {len(names)} names for {len(matrix)} states")
        matrix.flags.writeable = False
        self.transition: Floats = matrix
        self.names = tuple(names) or tuple(map(str, range(len(matrix))))

    @classmethod
    def of_policy(cls, mdp: MDP, action: Actions) -> "MarkovChain":
        """The chain that a policy [S] makes of a model, with one state more, the last, into which everything ends."""
        size, states = mdp.num_states, np.arange(mdp.num_states)
        matrix = np.zeros((size + 1, size + 1))
        for k in range(mdp.next_state.shape[2]):
            np.add.at(matrix, (states, mdp.next_state[states, action, k]), mdp.continues[states, action, k])
        matrix[:, size] = 1 - matrix[:, :size].sum(axis=1)
        matrix[matrix < TOLERANCE] = 0
        matrix /= matrix.sum(axis=1, keepdims=True)
        return cls(matrix, (*(mdp.state_name(state) for state in range(size)), "over"))

    def simulate(self, rng: np.random.Generator, *, start: int = 0, steps: int = MOST_STEPS) -> list[int]:
        """The states that it runs through, the first one included, until it is absorbed or so many steps were taken."""
        cumulative = self.transition.cumsum(axis=1)
        stays = np.diag(self.transition) == 1
        states = [start]
        for luck in rng.random(steps):
            if stays[states[-1]]:
                break
            following = int(np.searchsorted(cumulative[states[-1]], luck, side="right"))
            possible = np.flatnonzero(self.transition[states[-1]] > 0)
            states.append(min(following, int(possible[-1])))  # the last one takes what rounding leaves
        return states

    @cached_property
    def classes(self) -> tuple[Class, ...]:
        """All classes, by their first states."""
        from scipy.sparse.csgraph import connected_components

        count, label = connected_components(self.transition > 0, directed=True, connection="strong")
        found = []
        for number in range(count):
            states = np.flatnonzero(label == number)
            leaves = (self.transition[states][:, label != number] > 0).any()
            found.append(Class(tuple(states.tolist()), not leaves, self._period(states)))
        return tuple(sorted(found, key=lambda each: each.states))

    @cached_property
    def recurrent(self) -> npt.NDArray[np.bool_]:
        """bool [S]"""
        found = np.zeros(len(self.transition), bool)
        for each in self.classes:
            found[list(each.states)] = each.recurrent
        return found

    @cached_property
    def visits(self) -> Floats:
        """[T, T]: N, the expected visits from each transient state to each, the beginning counted."""
        among = self.transition[~self.recurrent][:, ~self.recurrent]
        return np.asarray(np.linalg.inv(np.eye(len(among)) - among))

    @cached_property
    def expected_steps(self) -> Floats:
        """[S]: until a recurrent class is entered."""
        steps = np.zeros(len(self.transition))
        steps[~self.recurrent] = self.visits.sum(axis=1)
        return steps

    @cached_property
    def std_steps(self) -> Floats:
        """[S]: the standard deviation of those steps."""
        spread, mean = np.zeros(len(self.transition)), self.expected_steps[~self.recurrent]
        variance = (2 * self.visits - np.eye(len(mean))) @ mean - mean**2
        spread[~self.recurrent] = np.sqrt(np.maximum(variance, 0.0))
        return spread

    @cached_property
    def absorption(self) -> Floats:
        """[S, C]: the probability of ending in each recurrent class, in the order of `classes`."""
        sets = [list(each.states) for each in self.classes if each.recurrent]
        found = np.zeros((len(self.transition), len(sets)))
        for number, states in enumerate(sets):
            found[states, number] = 1.0
        into = np.stack([self.transition[~self.recurrent][:, states].sum(axis=1) for states in sets], axis=1)
        found[~self.recurrent] = self.visits @ into
        return found

    @cached_property
    def stationary(self) -> Floats:
        """[C, S]: of each recurrent class the distribution that no step changes: the share of time in each state."""
        rows: list[Any] = []
        for each in self.classes:
            if each.recurrent:
                states = list(each.states)
                among = self.transition[states][:, states]
                system = np.vstack([among.T - np.eye(len(states)), np.ones(len(states))])
                right = np.append(np.zeros(len(states)), 1.0)
                row = np.zeros(len(self.transition))
                row[states] = np.linalg.lstsq(system, right, rcond=None)[0]
                rows.append(row)
        return np.array(rows)

    def _period(self, states: Actions) -> int:
        """By breadth-first search: the common divisor of all differences between the ways to the same state."""
        inside, level = set(states.tolist()), {int(states[0]): 0}
        queue, found = [int(states[0])], 0
        for state in queue:  # grows while it is walked
            for following in np.flatnonzero(self.transition[state] > 0).tolist():
                if following in inside:
                    if following not in level:
                        level[following] = level[state] + 1
                        queue.append(following)
                    found = gcd(found, level[state] + 1 - level[following])
        return found
