"""What a policy earns, exactly: the value of every state, the spread of its returns, and where it spends its time.

A policy is the action of each state [S], the same for each step of the clock [T, S], or chances [S, A].

**Moments.** A return is R + discount G, with G the return of what follows, and G = 0 after an end. So its k-th moment
follows from the moments up to k of what follows, by the binomial theorem; without a time limit each is one linear
system, with a time limit one sweep a step.

**Occupancy.** How often each state and action is met in an episode, each visit counted as discount^t; undiscounted
these are plain expected visits.

Source: Sobel, "The variance of discounted Markov decision processes" (1982); Puterman, Markov Decision Processes
(1994), section 6.9.2 on occupancy; Kemeny and Snell, Finite Markov Chains (1960), chapter III.
"""

from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from envkit.core.errors import UsageError
from envkit.core.mdp import MDP
from envkit.tabular.bellman import Floats
from envkit.tabular.chain import Chain

MOST_MOMENTS = 4


@dataclass(frozen=True)
class Evaluated:
    """The exact answers about a policy.

    Args:
      moments: [k, S], the first k moments of the return from each state; the first is the value.
      occupancy: [S, A], expected discounted visits in an episode from the start distribution.
      start: [S], the start distribution.
    """

    moments: Floats
    occupancy: Floats
    start: Floats

    @property
    def value(self) -> Floats:
        """[S]"""
        return np.asarray(self.moments[0])

    @property
    def variance(self) -> Floats:
        """[S]"""
        return np.asarray(np.maximum(self.moments[1] - self.moments[0] ** 2, 0.0))

    @property
    def mean(self) -> float:
        """Of an episode's return."""
        return float(self._of_start()[0])

    @property
    def std(self) -> float:
        """Of an episode's return, the chance of where it starts included."""
        first, second = self._of_start()[:2]
        return float(np.sqrt(max(second - first**2, 0.0)))

    @property
    def skewness(self) -> float:
        """Of an episode's return; 0 where nothing is random. Needs three moments."""
        first, second, third = self._of_start()[:3]
        spread = max(second - first**2, 0.0) ** 1.5
        return float((third - 3 * first * second + 2 * first**3) / spread) if spread > 1e-12 else 0.0

    @property
    def length(self) -> float:
        """Expected steps of an episode, where nothing was discounted."""
        return float(self.occupancy.sum())

    def _of_start(self) -> Floats:
        possible = self.start > 0
        return np.asarray(self.moments[:, possible] @ self.start[possible])


def at_random(mdp: MDP) -> Floats:
    """[S, A]: the chances of a policy that takes any available action, each as likely as the others."""
    return np.asarray(mdp.available / mdp.available.sum(axis=1, keepdims=True))


def evaluate_policy(mdp: MDP, policy: npt.NDArray[np.generic], *, discount: float = 1.0, moments: int = 2) -> Evaluated:
    """Evaluates a policy within the model's time limit, if it has one.

    Args:
      policy: actions [S] or [T, S], whole numbers; or chances [S, A], floats whose rows sum to 1.
      moments: how many, 1 to 4.

    Raises:
      UsageError: where the shape fits nothing, a row is no distribution, an action is not available, or the moments are
        not finite, as at discount 1 where an episode may go on for ever.
    """
    if not 1 <= moments <= MOST_MOMENTS:
        raise UsageError(f"moments is {moments}, not a whole number from 1 to {MOST_MOMENTS}")
    chances = chances_of(mdp, policy)
    if mdp.horizon is not None:
        return _within(mdp, chances, mdp.horizon, discount, moments)
    if chances.ndim == 3:
        raise UsageError("a policy that sees the clock needs a time limit; give the model a horizon")
    return _for_ever(mdp, chances, discount, moments)


def chances_of(mdp: MDP, policy: npt.NDArray[np.generic]) -> Floats:
    """The policy as chances [S, A], or [T, S, A] where it sees the clock. Raises as `evaluate_policy` does."""
    states, actions = mdp.available.shape
    policy = np.asarray(policy)
    if np.issubdtype(policy.dtype, np.integer) and policy.shape[-1:] == (states,) and policy.ndim in (1, 2):
        if policy.size and not 0 <= int(policy.min()) <= int(policy.max()) < actions:
            raise UsageError(
                f"the policy has actions from {policy.min()} to {policy.max()}, not from 0 to {actions - 1}"
            )
        chances = (policy[..., None] == np.arange(actions)).astype(float)
    elif np.issubdtype(policy.dtype, np.floating) and policy.shape == (states, actions):
        chances = policy.astype(float)
    else:
        raise UsageError(
            f"the policy is {policy.dtype} {list(policy.shape)}; actions are whole numbers [{states}] or [T, {states}]"
            f", chances are floats [{states}, {actions}]"
        )
    wrong = np.flatnonzero(
        (np.abs(chances.reshape(-1, actions).sum(axis=1) - 1) > 1e-9) | (chances.min(axis=-1) < 0).ravel()
    )
    if len(wrong):
        raise UsageError(f"the chances of state {wrong[0] % states} are no distribution; {len(wrong)} rows are like it")
    taken = np.argwhere((chances > 0) & ~mdp.available)
    if len(taken):
        *_, state, action = taken[0]
        raise UsageError(f"the policy takes action {action} in state {state}, where it is not available")
    return np.asarray(chances)


def _for_ever(mdp: MDP, chances: Floats, discount: float, moments: int) -> Evaluated:
    chain = Chain.mixed(mdp, chances)
    occupancy = chain.visits(mdp.start, discount)
    found = np.zeros((moments, mdp.num_states))
    found[0] = chain.totals() if discount == 1 else chain.discounted(discount)
    if not np.isfinite(found[0][occupancy > 0]).all():
        raise UsageError(
            "the policy may go on for ever, so its return has no finite value; a discount below 1 gives one"
        )
    # Where nothing ever ends and nothing is paid, every moment is 0; where the value is not finite, none is.
    solvable = np.flatnonzero(np.isfinite(found[0]) & (chain.transient() if discount == 1 else True))
    for order in range(2, moments + 1):
        known = np.nan_to_num(np.concatenate([np.ones((1, mdp.num_states)), found[: order - 1]]), posinf=0, neginf=0)
        found[order - 1] = np.where(np.isfinite(found[0]), 0.0, np.nan)
        found[order - 1, solvable] = chain.solved(
            solvable, _paid(mdp, chances, known, order, discount)[solvable], discount**order
        )
    met = np.multiply(occupancy[:, None], chances, out=np.zeros(chances.shape), where=chances > 0)
    return Evaluated(found, met, mdp.start)


def _within(mdp: MDP, chances: Floats, steps: int, discount: float, moments: int) -> Evaluated:
    def row(step: int) -> Floats:
        return chances if chances.ndim == 2 else np.asarray(chances[min(step, len(chances) - 1)])

    found = np.zeros((moments, mdp.num_states))
    for step in reversed(range(steps)):
        known, now = np.concatenate([np.ones((1, mdp.num_states)), found]), np.empty_like(found)
        for order in range(1, moments + 1):
            now[order - 1] = _paid(mdp, row(step), known, order, discount, itself=True)
        if chances.ndim == 2 and np.array_equal(now, found):
            break
        found = now
    weight, occupancy = mdp.start, np.zeros(mdp.available.shape)
    for step in range(steps):
        occupancy += weight[:, None] * row(step)
        weight = discount * Chain.mixed(mdp, row(step)).push(weight)
        if not weight.any():
            break
    return Evaluated(found, occupancy, mdp.start)


def _paid(mdp: MDP, chances: Floats, known: Floats, order: int, discount: float, *, itself: bool = False) -> Floats:
    """[S]: of E[(R + discount G)^order] the terms with lower moments of G than `order`, or all of them.

    Args:
      known: [order, S] or more, the moments of G from the 0-th on.
    """
    weight = chances[:, :, None] * mdp.probability
    goes_on = chances[:, :, None] * mdp.continues
    total: Floats = np.einsum("sak,sak->s", weight, mdp.reward**order)  # G^0 is 1 after an end too
    for power in range(1, order + (1 if itself else 0)):
        factor = comb(order, power) * discount**power
        after = known[power][mdp.next_state]
        total = total + factor * np.einsum("sak,sak,sak->s", goes_on, mdp.reward ** (order - power), after)
    return total
