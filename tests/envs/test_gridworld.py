"""GridWorld: the shortest way, walls and edges, teleporters, slips, and its model against its steps."""

from collections import Counter

import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from envkit.authoring import palette
from envkit.authoring.grid_env import GridEnv
from envkit.envs.gridworld import FLOOR, GridWorld

UP, RIGHT, DOWN, LEFT = range(4)


def at(env, cell):
    """The environment with the agent put on a cell."""
    env.reset(seed=0)
    env.cell = cell
    return env


def ways(env):
    """{cell: (moves from the start, shortest ways)} by breadth-first search over the environment's own steps."""
    found, frontier = {env.layout.start: (0, 1)}, [env.layout.start]
    while frontier:
        following = {}
        for cell in frontier:
            for action in range(4):
                arrival, _, over, _, _ = at(env, cell).step(action)
                if arrival not in found:
                    following.setdefault(arrival, [over, 0])[1] += found[cell][1]
        distance = found[frontier[0]][0] + 1
        found |= {cell: (distance, count) for cell, (_, count) in following.items()}
        frontier = [cell for cell, (over, _) in following.items() if not over]
    return found


def best_return(mdp, sweeps=400):
    value = np.zeros(mdp.num_states)
    for _ in range(sweeps):
        q = (mdp.probability * (mdp.reward + np.where(mdp.terminated, 0, value[mdp.next_state]))).sum(axis=2)
        value = q.max(axis=1)
    return float(mdp.start @ value)


def test_the_default_grid_takes_twelve_moves_in_36_ways():
    found = ways(GridWorld())
    assert found[80] == (12, 36)
    assert len(found) == 79  # nobody ever stands on the two teleporters


def test_the_default_grid_is_worth_minus_eleven():
    assert best_return(GridWorld().mdp()) == -11


def test_without_teleporters_the_way_takes_sixteen_moves():
    env = GridWorld(teleporters={})
    assert ways(env)[80][0] == 16
    assert best_return(env.mdp()) == -15


def test_a_shortest_walk_pays_minus_eleven():
    env = GridWorld()
    env.reset(seed=0)
    steps = [env.step(action) for action in [DOWN, DOWN, RIGHT, DOWN, DOWN] + [RIGHT] * 7]
    assert [cell for cell, *_ in steps] == [9, 54, 55, 64, 73, 74, 75, 76, 77, 78, 79, 80]
    assert [reward for _, reward, *_ in steps] == [-1] * 11 + [0]
    assert [over for _, _, over, _, _ in steps] == [False] * 11 + [True]


@pytest.mark.parametrize(("cell", "action"), [(0, UP), (0, LEFT), (8, RIGHT), (72, DOWN), (62, RIGHT), (9, LEFT)])
def test_bumping_into_an_edge_keeps_the_place_and_costs_a_step(cell, action):
    assert at(GridWorld(), cell).step(action)[:3] == (cell, -1.0, False)


def test_no_move_wraps_around_to_a_teleporter():
    # the cell after 62 is 63, a teleporter at the other edge
    assert at(GridWorld(), 62).step(RIGHT)[0] == 62
    assert at(GridWorld(), 17).step(RIGHT)[0] == 17


def test_bumping_into_a_wall_keeps_the_place_and_costs_a_step():
    env = GridWorld(map="S#G/...")
    env.reset(seed=0)
    assert env.step(RIGHT)[:3] == (0, -1.0, False)


def test_stepping_onto_a_teleporter_puts_one_on_its_exit():
    env = GridWorld()
    assert at(env, 9).step(DOWN)[:3] == (54, -1.0, False)
    assert at(env, 72).step(UP)[:3] == (14, -1.0, False)


def test_a_teleporter_may_lead_to_the_goal():
    env = GridWorld(rows=1, columns=5, teleporters={1: 4})
    env.reset(seed=0)
    assert env.step(RIGHT)[:3] == (4, 0.0, True)


def test_bumping_on_a_teleporter_is_no_jump():
    env = GridWorld(rows=1, columns=5, start=1, teleporters={1: 3})
    env.reset(seed=0)
    assert env.step(UP)[0] == 1


def test_a_step_after_the_end_changes_and_costs_nothing():
    env = at(GridWorld(), 79)
    assert env.step(RIGHT)[:4] == (80, 0.0, True, False)
    assert env.step(LEFT)[:4] == (80, 0.0, True, False)


def test_a_map_means_what_its_arguments_mean():
    drawn = GridWorld(map="S.a#/b##./A.GB")
    told = GridWorld(3, 4, start=0, goal=10, teleporters={2: 8, 4: 11}, walls=[3, 5, 6])
    assert drawn.layout == told.layout
    assert drawn.observation_space == told.observation_space


def test_teleporters_may_come_from_json():
    told = [GridWorld(teleporters=given).layout for given in ({18: 54}, {"18": 54}, [[18, 54]])]
    assert told[0] == told[1] == told[2]


@st.composite
def grids(draw):
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    cells = st.integers(0, rows * columns - 1)
    try:
        return GridWorld(
            rows,
            columns,
            start=draw(cells),
            goal=draw(cells),
            walls=draw(st.sets(cells, max_size=4)),
            teleporters=draw(st.dictionaries(cells, cells, max_size=3)),
        )
    except ValueError:
        assume(False)


@settings(max_examples=40, deadline=None)
@given(grids())
def test_every_step_of_every_grid_is_its_models(env):
    mdp = env.mdp()
    assert mdp.num_states == env.observation_space.n
    for cell in range(mdp.num_states):
        for action in range(4):
            if cell not in env.layout.walls:
                arrival, reward, terminated, _, _ = at(env, cell).step(action)
                row = (mdp.next_state[cell, action, 0], mdp.reward[cell, action, 0], mdp.terminated[cell, action, 0])
                assert (arrival, reward, terminated) == row


@settings(max_examples=40, deadline=None)
@given(grids())
def test_the_model_reaches_what_walking_reaches(env):
    walked = set(ways(env)) - {env.layout.goal}
    assert set(np.flatnonzero(env.mdp().reachable)) - {env.layout.goal} == walked


@pytest.mark.parametrize("slip", [0.2, 1.0])
def test_slips_go_sideways_as_often_as_the_model_says(slip):
    env = GridWorld(rows=3, columns=3, slip=slip)
    env.reset(seed=1)
    mdp, draws = env.mdp(), 4000
    for action in range(4):
        counts = Counter()
        for _ in range(draws):
            env.cell = 4
            counts[env.step(action)[0]] += 1
        model = dict(zip(mdp.next_state[4, action].tolist(), mdp.probability[4, action].tolist(), strict=True))
        assert model[[1, 5, 7, 3][action]] == pytest.approx(1 - slip)
        for cell, chance in model.items():
            assert abs(counts[cell] - draws * chance) <= 5 * np.sqrt(draws * chance * (1 - chance))
        assert counts.keys() <= model.keys()


@pytest.mark.parametrize("arguments", [{}, {"slip": 0.2}, {"map": "S.a#/..../A.#G"}], ids=["plain", "slips", "map"])
def test_the_tables_of_all_cells_at_once_are_those_of_each_by_itself(arguments):
    env = GridWorld(**arguments)
    for mine, generic in zip(env.tables(), GridEnv.tables(env), strict=True):
        assert mine.dtype == generic.dtype
        assert np.array_equal(mine, generic)


def test_the_model_names_its_cells_and_actions():
    mdp = GridWorld().mdp()
    assert (mdp.num_states, mdp.state_name(14), mdp.action_name(RIGHT)) == (81, "(1, 5)", "right")
    assert mdp.start[0] == 1


@pytest.mark.parametrize("action", [np.int64(1), np.uint8(1), np.array(1), 1], ids=repr)
def test_every_kind_of_one_is_right(action):
    env = GridWorld()
    env.reset(seed=0)
    assert env.step(action)[0] == 1


@pytest.mark.parametrize("action", [4, -1, 1.0, None, "up", np.int64(-1), np.array([1])], ids=repr)
def test_an_action_outside_the_space_is_refused(action):
    env = GridWorld()
    env.reset(seed=0)
    with pytest.raises(InvalidAction, match="of GridWorld: the actions are 0 up, 1 right, 2 down, 3 left"):
        env.step(action)
    assert env.cell == 0


def test_a_step_before_the_first_reset_says_what_to_call():
    with pytest.raises(ResetNeeded, match="GridWorld.step was called before reset"):
        GridWorld().step(UP)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rows": 0}, "rows is 0, not a whole number of 1 or more"),
        ({"goal": 81}, "the goal is cell 81, but the cells of a 9 x 9 grid are numbered from 0 to 80"),
        ({"walls": 5}, "walls is 5, not a list"),
        ({"walls": [80]}, "the goal is cell 80, where there is a wall"),
        ({"teleporters": [18]}, "teleporters has 18, not a pair of cells; write {18: 54}"),
        ({"teleporters": {"x": 3}}, "a teleporter is 'x', not a whole number"),
        ({"slip": 1.5}, "slip is 1.5, not a finite number from 0 to 1"),
        ({"map": "S.G", "rows": 3}, "give either the map or rows"),
        ({"frame_size": 20}, "frame_size is 20, too small to see anything; it takes 36 pixels or more"),
    ],
)
def test_wrong_arguments_are_named(given, said):
    with pytest.raises(ValueError) as refused:
        GridWorld(**given)
    assert said in str(refused.value)


def test_text_shows_the_map_and_the_agent():
    env = GridWorld(map="S.a#/b##./A.GB", render_mode="ansi")
    env.reset(seed=0)
    env.step(RIGHT)
    assert env.render() == "S @ a #\nb # # .\nA . G B\n"


def test_text_shows_the_overlaid_policy_on_free_cells():
    env = GridWorld(map="S.#/..G", render_mode="ansi")
    env.overlay(policy=[RIGHT, DOWN, UP, UP, RIGHT, -1])
    assert env.render() == "S ↓ #\n↑ → G\n"
    env.overlay()
    assert env.render() == "S . #\n. . G\n"


GOLDEN = [
    "     -     #####",
    "  oo - .a  #####",
    " o..o- aaa #####",
    " o@@o- aaa #####",
    "  oo - .a  #####",
    "----------------",
    "     -          ",
    "     -   a      ",
    "     -          ",
    "     - a o      ",
    "     -          ",
    "#####-     .....",
    "#####-     ..G..",
    "#####-     ..G..",
    "#####-     .....",
    "#####-     .....",
]  # one character for every third pixel of every third row


def nearest_names(frame, names):
    """Every third pixel as the character of the colour it is nearest to."""
    colours = np.array(list(names))
    distance = np.abs(frame[::3, ::3, None].astype(int) - colours).sum(axis=3)
    return ["".join(np.array(list(names.values()))[row]) for row in distance.argmin(axis=2)]


def test_a_small_frame():
    env = GridWorld(map="Sa#/.A./#.G", frame_size=48, render_mode="rgb_array")
    env.reset(seed=0)
    frame = env.render()
    assert frame.shape == (48, 48, 3)
    goal = palette.mix(palette.GREEN, palette.WHITE, 0.75)
    names = {FLOOR: "-", palette.WHITE: " ", palette.SLATE: "#", palette.INK: "@", palette.BLUE: "a"}
    names |= {palette.GREEN: "G", goal: ".", palette.GREY: "o"}
    assert nearest_names(frame, names) == GOLDEN


def test_an_overlay_is_seen_and_changes_no_step():
    env = GridWorld(render_mode="rgb_array")
    env.reset(seed=0)
    plain = env.render()
    env.overlay(values=np.linspace(-11, 0, 81), policy=np.zeros(81, int))
    assert (env.render() != plain).any()
    assert env.step(RIGHT)[:3] == (1, -1.0, False)
    env.overlay()
    env.reset()
    np.testing.assert_array_equal(env.render(), plain)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"values": [1, 2]}, r"values has shape \[2\], not one entry for each of 81 cells"),
        ({"policy": np.full(81, 4)}, "the policy has the action 4; actions are 0 to 3, or -1 for none"),
    ],
)
def test_an_overlay_that_does_not_fit_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        GridWorld().overlay(**given)


@pytest.mark.parametrize(("rows", "columns", "size"), [(1, 2, 8), (3, 60, 512), (100, 100, 512)])
def test_boards_of_every_shape_can_be_drawn(rows, columns, size):
    env = GridWorld(rows, columns, frame_size=size, render_mode="rgb_array")
    env.overlay(values=np.arange(rows * columns), policy=np.zeros(rows * columns, int))
    env.reset(seed=0)
    assert max(env.render().shape[:2]) == size


def test_the_default_frame_grows_with_a_grid_too_large_for_it():
    env = GridWorld(rows=130, columns=3, render_mode="rgb_array")
    env.reset(seed=0)
    assert env.render().shape == (520, 12, 3)
    assert GridWorld().board.longest == 512
