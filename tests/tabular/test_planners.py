import itertools
from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tabular_models import build, loop, random_model, teleport_grid, three_states, waiting

from envkit.core.errors import NoFiniteModel, UsageError
from envkit.core.mdp import MDP
from envkit.core.model import Model
from envkit.core.policy import TablePolicy
from envkit.core.settings import settled
from envkit.tabular import infinite, sweeping
from envkit.tabular.bellman import action_values
from envkit.tabular.chain import Chain, value_within
from envkit.tabular.exact import policy_return
from envkit.tabular.infinite import total_optimum
from envkit.tabular.shortest import uniform
from envkit.tabular.solver import Problem
from envkit.workflows.algorithms import find_solver as find

SWEEPERS = ("value-iteration", "modified-policy-iteration", "prioritized-sweeping")
PLANNERS = (*SWEEPERS, "policy-iteration")  # that take any model
ALL = (*PLANNERS, "linear-programming", "breadth-first", "backward-induction")
DISCOUNTED = (*PLANNERS, "linear-programming")


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory):
    """Compiled code is kept for this run of the tests, and nowhere else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


def plan(mdp, algorithm, **settings):
    solver = find(algorithm)
    return solver.solve(Problem("the example", Model(mdp), None, 0, None, settled(solver.settings, settings)))


@pytest.mark.parametrize("algorithm", DISCOUNTED)
@pytest.mark.parametrize(
    ("reward", "discount", "value"),
    [(1.0, 0.0, 1.0), (1.0, 0.5, 2.0), (-3.0, 0.9, -30.0)],
    ids=["myopic", "half", "cost"],
)
def test_a_self_loop_is_worth_reward_over_one_minus_discount(algorithm, reward, discount, value):
    result = plan(loop(reward), algorithm, discount=discount)
    assert result.values == pytest.approx([value], abs=1e-7)
    assert result.bound <= 1e-6


@pytest.mark.parametrize("algorithm", [name for name in ALL if name != "linear-programming"])
def test_a_self_loop_under_a_limit_is_worth_the_limit(algorithm):
    assert plan(loop(2.0, horizon=7), algorithm).values == pytest.approx([14.0])


@pytest.mark.parametrize("algorithm", DISCOUNTED)
def test_the_textbook_example_has_its_published_values(algorithm):
    q = plan(three_states(), algorithm, discount=0.9).q
    published = [[18.91891892, 17.02702703, 13.62162162], [0, -np.inf, -4.87971488], [-np.inf, 50.13365013, -np.inf]]
    assert q == pytest.approx(np.array(published), abs=1e-7)


@pytest.mark.parametrize("algorithm", DISCOUNTED)
@pytest.mark.parametrize(("discount", "action"), [(0.947632, 0), (0.947634, 2)])
def test_the_textbook_example_changes_its_mind_between_these_discounts(algorithm, discount, action):
    assert plan(three_states(), algorithm, discount=discount).policy.action.tolist() == [0, action, 1]


@pytest.mark.parametrize("algorithm", PLANNERS)
def test_at_discount_1_a_policy_that_would_wait_for_ever_is_made_to_end(algorithm):
    result = plan(waiting(), algorithm)
    assert result.values == pytest.approx([1.0, 1.0])
    assert result.q[0] == pytest.approx([1.0, 1.0])  # waiting is as good, and comes first
    assert result.policy.action[0] == 1
    assert policy_return(waiting(), result.policy.action) == pytest.approx(1.0)


@pytest.mark.parametrize("algorithm", PLANNERS)
def test_at_discount_1_resting_for_ever_beats_an_ending_that_costs(algorithm):
    result = plan(waiting(leave=-1.0), algorithm)
    assert result.values[0] == pytest.approx(0.0)
    assert result.policy.action[0] == 0


@pytest.mark.parametrize("algorithm", PLANNERS)
@pytest.mark.parametrize("wait", [1.0, 0.001], ids=["much", "little"])
def test_at_discount_1_an_endless_reward_is_refused_with_the_remedy(algorithm, wait):
    with pytest.raises(UsageError, match=r"the example has no finite best return.*--set discount=0.99"):
        plan(waiting(wait=wait), algorithm)


@pytest.mark.parametrize("algorithm", ["qlearning", "sarsa", "dyna-q", "monte-carlo"])
def test_learners_refuse_it_too(algorithm):
    with pytest.raises(UsageError, match=r"the example has no finite best return.*--set discount=0.99"):
        plan(waiting(wait=1.0), algorithm, discount=1.0)
    assert plan(waiting(), algorithm, discount=1.0).values.shape == (2,)


@pytest.mark.parametrize("algorithm", PLANNERS)
def test_at_discount_1_an_endless_cost_is_refused(algorithm):
    with pytest.raises(UsageError, match="no finite best return"):
        plan(loop(-1.0), algorithm)


@pytest.mark.parametrize("algorithm", ALL)
def test_a_planner_without_a_model_says_what_to_type(algorithm):
    env = gymnasium.Env()
    env.observation_space = env.action_space = spaces.Discrete(2)
    problem = Problem("the example", None, env, 0, None, settled(find(algorithm).settings, {}))
    with pytest.raises(NoFiniteModel, match="has no finite model.*--algo qlearning"):
        find(algorithm).solve(problem)


def test_value_iteration_that_runs_out_of_sweeps_says_how_far_it_got():
    result = plan(loop(1.0), "value-iteration", discount=0.99, max_sweeps=10)
    assert result.bound > 1
    assert result.notes[0].startswith("stopped after 10 sweeps with values only within")


@pytest.mark.parametrize("algorithm", PLANNERS)
def test_under_a_limit_the_policy_sees_the_clock(algorithm):
    """Two steps: betting pays 1 at once and ends; waiting pays 3, but at the last moment nothing is left to wait for."""
    chances = {
        0: {0: [(1.0, 0, 1.0, True)], 1: [(1.0, 1, 0.0, False)]},
        1: {0: [(1.0, 1, 3.0, True)], 1: [(1.0, 1, 0.0, False)]},
    }
    model = build(chances, 2, horizon=2)
    policy = plan(model, algorithm).policy
    assert policy.action[:, 0].tolist() == [1, 0]
    assert policy_return(model, policy.action) == 3.0


@pytest.mark.parametrize("algorithm", PLANNERS)
@pytest.mark.parametrize(("discount", "horizon"), [(1, None), (1, 4), (1, 100_000), (0.5, None), (0.5, 4)])
def test_of_equally_good_ways_the_shortest_is_taken(algorithm, discount, horizon):
    """Nothing pays. From 0 one may stay, wander to 1 (three steps more), or go to 2, where one step ends it."""
    chances = {
        0: {0: [(1.0, 0, 0.0, False)], 1: [(1.0, 1, 0.0, False)], 2: [(1.0, 2, 0.0, False)]},
        1: {0: [(1.0, 1, 0.0, False)], 1: [(1.0, 0, 0.0, False)], 2: [(1.0, 1, 0.0, False)]},
        2: {0: [(1.0, 2, 0.0, False)], 1: [(1.0, 2, 0.0, True)], 2: [(1.0, 0, 0.0, False)]},
    }
    assert plan(build(chances, 3, horizon=horizon), algorithm, discount=discount).policy.row(0).tolist() == [2, 1, 1]


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_among_optimal_clocked_policies_none_is_shorter(seed):
    """Rewards of 0 and 1 on few outcomes make many ties; a reward of -1e-3 a step decides them by length."""
    rng = np.random.default_rng(seed)
    shape = (4, 3, 2)
    reward = rng.choice([0.0, 0.0, 0.0, 1.0], size=shape)
    model = MDP(
        rng.integers(4, size=shape), np.full(shape, 0.5), reward, rng.random(shape) < 0.3, np.ones((4, 3), bool),
        np.full(4, 0.25), horizon=5,
    )  # fmt: skip
    small = 1e-5  # less than what any better choice gains
    hurried = plan(replace(model, reward=reward - small), "value-iteration")
    chosen = plan(model, "value-iteration")
    assert value_within(model, chosen.policy.action, 5) == pytest.approx(chosen.values, abs=1e-12)
    lengths = [value_within(replace(model, reward=np.ones(shape)), each.policy.action, 5) for each in (chosen, hurried)]
    assert lengths[0] == pytest.approx(lengths[1])


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.5, 0.9, 0.99]))
@settings(max_examples=200, deadline=None)
def test_all_planners_agree_with_linear_programming_within_their_bounds(seed, discount):
    model = random_model(seed)
    judge = plan(model, "linear-programming", discount=discount)
    for algorithm in PLANNERS:
        found = plan(model, algorithm, discount=discount)
        assert np.abs(found.values - judge.values).max() <= found.bound + judge.bound, algorithm
        assert found.bound <= 1e-8
        earned = Chain.under(model, found.policy.action).discounted(discount)
        assert earned == pytest.approx(judge.values, abs=2e-8 / (1 - discount)), algorithm


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_the_planners_agree_at_discount_1_where_everything_ends(seed):
    model = build_ending(random_model(seed, ending=0.4))
    solves = plan(model, "policy-iteration")
    for algorithm in SWEEPERS:
        assert plan(model, algorithm).values == pytest.approx(solves.values, abs=1e-6)
    assert Chain.under(model, solves.policy.action).totals() == pytest.approx(solves.values, abs=1e-9)


@pytest.mark.parametrize("order", ["jacobi", "gauss-seidel"])
def test_both_orders_of_value_iteration_find_the_optimum(order):
    found = plan(random_model(5), "value-iteration", discount=0.9, order=order)
    assert found.values == pytest.approx(plan(random_model(5), "policy-iteration", discount=0.9).values, abs=1e-8)


@pytest.mark.parametrize("algorithm", SWEEPERS)
def test_large_models_are_swept_by_compiled_code_to_the_same_values(algorithm, monkeypatch):
    model = random_model(3, states=40)
    plain = plan(model, algorithm, discount=0.95)
    monkeypatch.setattr(sweeping, "LARGE", 0)
    fast = plan(model, algorithm, discount=0.95)
    assert fast.values.tobytes() == plain.values.tobytes()
    assert fast.policy.action.tolist() == plain.policy.action.tolist()


# Breadth-first search


def maze(seed, *, step=-1.0, end=None, size=7):
    """A random deterministic model: some ways in, some circles, some ends, some states from which none can be reached."""
    rng = np.random.default_rng(seed)
    shape = (size, 3, 1)
    terminated = rng.random(shape) < 0.1
    reward = np.where(terminated, step if end is None else end, step)
    available = rng.random(shape[:2]) < 0.8
    available[:, 0] |= ~available.any(axis=1)
    return MDP(rng.integers(size, size=shape), np.ones(shape), reward, terminated, available, np.full(size, 1 / size))


@given(st.integers(0, 2**32), st.sampled_from([0.5, 0.9]), st.sampled_from([(-1.0, None), (-1.0, 0.0), (0.0, 1.0)]))
@settings(max_examples=100, deadline=None)
def test_breadth_first_search_finds_what_policy_iteration_finds(seed, discount, paid):
    model = maze(seed, step=paid[0], end=paid[1])
    assume(uniform(model, discount))  # not where nothing ends, or everything does
    found, known = (plan(model, algorithm, discount=discount) for algorithm in ("breadth-first", "policy-iteration"))
    assert found.values == pytest.approx(known.values, abs=1e-9)
    assert Chain.under(model, found.policy.action).discounted(discount) == pytest.approx(known.values, abs=1e-9)
    assert found.q[model.available] == pytest.approx(known.q[model.available], abs=1e-9)


def test_breadth_first_search_knows_what_it_cannot_solve():
    for wrong in (random_model(1), three_states(), loop(-1.0), waiting(wait=1.0), waiting(wait=0.0, leave=-1.0)):
        with pytest.raises(UsageError, match=r"not for breadth-first search.*--algo value-iteration takes any model"):
            plan(wrong, "breadth-first", discount=0.9)


def test_breadth_first_search_at_discount_1_counts_the_steps():
    model = build({n: {0: [(1.0, n + 1, -1.0, n == 3)], 1: [(1.0, n, -1.0, False)]} for n in range(4)}, 2)
    assert plan(model, "breadth-first").values[:4].tolist() == [-4, -3, -2, -1]


def test_breadth_first_search_refuses_a_start_from_where_no_end_is_reached():
    model = build({0: {0: [(1.0, 0, -1.0, False)]}, 1: {0: [(1.0, 0, -1.0, True)]}}, 1, states=(0, 1))
    with pytest.raises(UsageError, match="no finite best return"):
        plan(model, "breadth-first")
    assert plan(model, "breadth-first", discount=0.5).values.tolist() == [-2, -1]


def test_large_deterministic_models_have_their_exact_answers_without_a_linear_solver(monkeypatch):
    model = teleport_grid(horizon=None)
    known = {discount: plan(model, "policy-iteration", discount=discount).values for discount in (0.9, 1.0)}
    monkeypatch.setattr(infinite, "LARGE", 0)
    monkeypatch.setattr(Chain, "discounted", None)
    for discount, values in known.items():
        assert plan(model, "policy-iteration", discount=discount).values == pytest.approx(values, abs=1e-9)


# Backward induction


def test_backward_induction_takes_the_horizon_that_is_given():
    assert plan(loop(2.0), "backward-induction", horizon=7).values.tolist() == [14]
    assert plan(loop(2.0, horizon=100), "backward-induction", horizon=7, discount=0.5).values[0] == 4 - 2**-5


def test_backward_induction_without_any_limit_says_what_to_type():
    with pytest.raises(UsageError, match=r"the example has no time limit.*--set horizon=100"):
        plan(loop(2.0), "backward-induction")


def build_ending(model):
    """The same with an ending after every action, with whatever chance its first outcome has."""
    terminated = model.terminated.copy()
    terminated[:, :, 0] = True
    return replace(model, terminated=terminated)


@given(st.integers(0, 2**32), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_no_policy_with_a_clock_beats_backward_induction(seed, horizon):
    model = random_model(seed, horizon=horizon)
    best = plan(model, "value-iteration")
    earned = value_within(model, best.policy.action, horizon)
    assert earned == pytest.approx(best.values)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        wish = np.where(model.available, rng.random((horizon, *model.available.shape)), -1)
        assert (value_within(model, wish.argmax(axis=2), horizon) <= best.values + 1e-9).all()


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_large_models_are_solved_by_the_sparse_solver_to_the_same_values(seed):
    model = random_model(seed, states=700)
    result = plan(model, "policy-iteration", discount=0.95)
    assert action_values(model, result.values, 0.95).max(axis=1) == pytest.approx(result.values, abs=1e-8)


def test_a_clocked_policy_keeps_its_last_row_past_its_end():
    policy = TablePolicy(np.array([[0], [1]]))
    assert [policy.row(step).tolist() for step in (0, 1, 5)] == [[0], [1], [1]]


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_at_discount_1_the_best_total_is_the_best_of_all_policies_totals(seed):
    """Any circles, any rewards from -1, 0 and 1, few endings: compared with all stationary policies, one by one."""
    rng = np.random.default_rng(seed)
    shape = (3, 2, 2)
    reward = rng.choice([-1.0, 0.0, 0.0, 1.0], size=shape)
    start = np.array([1.0, 0.0, 0.0])
    model = MDP(
        rng.integers(3, size=shape), np.full(shape, 0.5), reward, rng.random(shape) < 0.15, np.ones((3, 2), bool), start
    )
    totals = [Chain.under(model, np.array(each)).totals()[0] for each in itertools.product(range(2), repeat=3)]
    finite = [total for total in totals if np.isfinite(total)]
    best = total_optimum(model)
    if np.inf in totals or not finite:
        assert best is None
    elif not np.isnan(totals).any():  # a policy whose sum swings cannot be compared
        assert best is not None
        assert best.value[0] == pytest.approx(max(finite), abs=1e-7)
        assert Chain.under(model, best.action).totals()[0] == pytest.approx(max(finite), abs=1e-7)


@given(st.integers(0, 2**32), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_the_fewest_steps_to_an_end_are_the_same_compiled(seed, share):
    rng = np.random.default_rng(seed)
    mdp = random_model(seed, states=int(rng.integers(1, 12)), ending=0.0)
    ends = mdp.terminated | (rng.random(mdp.terminated.shape) < 0.1)
    mdp = replace(mdp, terminated=ends)
    allowed = mdp.available & (rng.random(mdp.available.shape) < share)
    assert infinite._approach(mdp, allowed).tolist() == infinite._approach_compiled(mdp, allowed).tolist()
