import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tabular_models import build, loop, random_model, teleport_grid, waiting

from envkit.core.errors import UsageError
from envkit.tabular.evaluation import evaluate_policy


def coin(reward=1.0):
    """Each step pays, and ends the episode with probability 1/2: a geometric number of steps."""
    return build({0: {0: [(0.5, 0, reward, True), (0.5, 0, reward, False)]}}, 1)


def test_a_geometric_return_has_its_known_moments():
    """Mean 2, variance 2, third central moment 6: of the number of throws until a coin shows heads."""
    found = evaluate_policy(coin(), np.zeros(1, int), moments=4)
    assert found.moments[:, 0] == pytest.approx([2, 6, 26, 150])
    assert (found.mean, found.std, found.length) == pytest.approx((2, np.sqrt(2), 2))
    assert found.skewness == pytest.approx(6 / 2**1.5)


def test_discounting_shrinks_the_moments_as_it_should():
    """At discount 1/2 the return is 2 - 2^(1 - n) after n steps."""
    found = evaluate_policy(coin(), np.zeros(1, int), discount=0.5, moments=3)
    n = np.arange(1, 80)
    returns, chances = 2 - 2.0 ** (1 - n), 0.5**n
    assert found.moments[:, 0] == pytest.approx([(chances * returns**k).sum() for k in (1, 2, 3)])


def brute(mdp, chances, discount, steps):
    """Every way an episode may go, with its chance, its return and the visits on it."""
    states, actions, width = mdp.next_state.shape
    ways = [(chance, s, 1.0, 0.0, np.zeros((states, actions)), True) for s, chance in enumerate(mdp.start) if chance]
    for _ in range(steps):
        further = []
        for chance, state, kept, total, visits, going in ways:
            if not going:
                further.append((chance, state, kept, total, visits, False))
                continue
            for action, k in itertools.product(range(actions), range(width)):
                p = chance * chances[state, action] * mdp.probability[state, action, k]
                if p:
                    more = visits.copy()
                    more[state, action] += kept
                    earned = total + kept * mdp.reward[state, action, k]
                    place = (state, action, k)
                    further.append((p, mdp.next_state[place], kept * discount, earned, more, not mdp.terminated[place]))
        ways = further
    return ways


@given(st.integers(0, 2**32), st.sampled_from([0.5, 1.0]))
@settings(max_examples=20, deadline=None)
def test_moments_and_occupancy_under_a_limit_are_those_of_all_ways_an_episode_may_go(seed, discount):
    mdp = random_model(seed, states=3, actions=2, horizon=3, ending=0.3)
    weights = np.where(mdp.available, np.random.default_rng(seed).random((3, 2)) + 0.1, 0.0)
    chances = weights / weights.sum(axis=1, keepdims=True)
    ways = brute(mdp, chances, discount, 3)
    found = evaluate_policy(mdp, chances, discount=discount, moments=3)
    for k in (1, 2, 3):
        expected = sum(chance * total**k for chance, _, _, total, _, _ in ways)
        assert found.moments[k - 1] @ mdp.start == pytest.approx(expected)
    assert found.occupancy == pytest.approx(sum(way[0] * way[4] for way in ways))


@given(st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_without_a_limit_they_are_the_limit_of_longer_and_longer_ones(seed):
    free = random_model(seed, ending=0.5)
    action = free.available.argmax(axis=1)
    known = evaluate_policy(free.limited(3000), action, discount=0.9, moments=3)
    found = evaluate_policy(free, action, discount=0.9, moments=3)
    assert found.moments == pytest.approx(known.moments)
    assert found.occupancy == pytest.approx(known.occupancy)


def test_the_occupancy_earns_the_value():
    mdp = random_model(4)
    found = evaluate_policy(mdp, mdp.available / mdp.available.sum(axis=1, keepdims=True), discount=0.9)
    assert (found.occupancy * mdp.expected_reward).sum() == pytest.approx(found.value @ mdp.start)


def test_a_policy_that_sees_the_clock_is_evaluated_by_its_rows():
    mdp = teleport_grid(horizon=2)
    policy = np.stack([np.full(81, 1), np.full(81, 2)])  # right, then down
    assert evaluate_policy(mdp, policy).occupancy[[0, 1], [1, 2]].tolist() == [1, 1]


def test_resting_for_ever_for_nothing_is_worth_nothing_and_lasts_for_ever():
    found = evaluate_policy(waiting(), np.zeros(2, int))
    assert (found.mean, found.std) == (0, 0)
    assert found.occupancy[0].tolist() == [np.inf, 0]


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (np.zeros(3, int), r"the policy is int64 \[3\]; actions are whole numbers \[2\] or \[T, 2\]"),
        (np.array([0, 7]), r"the policy has actions from 0 to 7, not from 0 to 1"),
        (np.array([[0.5, 0.6], [1, 0]]), r"the chances of state 0 are no distribution; 1 rows are like it"),
        (np.array([[2.0, -1.0], [1, 0]]), r"the chances of state 0 are no distribution"),
        (np.zeros((4, 2), int), r"a policy that sees the clock needs a time limit"),
    ],
)
def test_a_policy_that_fits_nothing_is_refused(policy, message):
    with pytest.raises(UsageError, match=message):
        evaluate_policy(waiting(), policy)


def test_an_endless_return_is_refused_with_the_remedy():
    with pytest.raises(UsageError, match="may go on for ever.*a discount below 1 gives one"):
        evaluate_policy(loop(1.0), np.zeros(1, int))
    assert evaluate_policy(loop(1.0), np.zeros(1, int), discount=0.5).mean == 2


def test_an_unavailable_action_is_refused():
    mdp = random_model(1)
    state, action = np.argwhere(~mdp.available)[0]
    policy = mdp.available.argmax(axis=1)
    policy[state] = action
    with pytest.raises(UsageError, match=rf"takes action {action} in state {state}, where it is not available"):
        evaluate_policy(mdp, policy, discount=0.5)
    with pytest.raises(UsageError, match="moments is 5, not a whole number from 1 to 4"):
        evaluate_policy(mdp, policy, moments=5)
