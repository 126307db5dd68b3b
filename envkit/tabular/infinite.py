"""The optimum without a time limit: discounted, or the undiscounted total.

**Discounted.** Policy iteration: evaluate exactly, improve where an action is strictly better, until none is. Puterman,
Markov Decision Processes (1994), section 6.4. It starts from what value iteration finds in a few sweeps.

**Undiscounted.** A policy that is optimal for every discount close enough to 1 exists (Blackwell; Puterman, theorem
10.1.4), and its average reward is the best there is. So the policy for a discount next to 1 decides first whether a
total exists at all: where it runs for ever at a positive average, nothing bounds the total, and where at a negative
one, no policy can stop paying. Otherwise its totals are computed without discount, and it is improved where an action
is strictly better. That keeps it ending: in a set of states that an improved policy never leaves, the average reward is
the average improvement, so either it is positive, and the total is unbounded, or nothing was improved there.

**A policy that ends.** Among actions of the same value some lead in circles: on a frozen lake without a clock, standing
at a wall for ever is as good as walking, as long as one could still walk later. `towards_the_end` picks, among the
optimal actions, those that make progress to an ending; such a policy earns exactly what its values promise.
"""

from dataclasses import dataclass

import numpy as np

from envkit.core.mdp import MDP
from envkit.tabular.bellman import Actions, Floats, Mask, action_values, scale_of
from envkit.tabular.chain import Chain
from envkit.tabular.kernels import approach, kernel, ways
from envkit.tabular.once import once
from envkit.tabular.shortest import Uniform, shortest, uniform

NEAR_ONE = 1 - 1e-7
STRICTLY = 1e-10  # relative: an improvement below it is a rounding error
WARM_UP = 2_000  # sweeps at most before the first exact evaluation
MOST_ROUNDS = 1_000
LARGE = 20_000  # outcomes of a model from which on compiled sweeps pay


@dataclass(frozen=True)
class Optimum:
    """The best stationary policy: action [S], its exact value [S] and q [S, A], and how many rounds it took.

    `residual` is the largest amount by which one action could still seem better than the policy.
    """

    action: Actions
    value: Floats
    q: Floats
    residual: float
    rounds: int


@once
def optimum(mdp: MDP, discount: float) -> Optimum | None:
    """The optimum under the discount, 1 included; None where at discount 1 there is none."""
    return discounted_optimum(mdp, discount) if discount < 1 else total_optimum(mdp)


def discounted_optimum(mdp: MDP, discount: float) -> Optimum:
    """Exact up to the rounding of the linear solver; `discount` below 1.

    A large model that breadth-first search fits is solved by that: no linear solver takes millions of unknowns.
    """
    paid = uniform(mdp, discount) if mdp.next_state.size > LARGE else None
    if paid:
        return _shortest(mdp, discount, paid)
    action, rounds = _warm_start(mdp, discount), 1
    while True:
        value = Chain.under(mdp, action).discounted(discount)
        q = action_values(mdp, value, discount)
        better, residual = _improved(action, value, q)
        if better is None or rounds >= MOST_ROUNDS:
            return Optimum(action, value, q, residual, rounds)
        action, rounds = better, rounds + 1


def total_optimum(mdp: MDP) -> Optimum | None:
    """The best undiscounted total; None where from the start no policy's total is both finite and best."""
    paid = uniform(mdp, 1.0) if mdp.next_state.size > LARGE else None
    if paid:
        found = _shortest(mdp, 1.0, paid)
        return found if np.isfinite(found.value[mdp.start > 0]).all() else None
    first = discounted_optimum(mdp, NEAR_ONE)
    action, rounds = first.action, first.rounds
    while True:
        value = Chain.under(mdp, action).totals()
        if not np.isfinite(value[mdp.start > 0]).all():
            return None
        q = total_action_values(mdp, value)
        better, residual = _improved(action, value, q)
        if better is None or rounds >= MOST_ROUNDS:
            return Optimum(towards_the_end(mdp, action, value, q), value, q, residual, rounds)
        action, rounds = better, rounds + 1


def _shortest(mdp: MDP, discount: float, paid: Uniform) -> Optimum:
    found = shortest(mdp, discount, paid)
    q = total_action_values(mdp, found.value, discount)
    gain = np.where(np.isfinite(found.value), q.max(axis=1) - found.value, 0.0)
    return Optimum(found.action, found.value, q, float(gain.max(initial=0.0)), 1)


def total_action_values(mdp: MDP, value: Floats, discount: float = 1.0) -> Floats:
    """[S, A]: as `action_values`; -inf for an action that may lead to a state without a total."""
    bad = ~np.isfinite(value)
    q = action_values(mdp, np.where(bad, 0.0, value), discount)
    risky = ((mdp.continues > 0) & bad[mdp.next_state]).any(axis=2)
    return np.where(risky, -np.inf, q)


def towards_the_end(mdp: MDP, action: Actions, value: Floats, q: Floats, *, slack: float = 1e-9) -> Actions:
    """[S]: optimal actions that end the episode with certainty, and soonest, where such exist; elsewhere `action`.

    Args:
      slack: how much less, relative to the values' size, still counts as optimal.
    """
    possible = mdp.probability > 0
    optimal = mdp.available & (q >= np.where(np.isfinite(value), value, np.inf)[:, None] - slack * scale_of(value))
    safe = np.ones(mdp.num_states, bool)
    while True:
        # An action counts if nothing it may do leaves the safe set; a state is safe if such actions lead to an end.
        stays = optimal & (~possible | mdp.terminated | safe[mdp.next_state]).all(axis=2)
        chosen = _approach_compiled(mdp, stays) if mdp.next_state.size > LARGE else _approach(mdp, stays)
        reached = chosen >= 0
        if np.array_equal(reached, safe):
            found = np.where(safe, chosen, action)
            # Without chance the fewest steps in which the end may be reached are those in which it is.
            return found if mdp.is_deterministic else _soonest(mdp, found, stays & safe[:, None])
        safe = reached


def _approach(mdp: MDP, allowed: Mask) -> Actions:
    """[S]: the first of the allowed actions by which an end may be reached in the fewest steps; -1 where none may."""
    possible = mdp.probability > 0
    chosen, reached = np.full(mdp.num_states, -1), np.zeros(mdp.num_states, bool)
    while True:
        progress = allowed & (possible & (mdp.terminated | reached[mdp.next_state])).any(axis=2)
        fresh = progress.any(axis=1) & ~reached
        if not fresh.any():
            return chosen
        chosen[fresh] = progress[fresh].argmax(axis=1)
        reached |= fresh


def _approach_compiled(mdp: MDP, allowed: Mask) -> Actions:
    """The same."""
    states, ends = mdp.num_states, (mdp.probability > 0) & mdp.terminated
    begin, before = ways(mdp.next_state.ravel(), (mdp.continues > 0).ravel(), states)
    distance, chosen, queue = np.full(states, -1), np.full(states, -1), np.empty(states, np.int64)
    width = mdp.next_state.shape[2]
    kernel(approach)(allowed.ravel(), ends.any(axis=2).ravel(), width, begin, before, distance, chosen, queue)
    return chosen


def _soonest(mdp: MDP, action: Actions, allowed: Mask) -> Actions:
    """Policy iteration on the expected number of steps, over the allowed actions [S, A] only."""
    for _ in range(MOST_ROUNDS):
        duration = Chain.under(mdp, action).duration()
        finite = np.where(np.isfinite(duration), duration, 0.0)
        longer = np.where(allowed, np.einsum("sak,sak->sa", mdp.continues, finite[mdp.next_state]), np.inf)
        strict = allowed.any(axis=1) & (1 + longer.min(axis=1) < duration - 1e-9 * scale_of(duration))
        if not strict.any():
            break
        action = np.where(strict, longer.argmin(axis=1), action)
    return action


def longest_episode(mdp: MDP, action: Actions) -> float:
    """The largest expected number of steps, over the states from which the policy ends with certainty; at least 1."""
    duration = Chain.under(mdp, action).duration()
    return float(duration[np.isfinite(duration)].max(initial=1.0))


def _improved(action: Actions, value: Floats, q: Floats) -> tuple[Actions | None, float]:
    """The policy with every strictly better action taken, None if there is none; and the largest gain seen."""
    gain = q.max(axis=1) - np.where(np.isfinite(value), value, np.inf)
    residual = float(gain[np.isfinite(gain)].max(initial=0.0))
    strict = gain > STRICTLY * scale_of(value)
    return (np.where(strict, q.argmax(axis=1), action) if strict.any() else None), residual


def _warm_start(mdp: MDP, discount: float) -> Actions:
    value = np.zeros(mdp.num_states)
    for _ in range(WARM_UP):
        after = action_values(mdp, value, discount).max(axis=1)
        if np.abs(after - value).max() <= 1e-9 * scale_of(after):
            break
        value = after
    greedy: Actions = action_values(mdp, value, discount).argmax(axis=1)
    return greedy
