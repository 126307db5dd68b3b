"""Leaving out what is not needed."""

from hypothesis import given
from hypothesis import strategies as st

from envkit.core.shorten import shorten


def test_what_is_needed_stays_and_nothing_else():
    def attempt(items):
        return tuple(items) if {3, 7} <= set(items) else None

    assert shorten(range(20), tuple(range(20)), attempt) == ((3, 7), (3, 7))


def test_what_comes_after_the_outcome_is_dropped_at_once():
    tried = []

    def attempt(items):
        tried.append(tuple(items))
        return items.index("x") + 1 if "x" in items else None

    kept, used = shorten("abxcdefgh", 3, attempt, length=lambda used: used)
    assert (kept, used) == (("x",), 1)
    assert max(map(len, tried)) < 3


def test_nothing_is_left_out_where_no_attempt_succeeds():
    assert shorten("abc", "whole", lambda items: None) == (("a", "b", "c"), "whole")


def test_everything_is_left_out_where_nothing_is_needed():
    assert shorten("abc", "whole", lambda items: "still")[0] == ()


@given(st.sets(st.integers(0, 30), max_size=6), st.integers(31, 40))
def test_no_single_item_that_is_left_can_be_left_out(needed, size):
    kept, _ = shorten(range(size), True, lambda items: True if needed <= set(items) else None)
    assert set(kept) == needed
