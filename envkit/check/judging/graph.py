"""The states of a small environment and what each action does in each of them, and which actions are the best ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

DISCOUNT, SWEEPS = 0.99, 2000
MARGIN = 1e-3  # of the range of the values: by so much a best action has to be better than another one


@dataclass(frozen=True)
class Move:
    """One action in one state; states are numbered in the order in which they were met.

    Args:
      action: its number among all actions.
      after: the state it leads to; None where the episode ended, or what came of it was no result.
    """

    state: int
    action: int
    reward: float
    after: int | None
    terminated: bool = False
    truncated: bool = False


@dataclass
class Graph:
    """What the walk has seen.

    Args:
      seen: for each state the observation in it, and the seed and the actions that lead to it.
    """

    seen: list[tuple[Any, int, tuple[Any, ...]]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    def best(self) -> Mapping[int, frozenset[int]]:
        """The best actions in every state whose moves are all known, for a deterministic environment.

        Value iteration at a discount of 0.99 (Sutton and Barto, 2018, section 4.4).
        """
        states = len(self.seen)
        actions = 1 + max((move.action for move in self.moves), default=-1)
        if not actions:
            return {}
        reward, after = np.full((states, actions), np.nan), np.full((states, actions), states)  # [S, A]
        for move in self.moves:
            reward[move.state, move.action] = move.reward
            after[move.state, move.action] = states if move.after is None else move.after
        value = np.zeros(states + 1)  # [S + 1]: what comes after the end is worth nothing
        for _ in range(SWEEPS):
            new = np.nanmax(reward + DISCOUNT * value[after], axis=1, initial=-np.inf)
            new = np.where(np.isinf(new), 0.0, new)  # of a state in which nothing was tried
            change = np.abs(new - value[:-1]).max(initial=0.0)
            value[:-1] = new
            if change < 1e-9:
                break
        worth = reward + DISCOUNT * value[after]
        margin = MARGIN * max(float(np.ptp(value[:-1])), 1e-12)
        whole = ~np.isnan(reward).any(axis=1)
        return {
            int(state): frozenset(np.flatnonzero(worth[state] >= value[state] - margin).tolist())
            for state in np.flatnonzero(whole)
        }
