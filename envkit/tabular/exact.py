"""The exact answers that a solver's policy is measured by. All are expectations over the start distribution.

* `optimal_return`: the most that any policy can earn within the time limit, undiscounted; a policy may see the clock.
* `optimal_stationary_return`: the most that is known of policies that see the observation alone. Under a time limit
  this problem has no simple exact method, so it is a lower bound: the best of several candidates, each evaluated
  exactly and then improved state by state while that helps.
* `optimal_discounted_return`: the optimum under the solver's discount, without the time limit, as textbooks state it.
* `policy_return`: what the reported policy earns within the time limit, undiscounted.
* `policy_discounted_return`: under the discount and without the time limit; None too of a policy that sees the clock.

A value is None where it is not finite: where nothing bounds the return, or an episode need never end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from envkit.core.errors import UsageError
from envkit.core.mdp import MDP
from envkit.core.policy import MixedPolicy, TablePolicy
from envkit.tabular.bellman import Actions, Floats, Horizon, action_values, backward_induction
from envkit.tabular.chain import Chain, value_within
from envkit.tabular.evaluation import evaluate_policy
from envkit.tabular.infinite import Optimum, optimum
from envkit.tabular.once import once

CANDIDATE_DISCOUNTS = (0.9, 0.99, 0.999)
MOST_IMPROVEMENTS = 50
LARGE = 30_000  # states times actions beyond which the candidates that take an optimisation of their own are left out
SAME = 1e-9


@dataclass(frozen=True)
class Exact:
    """The answers of this module's docstring; `notes` say why one is None."""

    policy_return: float | None
    optimal_return: float | None
    optimal_stationary_return: float | None
    optimal_discounted_return: float | None
    policy_discounted_return: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def gap(self) -> float | None:
        """How much better one could do; a rounding error counts as nothing."""
        if self.optimal_return is None or self.policy_return is None:
            return None
        gap = self.optimal_return - self.policy_return
        return 0.0 if abs(gap) <= SAME * max(1.0, abs(self.optimal_return)) else gap


def exact(mdp: MDP, policy: TablePolicy | MixedPolicy, discount: float) -> Exact:
    """All answers for a policy that was found under `discount`."""
    notes = []
    if isinstance(policy, MixedPolicy):
        earned, own = _mixed_return(mdp, policy.chances), []
    else:
        earned, own = policy_return(mdp, policy.action), [] if policy.sees_the_clock else [policy.action]
    if earned is None:
        notes.append("the policy may go on for ever, so its return has no finite value")
    total = optimum(mdp.unlimited, 1.0) if mdp.horizon is None or discount == 1 else None
    best = stationary = optimal_return(mdp)
    if mdp.horizon is not None:
        stationary = best_stationary(mdp, _clocked(mdp).action, own, enough=best)
    elif best is None:
        notes.append("nothing bounds the return: episodes may go on for ever")
    if discount < 1:
        discounted = _of_start(mdp, _known(mdp, discount).value)
    else:
        discounted = _of_start(mdp, total.value) if total else None
    return Exact(earned, best, stationary, discounted, _discounted(mdp, policy, discount), tuple(notes))


def optimal_return(mdp: MDP) -> float | None:
    """The best undiscounted return, within the time limit if there is one; None where nothing bounds it."""
    if mdp.horizon is not None:
        return _of_start(mdp, _clocked(mdp).value)
    total = optimum(mdp, 1.0)
    return _of_start(mdp, total.value) if total else None


@once
def _clocked(mdp: MDP) -> Horizon:
    return backward_induction(mdp, 1.0)


def policy_return(mdp: MDP, action: Actions) -> float | None:
    """The undiscounted return of a policy, [S] or [T, S], within the time limit if there is one."""
    if mdp.horizon is not None:
        return _of_start(mdp, value_within(mdp, action, mdp.horizon))
    return _of_start(mdp, Chain.under(mdp, action if action.ndim == 1 else action[-1]).totals())


def _mixed_return(mdp: MDP, chances: Floats) -> float | None:
    """As `policy_return`, of a policy that takes actions by chance, [S, A]."""
    try:
        return evaluate_policy(mdp, chances, moments=1).mean
    except UsageError:  # it may go on for ever
        return None


def _discounted(mdp: MDP, policy: TablePolicy | MixedPolicy, discount: float) -> float | None:
    if isinstance(policy, MixedPolicy):
        chain = Chain.mixed(mdp, policy.chances)
    elif policy.sees_the_clock:
        return None
    else:
        chain = Chain.under(mdp, policy.action)
    return _of_start(mdp, chain.totals() if discount == 1 else chain.discounted(discount))


def best_stationary(mdp: MDP, clocked: Actions, own: Sequence[Actions], *, enough: float | None) -> float | None:
    """The best return within the limit of a policy without a clock, as far as known; stops looking at `enough`."""
    best, best_action = -np.inf, None
    for action in _candidates(mdp, clocked, own):
        earned = policy_return(mdp, action)
        if earned is not None and earned > best:
            best, best_action = earned, action
        if enough is not None and best >= enough - SAME * max(1.0, abs(enough)):
            return best
    return best if best_action is None else _climbed(mdp, best_action, best)


def _candidates(mdp: MDP, clocked: Actions, own: Sequence[Actions]) -> Iterator[Actions]:
    yield clocked[0]
    yield from own
    yield _most_used(mdp, clocked)
    if mdp.num_states * mdp.num_actions > LARGE:
        return
    total = optimum(mdp.unlimited, 1.0)
    if total is not None:
        yield total.action
    for discount in CANDIDATE_DISCOUNTS:
        yield _known(mdp, discount).action


def _known(mdp: MDP, discount: float) -> Optimum:
    """The optimum without a time limit, at a discount below 1."""
    found = optimum(mdp.unlimited, discount)
    assert found is not None
    return found


def _most_used(mdp: MDP, clocked: Actions) -> Actions:
    """In each state the action that the clocked policy takes most often there."""
    used = np.zeros((mdp.num_states, mdp.num_actions))
    weight, state = mdp.start, np.arange(mdp.num_states)
    for action in clocked:
        used[state, action] += weight
        weight = Chain.under(mdp, action).push(weight)
    most: Actions = np.where(used.any(axis=1), used.argmax(axis=1), clocked[0])
    return most


def _climbed(mdp: MDP, action: Actions, earned: float) -> float:
    """Local improvement: takes the actions of positive first-order gain, all of them or a few, while that helps."""
    for _ in range(MOST_IMPROVEMENTS):
        gain = _gains(mdp, action)
        better, most = gain.argmax(axis=1), gain.max(axis=1)
        promising = np.argsort(-most)[: int((most > SAME).sum())]
        for many in (len(promising), 4, 1):
            states = promising[:many]
            trial = action.copy()
            trial[states] = better[states]
            value = policy_return(mdp, trial)
            if value is not None and value > earned + SAME:
                action, earned = trial, value
                break
        else:
            return earned
    return earned


def _gains(mdp: MDP, action: Actions) -> Floats:
    """[S, A]: how much taking an action instead changes the return, summed over the clock, the policy fixed else."""
    assert mdp.horizon is not None
    chain, state = Chain.under(mdp, action), np.arange(mdp.num_states)
    weights = [mdp.start]
    for _ in range(mdp.horizon - 1):
        weights.append(chain.push(weights[-1]))
    value, gain = np.zeros(mdp.num_states), np.zeros((mdp.num_states, mdp.num_actions))
    for weight in reversed(weights):
        q = action_values(mdp, value, 1.0)
        value = q[state, action]
        gain += weight[:, None] * np.where(mdp.available, q - value[:, None], 0.0)  # q is -inf where it is not
    return np.where(mdp.available, gain, -np.inf)


def _of_start(mdp: MDP, value: Floats) -> float | None:
    """The expectation over the first state; None where a possible one has no finite value."""
    possible = mdp.start > 0
    if not np.isfinite(value[possible]).all():
        return None
    return float(mdp.start[possible] @ value[possible])
