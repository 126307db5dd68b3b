from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tabular_models import teleport_grid, waiting

from envkit.core.errors import UsageError
from envkit.tabular.infinite import total_optimum
from envkit.tabular.markov import Class, MarkovChain

# Géron (2019), chapter 18: three transient states, and one that ends it.
CHAPTER = [[0.7, 0.2, 0.0, 0.1], [0.0, 0.0, 0.9, 0.1], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]


def test_the_textbook_chain_has_its_exact_answers():
    chain = MarkovChain(CHAPTER)
    assert chain.expected_steps == pytest.approx([16, 19, 20, 0])
    assert chain.std_steps == pytest.approx([18.11, 18.97, 18.97, 0], abs=0.01)
    assert chain.visits == pytest.approx(np.array([[10 / 3, 20 / 3, 6], [0, 10, 9], [0, 10, 10]]))
    assert chain.absorption == pytest.approx(np.ones((4, 1)))
    assert chain.classes == (Class((0,), False, 1), Class((1, 2), False, 2), Class((3,), True, 1))


def test_simulated_runs_take_as_long_as_expected():
    chain, rng = MarkovChain(CHAPTER), np.random.default_rng(42)
    runs = [chain.simulate(rng) for _ in range(4000)]
    assert all(run[0] == 0 and run[-1] == 3 and 3 not in run[:-1] for run in runs)
    steps = np.array([len(run) - 1 for run in runs])
    assert steps.mean() == pytest.approx(16, abs=4 * 18.11 / np.sqrt(4000))
    assert all(chain.transition[a, b] > 0 for run in runs[:50] for a, b in pairwise(run))


def test_a_run_that_is_not_absorbed_is_cut_off():
    assert MarkovChain([[0, 1], [1, 0]]).simulate(np.random.default_rng(0), steps=5) == [0, 1, 0, 1, 0, 1]


def test_the_gamblers_ruin_is_as_likely_as_known():
    """Fair play from 1 of 4: the bank wins with 3/4, and it takes 3 rounds on average."""
    ruin = np.zeros((5, 5))
    ruin[0, 0] = ruin[4, 4] = 1
    for money in (1, 2, 3):
        ruin[money, money - 1] = ruin[money, money + 1] = 0.5
    chain = MarkovChain(ruin, names="abcde")
    assert chain.absorption[1].tolist() == pytest.approx([0.75, 0.25])
    assert chain.expected_steps.tolist() == pytest.approx([0, 3, 4, 3, 0])


def test_classes_have_their_periods():
    chain = MarkovChain([[0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0.5, 0, 0, 0.5]])
    assert chain.classes == (Class((0, 1, 2), True, 3), Class((3,), False, 1))
    assert MarkovChain([[0, 1], [0, 1]]).classes[0] == Class((0,), False, 0)


def test_the_stationary_distribution_is_the_share_of_time():
    chain = MarkovChain([[0.9, 0.1], [0.5, 0.5]])
    assert chain.stationary == pytest.approx(np.array([[5 / 6, 1 / 6]]))


@given(st.integers(0, 2**32), st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_the_answers_satisfy_their_equations(seed, size):
    rng = np.random.default_rng(seed)
    matrix = np.where(rng.random((size, size)) < 0.4, rng.random((size, size)), 0)
    matrix[matrix.sum(axis=1) == 0, 0] = 1
    chain = MarkovChain(matrix / matrix.sum(axis=1, keepdims=True))
    moving = ~chain.recurrent
    assert (1 + chain.transition @ chain.expected_steps)[moving] == pytest.approx(chain.expected_steps[moving])
    assert chain.transition @ chain.absorption == pytest.approx(chain.absorption)
    assert chain.absorption.sum(axis=1) == pytest.approx(np.ones(size))
    assert chain.stationary @ chain.transition == pytest.approx(chain.stationary, abs=1e-9)
    assert chain.stationary.sum(axis=1) == pytest.approx(np.ones(len(chain.stationary)))


def test_a_policy_makes_a_chain_of_a_model():
    model = teleport_grid(horizon=None)
    chain = MarkovChain.of_policy(model, total_optimum(model).action)
    assert chain.expected_steps[0] == pytest.approx(12)
    assert chain.names[-1] == "over"
    resting = MarkovChain.of_policy(waiting(), np.zeros(2, int))
    assert [each.states for each in resting.classes if each.recurrent] == [(0,), (2,)]


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, 0]], r"transition has shape \(1, 2\), not \[states, states\]"),
        ([[0.5, 0.4], [0, 1]], r"row 0 of transition is \[0.5, 0.4\], no distribution \(its sum is 0.9\); 1 of 2 rows"),
        ([[1.5, -0.5], [0, 1]], r"row 0 of transition is \[1.5, -0.5\], no distribution"),
    ],
)
def test_what_is_no_chain_is_refused_with_the_row(matrix, message):
    with pytest.raises(UsageError, match=message):
        MarkovChain(matrix)


def test_names_are_as_many_as_states():
    with pytest.raises(UsageError, match="there are 1 names for 2 states"):
        MarkovChain(np.eye(2), names=["a"])
