"""Ways to the ends of episodes, by an exact model: in each state the action that leads there soonest and most surely.

Ends are told apart by what they pay. For each kind, how near a state is to it is the fixed point of

    near(s) = max over a of the sum over outcomes of probability * (1 for such an end, else DISCOUNT * near(next))

which is DISCOUNT to the power of the least number of further steps where nothing is left to chance, and weighs the
length of a way against its risks elsewhere.

Source: value iteration, Puterman, Markov Decision Processes (1994), section 6.3, on a reward of 1 at the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from envkit.core.mdp import MDP

DISCOUNT = 0.99
PRECISION = 1e-4  # of how near a state is, relatively, at which sweeping ends
MOST_WORK = 100_000_000  # outcomes that are looked at for one kind of end: a second or so


@dataclass(frozen=True)
class Way:
    """How to come to one kind of end.

    Args:
      reward: what such an end pays.
      steps: the least number of steps from a first state; in a game of chance, of how many steps it is worth.
      action: int64 [S], the number of the action to take; -1 where no way leads there.
    """

    reward: float
    steps: int
    action: npt.NDArray[np.int64]


def ways(mdp: MDP) -> Iterator[Way]:
    """A way to each kind of end that can be reached in time: the best paid first, then the worst, then the others."""
    real = (mdp.probability > 0) & mdp.available[:, :, None] & mdp.reachable[:, None, None]  # [S, A, K]
    ends = real & mdp.terminated
    paid = sorted(set(np.round(mdp.reward[ends], 9).tolist()), reverse=True)
    for reward in [*paid[:1], *paid[:0:-1]]:
        near, action = _nearness(mdp, ends & np.isclose(mdp.reward, reward))
        nearest = float(near[mdp.start > 0].max())
        steps = 1 + round(np.log(nearest) / np.log(DISCOUNT)) if nearest > 0 else None
        if steps is not None and (mdp.horizon is None or steps <= mdp.horizon):
            yield Way(reward, steps, action)


def _nearness(mdp: MDP, wanted: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """(how near each state is, [S]; the action that is nearest, [S], or -1)."""
    arrives = np.where(wanted, mdp.probability, 0.0).sum(axis=2)  # [S, A]
    goes_on = DISCOUNT * mdp.continues  # [S, A, K]
    near = np.zeros(mdp.num_states)
    for _ in range(max(2, MOST_WORK // mdp.probability.size)):
        worth = arrives + (goes_on * near[mdp.next_state]).sum(axis=2)  # [S, A]
        worth[~mdp.available] = 0
        old, near = near, worth.max(axis=1)
        if (near - old <= PRECISION * near).all():
            break
    return near, np.where(near > 0, worth.argmax(axis=1), -1)
