"""Random layouts: always to be solved, the same from the same seed, as many walls as asked, or a clear refusal."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from envkit.authoring.moves import EIGHT
from envkit.authoring.random_layouts import random_layout
from envkit.authoring.tiles import door, hazard, item

SEEDS = st.integers(0, 2**32 - 1)
SIDES = st.integers(1, 12)


@settings(max_examples=150, deadline=None)
@given(SEEDS, SIDES, SIDES, st.floats(0, 1), st.integers(0, 3))
def test_whatever_has_room_can_be_solved_with_as_many_walls_as_asked(seed, rows, columns, walls, coins):
    cells, things = rows * columns, [item("coin")] * coins
    wanted = int(walls * cells + 0.5)
    assume(cells - wanted >= 2 + coins)
    layout = random_layout(np.random.default_rng(seed), rows, columns, walls=walls, items=things)
    assert (layout.rows, layout.columns, len(layout.walls)) == (rows, columns, wanted)
    assert len(layout.items) == coins
    free = [cell for cell in range(cells) if cell not in layout.walls]
    assert (layout.distances[free] >= 0).all()
    assert layout.distances[layout.goal] > 0


@settings(max_examples=100, deadline=None)
@given(SEEDS, st.integers(4, 12), st.integers(4, 12), st.integers(0, 3), st.integers(0, 3))
def test_teleporters_hazards_and_items_are_all_in_reach(seed, rows, columns, jumps, pits):
    things = [item("key"), item("coin", reward=1)]
    rng = np.random.default_rng(seed)
    try:
        layout = random_layout(rng, rows, columns, walls=0.2, teleporters=jumps, hazards=pits, items=things)
    except ValueError:
        if rows * columns >= 36:
            raise
        assume(False)  # a small grid may have no place for so much
    assert len(layout.teleporters) == len(layout.exits()) == jumps
    assert sorted(tile.name for tile in layout.tiles.values()) == sorted(["key", "coin", *["hazard"] * pits])
    assert (layout.distances[[*layout.items, *layout.exits(), *layout.ends]] >= 0).all()
    met = set(layout.arrivals()[layout.distances >= 0].ravel().tolist())
    assert met >= {*layout.goals, *layout.items, *layout.ends}
    places = [*layout.walls, *layout.teleporters, *layout.exits(), *layout.tiles, *layout.goals, *layout.starts]
    assert len(places) == len(set(places))
    for entrance in layout.teleporters:  # some cell that one gets to lies beside it
        beside = layout.arrivals()[[cell for cell in range(layout.num_cells) if layout.distances[cell] >= 0]]
        assert layout.teleporters[entrance] in beside


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_one_seed_is_one_layout(seed):
    def drawn():
        rng = np.random.default_rng(seed)
        return [random_layout(rng, 7, 9, walls=0.3, teleporters=1, items=[item("key")]) for _ in range(3)]

    first = drawn()
    assert drawn() == first
    assert first[0] != first[1]


def test_seeds_differ_and_goals_are_everywhere():
    goals = {random_layout(np.random.default_rng(seed), 4, 4, walls=0.25).goal for seed in range(200)}
    assert goals == set(range(16))


def test_there_is_a_way_to_go():
    layouts = [random_layout(np.random.default_rng(seed), 9, 9) for seed in range(30)]
    assert np.mean([layout.distances[layout.goal] for layout in layouts]) > 8


def test_moves_and_edges_are_the_games():
    layout = random_layout(np.random.default_rng(0), 6, 6, moves=EIGHT, wrap=True)
    assert list(layout.moves) == list(EIGHT)
    assert layout.wrap


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"walls": 0.95}, "walls=0.95 leaves 0 cells of a 3 x 3 grid free, but start, goal, teleporters, hazards and items take 2; walls=0.78 leaves enough"),
        ({"walls": 0.6, "items": [item("coin")] * 3}, "leaves 4 cells of a 3 x 3 grid free, but start, goal, teleporters, hazards and items take 5; walls=0.44"),
        ({"walls": 0, "teleporters": 5}, "take 12; make it larger"),
        ({"walls": 0, "rows": 1, "columns": 12, "teleporters": 4}, "4 teleporters and 0 hazards found no place beside 0 walls in a 1 x 12 grid; ask for fewer"),
        ({"walls": 1.5}, "walls is 1.5, not a finite number from 0 to 1"),
        ({"rows": 0}, "rows is 0, not a whole number of 1 or more"),
        ({"items": ["key"]}, "hazards and items have 'key', not a tile such as item('key')"),
        ({"items": [door("key")]}, "opens with 'key', but there is no such item"),
        ({"hazards": -1}, "hazards is -1, not a whole number of 0 or more"),
    ],
)  # fmt: skip
def test_what_finds_no_room_is_refused(given, said):
    with pytest.raises(ValueError) as refused:
        random_layout(np.random.default_rng(0), **({"rows": 3, "columns": 3} | given))
    assert said in str(refused.value)


def test_hazards_may_be_tiles_of_ones_own():
    layout = random_layout(np.random.default_rng(0), 5, 5, hazards=[hazard("pit", reward=-7)])
    assert [(tile.name, tile.reward) for tile in layout.tiles.values()] == [("pit", -7.0)]
