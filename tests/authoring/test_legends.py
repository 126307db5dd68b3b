"""Maps with a legend of one's own: what tiles do to moves, and what is refused with row and column."""

import copy
import pickle

import pytest

from envkit.authoring.grid import Layout
from envkit.authoring.moves import EIGHT, FOUR
from envkit.authoring.tiles import Tile, door, goal, hazard, ice, item, one_way, start

UP, RIGHT, DOWN, LEFT = range(4)
CAVE = """
    S.#..
    ..D.G
    kX#.o
"""
LEGEND = {"k": item("key"), "D": door("key"), "X": hazard(reward=-10), "o": item("coin", reward=5)}


def test_a_legend_says_what_its_characters_are():
    layout = Layout.from_map(CAVE, LEGEND)
    assert (layout.start, layout.goal, layout.items) == (0, 9, (10, 14))
    assert layout.walls == {2, 12}
    assert {cell: tile.name for cell, tile in layout.tiles.items()} == {
        7: "door", 10: "key", 11: "hazard", 14: "coin",
    }  # fmt: skip
    assert layout.ends == {9, 11}


def test_marks_draw_the_map_again_with_its_own_characters():
    assert "".join(Layout.from_map(CAVE, LEGEND).marks()) == "".join(CAVE.split())


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))], ids=["copy", "pickle"])
def test_a_layout_that_is_copied_is_the_same_layout(again):
    layout = Layout.from_map("S>ko/D.GX/.~aA", {**LEGEND, "o": item("coin"), ">": one_way("right"), "~": ice()})
    assert again(layout) == layout


def test_several_goals_and_several_agents_have_their_places():
    layout = Layout.from_map("S2G/3.G", {"2": start(2), "3": start(3)})
    assert layout.starts == (0, 1, 3)
    assert layout.goals == (2, 5)
    assert layout.goal == 2
    assert "".join(layout.marks()) == "S2G3.G"


def test_a_start_of_ones_own_takes_the_place_of_the_usual_one():
    layout = Layout.from_map("1sS/..G", {"1": start()})
    assert (layout.start, layout.teleporters) == (0, {1: 2})


def test_with_a_legend_a_game_needs_no_goal():
    layout = Layout.from_map("S.o", LEGEND | {"D": hazard(), "o": item("coin")})
    assert (layout.goal, layout.goals, layout.ends) == (None, (), frozenset())


def test_a_door_is_a_wall_to_who_has_no_key():
    layout = Layout.from_map(CAVE, LEGEND)
    assert layout.arrivals()[6, RIGHT] == 6
    assert layout.arrivals(["coin"])[6, RIGHT] == 6
    assert layout.arrivals(["key"])[6, RIGHT] == 7


def test_nothing_leads_away_from_where_an_episode_ends():
    layout = Layout.from_map(CAVE, LEGEND)
    assert layout.arrivals()[11].tolist() == [11] * 4
    assert layout.arrivals()[9].tolist() == [9] * 4


def test_a_hazard_that_does_not_end_the_episode_is_walked_through():
    layout = Layout.from_map("SXG", {"X": hazard("mud", reward=-3, ends=False)})
    assert layout.arrivals()[1].tolist() == [1, 2, 1, 0]


def test_the_way_leads_by_the_key():
    layout = Layout.from_map(CAVE, LEGEND)
    assert layout.distances.tolist() == [0, 1, -1, 7, 8, 1, 2, 5, 6, 7, 2, 3, -1, 7, 8]


def test_a_key_behind_its_own_door_leaves_the_goal_out_of_reach():
    with pytest.raises(ValueError, match="no way leads from the start, cell 0, to the goal, cell 3"):
        Layout.from_map("SDkG", LEGEND)


def test_keys_on_branches_of_no_return_cannot_be_had_together():
    legend = {"a": item("a key"), "b": item("b key"), "A": door("a key"), "B": door("b key")}
    legend |= {"<": one_way("left"), ">": one_way("right")}
    with pytest.raises(ValueError, match="no way leads"):
        Layout.from_map("a<S>b/.###./.BGA.", legend)
    both = Layout.from_map("a.S.b/.###./.BGA.", legend)
    assert both.distances[both.goal] == 2 + 4 + 4  # to one key, past the other, and around to the first one's door


def test_one_way_cells_are_entered_by_one_move_only():
    layout = Layout.from_map("..G/S>./...", {">": one_way("right")})
    arrivals = layout.arrivals()
    assert arrivals[3, RIGHT] == 4
    assert [int(arrivals[cell, move]) for cell, move in ((1, DOWN), (5, LEFT), (7, UP))] == [1, 5, 7]
    assert arrivals[4].tolist() == [1, 5, 7, 3]  # and left by every move


def test_on_ice_a_move_goes_on_until_something_stops_it():
    layout = Layout.from_map("S~~.G/.~#../.~...", {"~": ice()})
    arrivals = layout.arrivals()
    assert arrivals[0, RIGHT] == 3  # over the ice, onto the floor
    assert arrivals[5, RIGHT] == 6  # stopped by the wall, on the ice
    assert arrivals[6, DOWN] == 11  # by the edge
    assert arrivals[3, LEFT] == 0


def test_ice_all_around_the_world_comes_to_an_end():
    layout = Layout.from_map("S~~/..G", {"~": ice()}, wrap=True)
    assert layout.arrivals()[0, RIGHT] == 0
    endless = Layout.from_map("~~~/S.G", {"~": ice()}, wrap=True)
    assert endless.arrivals()[3, DOWN] == 3
    assert 0 <= endless.arrivals()[0, RIGHT] < 3


def test_edges_wrap_if_asked():
    layout = Layout.from_map("S..G/....", wrap=True)
    assert layout.arrivals()[0].tolist() == [4, 1, 4, 3]
    assert layout.distances[3] == 1


def test_who_stays_on_a_teleporter_does_not_jump():
    layout = Layout.from_map("SaAG", {}, moves={**FOUR, "stay": (0, 0)})
    assert layout.arrivals()[1, 4] == 1
    assert layout.arrivals()[0, RIGHT] == 2


def test_eight_moves_go_between_corners():
    layout = Layout.from_map("S#/#G", moves=EIGHT)
    assert layout.arrivals()[0, list(EIGHT).index("down-right")] == 3


def test_a_move_may_be_a_leap():
    layout = Layout.from_map("S##/##G", {}, moves={"leap": (1, 2)})
    assert layout.arrivals()[0].tolist() == [5]


@pytest.mark.parametrize(
    ("slip", "outcomes"),
    [(0.0, [(1.0, 2)]), (0.2, [(0.8, 2), (0.1, 4), (0.1, 1)]), (1.0, [(0.5, 4), (0.5, 1)])],
)
def test_a_slip_goes_sideways_by_halves(slip, outcomes):
    layout = Layout.from_map("..G/S..")
    chances, cells = zip(*layout.outcomes(1, RIGHT, slip=slip), strict=True)
    assert list(cells) == [cell for _, cell in outcomes]
    assert list(chances) == pytest.approx([chance for chance, _ in outcomes])


def test_outcomes_that_end_in_one_cell_are_one_outcome():
    layout = Layout.from_map("S.G")
    assert layout.outcomes(0, LEFT, slip=0.5) == [(1.0, 0)]


def test_transitions_are_the_outcomes_as_arrays():
    layout = Layout.from_map(CAVE, LEGEND)
    cells, chances = layout.transitions(slip=0.3, held=["key"])
    assert cells.shape == (15, 4, 3)
    for cell in range(15):
        for action in range(4):
            told = dict.fromkeys(cells[cell, action].tolist(), 0.0)
            for end, chance in zip(cells[cell, action].tolist(), chances, strict=True):
                told[end] += chance
            outcomes = layout.outcomes(cell, action, slip=0.3, held=["key"])
            assert {end: chance for chance, end in outcomes} == pytest.approx(told)


@pytest.mark.parametrize(
    ("text", "legend", "said"),
    [
        ("S?G", {"X": hazard("pit")}, "the map has '?' at row 0, column 1, which means nothing; known are S start, G goal, # wall, . free, X pit"),
        ("S.\nKG", {"k": item("key")}, "the map has 'K' at row 1, column 0, which means nothing"),
        ("S.G", {"XX": hazard()}, "the legend has 'XX', not one character"),
        ("S.G", {" ": hazard()}, "the legend has ' ', not one character; a space and '/' mean something else"),
        ("S.G", {"X": "hazard"}, "the legend has 'hazard' for 'X', not a tile such as item('key')"),
        ("S.G", ["X"], "the legend is ['X'], not characters with their tiles; write {'X': hazard()}"),
        ("S.G", {"3": start(3)}, "the legend has starts for the agents 1, 3; give each from 1 on one character"),
        ("S2G2", {"2": start(2)}, "the map has 2 cells marked '2', but one start of agent 2: row 0, column 1, row 0, column 3"),
        ("S.G", {"2": start(2)}, "the map has no start of agent 2: mark a cell with '2'"),
        ("S.G", {"1": start(), "S": start()}, "the legend has starts for the agents 1, 1"),
        ("S.\nDG", {"D": door("key")}, "the door at row 1, column 0 opens with 'key', but there is no such item; add item('key') to the legend"),
        ("SoDG", {"D": door("key"), "o": item("coin")}, "no such item; there are coin"),
        ("S#G#G", {}, "no way leads from the start, cell 0, to any of the goals, cells 2, 4"),
    ],
)  # fmt: skip
def test_a_legend_or_a_map_that_does_not_fit_it_is_refused(text, legend, said):
    with pytest.raises(ValueError) as refused:
        Layout.from_map(text, legend)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: item(""), "the name of a tile is '', not a text such as 'key'"),
        (lambda: item("coin", reward="5"), "the reward of tile 'coin' is '5', not a finite number"),
        (lambda: goal(reward=float("nan")), "the reward of tile 'goal' is nan"),
        (lambda: one_way("north"), "a one-way cell is entered by 'north', not by one of up, up-right, right"),
        (lambda: start(0), "the number of an agent is 0, not a whole number of 1 or more"),
        (lambda: Tile(7), "the name of a tile is 7"),
        (lambda: Layout(1, 3, 0, 2, {}, frozenset(), moves={}), "the moves are {}, not names with rows and columns"),
        (lambda: Layout(1, 3, 0, 2, {}, frozenset(), moves={"up": 1}), "the move 'up' is 1, not rows and columns"),
        (lambda: Layout(1, 3, 0, 2, {}, frozenset(), starts=(1,)), "the first of starts and goals"),
        (lambda: Layout(1, 3, 0, 2, {}, frozenset(), tiles={9: hazard()}), "the hazard is cell 9, but the cells of a 1 x 3"),
    ],
)  # fmt: skip
def test_tiles_and_layouts_that_cannot_be_are_refused(make, said):
    with pytest.raises(ValueError) as refused:
        make()
    assert said in str(refused.value)
