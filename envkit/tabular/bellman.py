"""Bellman's equations as array operations: one backup of all states at once.

Source: Puterman, Markov Decision Processes (1994), section 4.3 (finite horizon) and chapter 6 (discounted).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.mdp import MDP

Floats = npt.NDArray[np.float64]
Actions = npt.NDArray[np.integer[Any]]
Mask = npt.NDArray[np.bool_]


def action_values(mdp: MDP, value: Floats, discount: float) -> Floats:
    """[S, A]: the expected reward of each action, and what `value` [S] promises after it; -inf where unavailable."""
    following = np.einsum("sak,sak->sa", mdp.continues, value[mdp.next_state])
    return np.where(mdp.available, mdp.expected_reward + discount * following, -np.inf)


def scale_of(*arrays: Floats) -> float:
    """The size of the largest finite entry, at least 1: what a rounding error is measured against."""
    return max([1.0] + [float(np.abs(array[np.isfinite(array)]).max(initial=0.0)) for array in arrays])


@dataclass(frozen=True)
class Horizon:
    """The optimum under a time limit.

    Args:
      action: [T, S], the best action at each step of the clock; the first of equals.
      value: [S], the value of each state with the whole time ahead.
      q: [S, A], likewise.
    """

    action: Actions
    value: Floats
    q: Floats


def backward_induction(mdp: MDP, discount: float) -> Horizon:
    """The best policy among all, those that see the clock and the past included.

    Exact up to rounding. From the step on at which the values stop changing, counted from the end, all earlier rows
    are the same and are not computed again. Source: Puterman, section 4.5.
    """
    if mdp.horizon is None:
        raise ValueError("backward induction needs a horizon")
    action = np.zeros((mdp.horizon, mdp.num_states), np.min_scalar_type(mdp.num_actions - 1))
    value = np.zeros(mdp.num_states)  # of having no time left
    for step in reversed(range(mdp.horizon)):
        q = action_values(mdp, value, discount)
        action[step] = q.argmax(axis=1)
        better = q.max(axis=1)
        if np.array_equal(better, value):
            action[:step] = action[step]
            break
        value = better
    return Horizon(action, value, q)
