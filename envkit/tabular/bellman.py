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
SAME = 1e-10  # relative: what differs by less is the same


def action_values(mdp: MDP, value: Floats, discount: float) -> Floats:
    """[S, A]: the expected reward of each action, and what `value` [S] promises after it; -inf where unavailable."""
    following = np.einsum("sak,sak->sa", mdp.continues, value[mdp.next_state])
    return np.where(mdp.available, mdp.expected_reward + discount * following, -np.inf)


def scale_of(*arrays: Floats) -> float:
    """The size of the largest finite entry, at least 1: what a rounding error is measured against."""
    return max([1.0] + [float(np.abs(array[np.isfinite(array)]).max(initial=0.0)) for array in arrays])


def rounding(value: Floats) -> float:
    """What a Bellman residual of such values may be off by itself."""
    return 4 * float(np.finfo(float).eps) * scale_of(value)


def soonest(mdp: MDP, q: Floats, length: Floats, slack: float) -> tuple[Actions, Floats]:
    """Of the best actions the one after which the episode is over soonest, [S], the first of equals; and how soon.

    Args:
      length: [S], the expected number of steps that follow on each state.
      slack: how much less still counts as best; rounding is to fit into it.
    """
    steps = 1 + np.einsum("sak,sak->sa", mdp.continues, length[mdp.next_state])
    steps = np.where(q >= q.max(axis=1, keepdims=True) - slack, steps, np.inf)
    least = steps.min(axis=1, keepdims=True)
    action: Actions = (steps <= least * (1 + SAME)).argmax(axis=1)
    return action, np.take_along_axis(steps, action[:, None], axis=1)[:, 0]


@dataclass(frozen=True)
class Horizon:
    """The optimum under a time limit.

    Args:
      action: [T, S], the best action at each step of the clock; of equals the one that ends the episode soonest.
      value: [S], the value of each state with the whole time ahead.
      q: [S, A], likewise.
    """

    action: Actions
    value: Floats
    q: Floats


def backward_induction(mdp: MDP, discount: float) -> Horizon:
    """The best policy among all, those that see the clock and the past included.

    Exact up to rounding. From the step on at which the values stop changing, counted from the end, any best action
    keeps what they promise: with a clock one may well dawdle for as long as there is time. So among the best the
    shortest way is taken, and once that too is settled, all earlier rows are the same and are not computed again.
    Where episodes never end the way grows for ever; it counts as settled after as many steps as there are states.

    Source: Puterman, section 4.5.
    """
    if mdp.horizon is None:
        raise ValueError("backward induction needs a horizon")
    action = np.zeros((mdp.horizon, mdp.num_states), np.min_scalar_type(mdp.num_actions - 1))
    value, length = np.zeros(mdp.num_states), np.zeros(mdp.num_states)  # of having no time left
    slack = max(4 * float(np.finfo(float).eps), SAME / mdp.horizon)  # so that all steps together make no gap
    still = 0
    for step in reversed(range(mdp.horizon)):
        q = action_values(mdp, value, discount)
        better = q.max(axis=1)
        action[step], longer = soonest(mdp, q, length, slack * scale_of(better))
        still = still + 1 if np.array_equal(better, value) else 0
        if still > mdp.num_states or (still and np.array_equal(longer, length)):
            action[:step] = action[step]
            break
        value, length = better, longer
    return Horizon(action, value, q)
