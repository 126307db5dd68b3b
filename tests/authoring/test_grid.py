"""Layouts of grids: what a map means, where moves lead, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envkit.authoring.grid import MOVES, Layout
from envkit.authoring.textmap import TextMap

MAP = """
    S.a#
    b##.
    A.GB
"""


def test_a_map_is_its_layout():
    assert Layout.from_map(MAP) == Layout(3, 4, 0, 10, {2: 8, 4: 11}, frozenset({3, 5, 6}))


def test_a_slash_ends_a_row_as_well_as_a_line_break():
    assert Layout.from_map("S.a#/b##./A.GB") == Layout.from_map(MAP)


def test_several_teleporters_may_share_an_exit():
    assert Layout.from_map("Saa/..A/..G").teleporters == {1: 5, 2: 5}


def test_marks_draw_the_map_again():
    assert "".join(Layout.from_map(MAP).marks()) == "S.a#b##.A.GB"


def test_moves_stop_at_edges_and_walls_and_jump():
    moves = Layout.from_map(MAP).arrivals().tolist()  # up, right, down, left
    assert moves[0] == [0, 1, 11, 0]
    assert moves[1] == [1, 8, 1, 0]
    assert moves[11] == [7, 11, 11, 10]


def test_nothing_leads_away_from_the_goal():
    assert Layout.from_map(MAP).arrivals()[10].tolist() == [10] * 4


def test_a_jump_is_one_jump():
    layout = Layout(1, 6, 0, 5, {1: 3, 3: 1}, frozenset())
    assert layout.arrivals()[0].tolist() == [0, 3, 0, 0]
    assert layout.arrivals()[2].tolist() == [2, 1, 2, 3]


@given(st.integers(1, 7), st.integers(2, 7), st.data())
def test_without_teleporters_a_move_ends_in_the_cell_or_beside_it(rows, columns, data):
    layout = Layout(rows, columns, 0, rows * columns - 1, {}, frozenset())
    cell = data.draw(st.integers(0, layout.num_cells - 2))
    for (down, right), arrival in zip(MOVES, layout.arrivals()[cell].tolist(), strict=True):
        row, column = cell // columns + down, cell % columns + right
        inside = 0 <= row < rows and 0 <= column < columns
        assert arrival == (row * columns + column if inside else cell)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the map '' has no cells; write one character a cell, such as 'S.G'"),
        (7, "the map is 7, not a text"),
        ("S.\nG", "map row 1 is 1 cells wide but row 0 is 2: 'G'"),
        ("S.", "the map has no goal: mark a cell with 'G'"),
        (".G", "the map has no start: mark a cell with 'S'"),
        ("SSG", "the map has 2 cells marked 'S', but one start: row 0, column 0"),
        ("S.\n?G", "the map has '?' at row 1, column 0, which means nothing"),
        ("S.\ngG", "the map has 'g' at row 1, column 0, which means nothing"),
        ("SéG", "which means nothing"),
        ("SaG", "the map has no exit of teleporter 'a': mark a cell with 'A'"),
        ("SA.G", "the map has the exit 'A' at row 0, column 1 but no 'a'"),
        ("SaAAG", "the map has 2 cells marked 'A', but one exit of teleporter 'a'"),
        ("S#G", "no way leads from the start, cell 0, to the goal, cell 2"),
    ],
)
def test_a_map_that_means_nothing_is_refused(text, said):
    with pytest.raises(ValueError) as refused:
        Layout.from_map(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ((1, 1, 0, 0, {}, ()), "a grid of 1 x 1 cells has no room for a start and a goal"),
        ((2, 2, 0, 4, {}, ()), "the goal is cell 4, but the cells of a 2 x 2 grid are numbered from 0 to 3"),
        ((2, 2, 3, 3, {}, ()), "start and goal are both cell 3; they must differ"),
        ((2, 2, 0, 3, {}, (0,)), "the start is cell 0, where there is a wall"),
        ((2, 2, 0, 3, {1: 2}, (2,)), "the exit of teleporter 1 is cell 2, where there is a wall"),
        ((2, 2, 0, 3, {1: 1}, ()), "teleporter 1 leads to itself"),
        ((2, 2, 0, 3, {3: 1}, ()), "the goal, cell 3, is also a teleporter"),
        ((2, 2, 0, 3, {}, (-1,)), "the wall is cell -1, but the cells"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(layout, said):
    *rest, walls = layout
    with pytest.raises(ValueError) as refused:
        Layout(*rest, frozenset(walls))
    assert said in str(refused.value)


def test_a_map_tells_where_its_characters_are():
    tiles = TextMap.parse("\n   ab.\n   .ba\n\n")
    assert (tiles.rows, tiles.columns, tiles.cells("a"), tiles.place(5)) == (2, 3, [0, 5], "row 1, column 2")
