"""The known exact answers, each found again."""

from dataclasses import replace

import numpy as np
import pytest
from tabular_models import loop, shower, teleport_grid, three_states, waiting

import envkit
from envkit.core.policy import TablePolicy
from envkit.tabular.bellman import backward_induction
from envkit.tabular.exact import best_stationary, exact, policy_return
from envkit.tabular.infinite import discounted_optimum, total_optimum


def answers(model, discount=1.0, action=None):
    policy = TablePolicy(np.zeros(model.num_states, int) if action is None else action)
    return exact(model, policy, discount)


@pytest.mark.parametrize(
    ("name", "kwargs", "optimum"),
    [
        ("FrozenLake-v1", {}, 0.744190),
        ("FrozenLake-v1", {"is_slippery": False}, 1.0),
        ("FrozenLake8x8-v1", {}, 0.913220),
        ("FrozenLake-v1", {"map_name": "8x8"}, 0.640719),
        ("CliffWalking-v1", {}, -13.0),
        ("CliffWalkingSlippery-v1", {}, -64.709176),
        ("Taxi-v4", {}, 7.93),
        ("Taxi-v4", {"is_rainy": True}, 3.954575),
    ],
)
def test_the_optimum_of_toy_text(name, kwargs, optimum):
    assert answers(envkit.mdp(name, **kwargs)).optimal_return == pytest.approx(optimum, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "optimum"), [("FrozenLake-v1", 0.542026), ("FrozenLake8x8-v1", 0.414640), ("CliffWalking-v1", -12.247898)]
)
def test_the_discounted_optimum_of_toy_text_is_the_one_without_a_time_limit(name, optimum):
    assert answers(envkit.mdp(name), 0.99).optimal_discounted_return == pytest.approx(optimum, abs=1e-6)


@pytest.mark.parametrize(("name", "optimum"), [("FrozenLake-v1", 14 / 17), ("FrozenLake8x8-v1", 1.0)])
def test_without_a_time_limit_the_lake_can_be_crossed_more_often(name, optimum):
    unlimited = replace(envkit.mdp(name), horizon=None)
    best = total_optimum(unlimited)
    assert unlimited.start @ best.value == pytest.approx(optimum, abs=1e-9)
    assert answers(unlimited, action=best.action).policy_return == pytest.approx(optimum, abs=1e-9)  # so it ends


@pytest.mark.parametrize(("noise", "optimum"), [("none", 59 + 3 / 7), ("after", 59 + 1 / 7), ("before", 59.0)])
def test_the_optimum_of_the_shower_needs_no_clock(noise, optimum):
    found = answers(shower(noise))
    assert found.optimal_return == pytest.approx(optimum, abs=1e-9)
    assert found.optimal_stationary_return == pytest.approx(optimum, abs=1e-9)


def test_the_teleporters_make_eleven_steps_of_fifteen():
    assert answers(teleport_grid()).optimal_return == -11.0
    assert answers(teleport_grid(), 0.99).optimal_discounted_return == pytest.approx(-(1 - 0.99**11) / 0.01)


@pytest.mark.parametrize(
    ("name", "known"), [("FrozenLake-v1", 0.740165), ("FrozenLake8x8-v1", 0.893568)], ids=["small", "large"]
)
def test_a_policy_without_a_clock_comes_close_to_the_optimum_but_not_up_to_it(name, known):
    found = answers(envkit.mdp(name))
    assert known - 1e-6 <= found.optimal_stationary_return < found.optimal_return - 1e-3


def test_the_best_stationary_return_is_never_below_the_reported_policys():
    model = envkit.mdp("FrozenLake-v1")
    for discount in (0.5, 0.9, 0.99):
        action = discounted_optimum(replace(model, horizon=None), discount).action
        found = answers(model, discount, action)
        assert found.optimal_stationary_return >= found.policy_return
        assert found.gap == pytest.approx(found.optimal_return - found.policy_return)


def test_local_improvement_beats_its_best_candidate_on_the_large_lake():
    model = envkit.mdp("FrozenLake8x8-v1")
    clocked = backward_induction(model, 1.0)
    alone = answers(model, action=total_optimum(replace(model, horizon=None)).action).policy_return
    assert best_stationary(model, clocked.action, [], enough=None) > alone + 1e-3


def test_without_a_clock_unavailable_actions_are_passed_over_and_the_best_of_all_policies_is_found():
    model = three_states(horizon=20)
    policies = [np.array([first, second, 1]) for first in (0, 1, 2) for second in (0, 2)]
    best = max(policy_return(model, policy) for policy in policies)
    assert best_stationary(model, backward_induction(model, 1.0).action, [], enough=None) == pytest.approx(best)


def test_an_endless_reward_has_no_optimum_and_the_note_says_why():
    found = answers(loop(1.0))
    assert (found.policy_return, found.optimal_return, found.optimal_discounted_return, found.gap) == (None,) * 4
    assert found.notes == (
        "the policy may go on for ever, so its return has no finite value",
        "nothing bounds the return: episodes may go on for ever",
    )


def test_a_policy_that_walks_in_circles_has_no_return_while_the_optimum_has():
    found = answers(waiting(wait=-1.0))
    assert (found.policy_return, found.optimal_return, found.gap) == (None, 1.0, None)


def test_under_a_discount_an_endless_reward_has_a_discounted_optimum():
    assert answers(loop(1.0), 0.9).optimal_discounted_return == pytest.approx(10.0)


def test_a_policy_has_a_discounted_return_of_its_own():
    found = answers(loop(1.0), 0.9, np.array([0]))
    assert found.policy_discounted_return == pytest.approx(10.0)
    circles = answers(waiting(wait=-1.0), 0.5)
    assert circles.policy_discounted_return == pytest.approx(-2.0)
    assert circles.optimal_discounted_return == pytest.approx(0.5)


def test_a_policy_that_sees_the_clock_has_no_discounted_return_without_a_limit():
    model = envkit.mdp("FrozenLake-v1")
    assert answers(model, 0.9, backward_induction(model, 1.0).action).policy_discounted_return is None


def test_a_rounding_error_is_no_gap():
    model = envkit.mdp("Taxi-v4")
    best = total_optimum(replace(model, horizon=None))
    assert answers(model, action=best.action).gap == 0.0
