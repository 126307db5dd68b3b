"""The tabular systems of well-known tutorials, each beaten in seconds; `benchmarks/seeds_tabular.py` has them whole.

What their exact answers are is proved elsewhere: GridWorld and toy text in `test_exact_answers`, the three states in
`test_planners`, the chain in `test_markov`, the offers in `tests/envs/test_offers.py`.
"""

import gymnasium
import numpy as np
import pytest
from tabular_models import shower, teleport_grid, three_states

from envkit.authoring.discretizer import Discretizer
from envkit.core.model import Model
from envkit.core.settings import settled
from envkit.core.statistics import interquartile_mean
from envkit.tabular.exact import policy_return
from envkit.tabular.solver import Problem
from envkit.workflows.algorithms import find_solver as find
from envkit.workflows.solve import solve

EDGES = ([], [-0.5, 0.5], [-0.1, -0.03, 0, 0.03, 0.1], [-0.9, -0.3, 0.3, 0.9])


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    """Compiled code is kept for this run of the tests, and nowhere else."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def learn(mdp, algorithm, *, seed=0, episodes=None, **told):
    solver = find(algorithm)
    return solver.solve(Problem("the system", Model(mdp), None, seed, episodes, settled(solver.settings, told)))


def test_without_exploring_the_way_through_the_grid_is_found_within_70_episodes_and_kept():
    grid = teleport_grid()
    told = {"step_size": 1, "discount": 1, "epsilon": 0, "ties": "first"}
    found = [learn(grid, "qlearning", episodes=n, **told) for n in (*range(70, 100), 1_000)]
    assert {policy_return(grid, result.policy.action) for result in found} == {-11.0}


def test_a_run_is_the_beginning_of_every_longer_one_where_no_schedule_depends_on_its_length():
    told = {"step_size": 0.1, "discount": 1, "epsilon": "linear(1, 0, 25000)"}
    short, long = (learn(teleport_grid(), "qlearning", episodes=n, **told).curve for n in (60, 90))
    assert long.rows[:60].tolist() == short.rows.tolist()


@pytest.mark.parametrize("noise", ["none", "after", "before"])
def test_qlearning_keeps_the_shower_comfortable_whatever_the_tenants_do(noise):
    model, optimum = shower(noise), {"none": 59 + 3 / 7, "after": 59 + 1 / 7, "before": 59.0}[noise]
    assert policy_return(model, learn(model, "qlearning", seed=1).policy.action) >= optimum - 0.5


def test_qlearning_from_ten_thousand_random_steps_comes_within_one_and_a_half_of_the_three_states_values():
    model = three_states(horizon=1_000)
    known = np.array([[18.91891892, 17.02702703, 13.62162162], [0, 0, -4.87971488], [0, 50.13365013, 0]])
    told = {"epsilon": 1, "discount": 0.9, "step_size": "power(1, 0.8) by visits"}
    runs = [learn(model, "qlearning", seed=seed, episodes=10, **told) for seed in range(10)]
    assert {run.steps for run in runs} == {10_000}
    errors = [np.abs(np.where(model.available, run.q, 0.0) - known).max() for run in runs]
    assert interquartile_mean(errors) < 1.5


@pytest.mark.parametrize("algorithm", ["sarsa", "expected-sarsa", "double-sarsa"])
def test_where_nothing_is_random_hope_instead_of_exploring_leads_along_the_cliff(algorithm):
    found = solve(
        "CliffWalking-v1", algorithm, episodes=1_000, run_dir=False, eval_episodes=1,
        epsilon=0, step_size=0.5, initial_value=0,
    )  # fmt: skip
    assert found.gap == 0


def balanced(render_mode=None):
    return Discretizer(gymnasium.make("CartPole-v1", max_episode_steps=200, render_mode=render_mode), edges=EDGES)


def test_sarsa_in_ninety_bins_balances_two_hundred_steps_after_fewer_than_two_thousand_episodes():
    told = {"discount": 1, "step_size": 0.3, "epsilon": "linear(0.2, 0, 50%)"}
    assert solve(balanced, "sarsa", episodes=1_500, eval_episodes=20, run_dir=False, **told).mean_return >= 195
