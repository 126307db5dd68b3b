"""Moves and slips: directions, signs, and what a draw makes of a move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envkit.authoring.moves import EIGHT, FOUR, arrow, spread, turns


def test_neighbours_in_the_list_are_neighbours_in_direction():
    for moves, angle in ((FOUR, 90), (EIGHT, 45)):
        directions = [np.degrees(np.arctan2(right, -down)) for down, right in moves.values()]
        assert directions[0] == 0
        assert np.diff([*directions, 360]) % 360 == pytest.approx(angle)


@pytest.mark.parametrize(("move", "sign"), [((-1, 0), "↑"), ((2, 1), "↘"), ((0, -3), "←"), ((0, 0), "·")])
def test_a_move_has_the_sign_that_points_its_way(move, sign):
    assert arrow(move) == sign


@given(st.floats(0, 1))
def test_the_chances_of_all_turns_sum_to_one(slip):
    assert sum(chance for _, chance in turns(slip)) == pytest.approx(1)
    assert sum(chance for turn, chance in turns(slip) if turn) == pytest.approx(slip)


def test_every_move_is_spread_over_itself_and_its_neighbours():
    table = np.array([[10, 11, 12, 13]])
    assert spread(table, 0.0)[..., 0].tolist() == table.tolist()
    assert spread(table, 0.5)[0].tolist() == [[10, 11, 13], [11, 12, 10], [12, 13, 11], [13, 10, 12]]
