import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envkit.core.statistics import interquartile_mean, interval


@pytest.mark.parametrize(
    ("values", "mean"),
    [([7.0], 7), ([1, 3], 2), ([0, 1, 2, 99], 1.5), ([0, 4, 8, 12, 16, 20, 24, 28], 14), ([0, 1, 2, 3, 100], 2)],
)
def test_the_interquartile_mean_is_that_of_the_middle_half(values, mean):
    assert interquartile_mean(values) == pytest.approx(mean)


def test_edges_that_are_no_whole_number_count_in_part():
    """Of six values one and a half are left out at each end: the second and the fifth count half."""
    assert interquartile_mean([0, 1, 2, 4, 10, 99]) == pytest.approx((0.5 * 1 + 2 + 4 + 0.5 * 10) / 3)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.randoms())
def test_it_lies_within_the_values_and_knows_no_order(values, random):
    found = interquartile_mean(values)
    assert min(values) - 1e-6 <= found <= max(values) + 1e-6
    random.shuffle(values)
    assert interquartile_mean(values) == pytest.approx(found)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        low, high = interval(rng.normal(size=30), rng)
        hits += low <= 0 <= high
    assert 0.87 <= hits / 200 <= 0.99


def test_runs_that_agree_leave_no_doubt():
    assert interval([3.0] * 5, np.random.default_rng(0)) == (3.0, 3.0)


def test_what_is_left_out_may_be_anything():
    assert interquartile_mean([1, 2, 3, np.inf]) == 2.5
