"""Grid games: what a map, a legend and two small methods make of themselves."""

# ruff: noqa: RUF012
import copy
import pickle
from itertools import pairwise

import gymnasium
import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

import envkit.testing
from envkit.authoring.finite import FiniteBatch
from envkit.authoring.grid import Layout
from envkit.authoring.grid_env import GridEnv, Place, RandomGridEnv
from envkit.authoring.moves import EIGHT, FOUR
from envkit.authoring.random_layouts import random_layout
from envkit.authoring.tiles import door, goal, hazard, ice, item, one_way
from envkit.core.mdp import ModelError

UP, RIGHT, DOWN, LEFT = range(4)
TO_THE_KEY, TO_THE_GOAL = [DOWN, DOWN], [UP, RIGHT, RIGHT, RIGHT, RIGHT]
MODES = pytest.mark.parametrize("again", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["copy", "pickle"])  # fmt: skip


class Cave(GridEnv):
    map = """
        S.#..
        ..D.G
        kX#.o
    """
    legend = {"k": item("key"), "D": door("key"), "X": hazard(reward=-10), "o": item("coin", reward=5)}


class Harvest(GridEnv):
    """Ends when all is picked, on a world without edges, with a step to stay."""

    map = "So./..o/o.."
    legend = {"o": item("apple")}
    moves = {**EIGHT, "stay": (0, 0)}
    wrap = True

    def reward(self, before, after):
        return float(len(after.items) - len(before.items))

    def is_over(self, place):
        return len(place.items) == 3


class Pond(GridEnv):
    map = "S~.~/>..~/a~AG"
    legend = {"~": ice(), ">": one_way("right"), "G": goal(reward=10)}
    step_reward = -0.5


class Orchard(RandomGridEnv):
    legend = {"o": item("apple", reward=1), "X": hazard("pit", reward=-1)}
    symbols = ".#@GoX"

    def __init__(self, render_mode=None):
        super().__init__(5, 6, render_mode=render_mode)

    def new_layout(self):
        return random_layout(self.np_random, 5, 6, items=[self.legend["o"]] * 2, hazards=[self.legend["X"]])


GAMES = {"cave": Cave, "slippery cave": lambda: Cave(slip=0.4), "harvest": Harvest, "pond": Pond, "orchard": Orchard}
every_game = pytest.mark.parametrize("make", GAMES.values(), ids=GAMES.keys())


def started(env, seed=0):
    env.reset(seed=seed)
    return env


def walked(env, actions):
    return [env.step(action) for action in actions]


@every_game
def test_every_game_keeps_the_contract(make):
    envkit.testing.contract(make)()


@every_game
def test_gymnasiums_checker_has_nothing_to_say(make, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    check_env(make(), skip_render_check=True)


def test_a_game_is_played_by_its_tiles():
    env = started(Cave())
    assert env.action_names == ("up", "right", "down", "left")
    assert env.observation_space == gymnasium.spaces.Discrete(15 * 4)
    steps = walked(env, [*TO_THE_KEY, *TO_THE_GOAL])
    assert [step[0] % 15 for step in steps] == [5, 10, 5, 6, 7, 8, 9]
    assert [step[1] for step in steps] == [-1.0] * 7
    assert [step[2] for step in steps] == [False] * 6 + [True]


def test_without_the_key_the_door_stops_one():
    env = started(Cave())
    assert walked(env, [DOWN, RIGHT, RIGHT])[-1][:3] == (6, -1.0, False)


def test_an_item_pays_once_and_stays_picked_up():
    env = started(Cave())
    steps = walked(env, [*TO_THE_KEY, UP, RIGHT, RIGHT, RIGHT, DOWN, RIGHT, LEFT, RIGHT, RIGHT])
    assert [step[1] for step in steps][-4:] == [5.0, -1.0, -1.0, -1.0]
    assert env.place(env.state) == Place(14, ("key", "coin"))


def test_a_hazard_pays_and_ends():
    env = started(Cave())
    assert walked(env, [DOWN, RIGHT, DOWN])[-1][:3] == (11, -10.0, True)


def test_after_the_end_nothing_changes_and_nothing_is_paid():
    env = started(Cave())
    walked(env, [DOWN, RIGHT, DOWN])
    assert walked(env, [UP, LEFT]) == [(11, 0.0, True, False, {})] * 2


def test_an_episode_begins_with_everything_back_in_its_place():
    env = started(Cave())
    walked(env, TO_THE_KEY)
    assert env.reset()[0] == 0
    assert env.place(env.state) == Place(0)


def test_two_small_methods_say_what_tiles_cannot():
    env = started(Harvest())
    left = list(env.moves).index("left")
    assert env.step(left)[:3] == (2, 0.0, False)  # around the edge
    diagonal = list(env.moves).index("down-right")
    steps = walked(env, [left, diagonal, diagonal])
    assert [step[1] for step in steps] == [1.0, 1.0, 1.0]
    assert [step[2] for step in steps] == [False, False, True]


def test_a_step_to_stay_stays_and_costs():
    env = started(Harvest())
    assert env.step(list(env.moves).index("stay"))[:3] == (0, 0.0, False)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([Cave, Harvest, Pond]), st.floats(0, 1), st.data())
def test_every_step_is_one_of_its_models(game, slip, data):
    env = game(slip=slip)
    mdp = env.mdp()
    state = data.draw(st.sampled_from(np.flatnonzero(mdp.reachable).tolist()))
    action = data.draw(st.integers(0, mdp.num_actions - 1))
    env.reset(seed=data.draw(st.integers(0, 1000)))
    env.state = state
    step = env.step(action)[:3]
    row = [mdp.next_state, mdp.reward, mdp.terminated]
    chances = mdp.probability[state, action]
    known = [tuple(part[state, action, k].item() for part in row) for k in np.flatnonzero(chances)]
    assert step in known


@pytest.mark.parametrize("slip", [0.0, 0.3, 1.0])
def test_the_draw_of_a_step_picks_its_outcome_in_the_models_order(slip):
    env = Cave(slip=slip)
    mdp = env.mdp()
    env.reset(seed=3)
    draws = copy.deepcopy(env.np_random)
    for action in np.random.default_rng(0).integers(4, size=300).tolist():
        state = env.state
        bounds = np.cumsum(mdp.probability[state, action])
        k = int(np.searchsorted(bounds, draws.random(), side="right")) if slip else 0
        following, reward, terminated, *_ = env.step(action)
        told = (mdp.next_state[state, action, k], mdp.reward[state, action, k], mdp.terminated[state, action, k])
        assert (following, reward, terminated) == told
        if terminated:
            env.reset()


def test_the_model_finds_the_way_by_key_and_coin():
    mdp = Cave().mdp()
    value = np.zeros(mdp.num_states)
    for _ in range(60):
        value = (mdp.expected_reward + np.einsum("sak,sak->sa", mdp.continues, value[mdp.next_state])).max(axis=1)
    assert mdp.start @ value == -8 + 5  # nine moves, one of which pays for the coin instead of costing a step
    assert mdp.state_names[10 + 15] == "(2, 0) key"
    assert list(mdp.action_names) == list(FOUR)


def test_more_states_than_can_be_written_out_have_no_model():
    env = GridEnv(Layout(5, 5, 0, 24, {}, frozenset(), tiles={cell: item("coin") for cell in range(1, 24)}))
    assert started(env).step(RIGHT)[0] == 1 + 25
    with pytest.raises(ModelError, match="23 items on 25 cells make 209,715,200 states, more than 2,000,000"):
        env.mdp()


@every_game
@MODES
def test_a_copy_goes_on_in_the_same_way(make, again):
    env = started(make())
    actions = np.random.default_rng(1).integers(env.action_space.n, size=30).tolist()
    walked(env, actions[:5])
    twin = again(env)
    assert [repr(step) for step in walked(env, actions)] == [repr(step) for step in walked(twin, actions)]
    assert str(twin.reset()) == str(env.reset())


class CaveBatch(FiniteBatch):
    single = Cave


def test_a_batch_of_a_game_plays_the_same_episodes():
    """By seeds, slips included; what is left on the map is part of the state."""
    batch = CaveBatch(3, slip=0.3, autoreset_mode="SameStep")
    alone = [Cave(slip=0.3) for _ in range(3)]
    seen, _ = batch.reset(seed=7)
    assert seen.tolist() == [env.reset(seed=7 + row)[0] for row, env in enumerate(alone)]
    for actions in np.random.default_rng(0).integers(4, size=(200, 3)):
        seen, rewards, terminated, *_ = batch.step(actions)
        for row, env in enumerate(alone):
            state, reward, over, *_ = env.step(int(actions[row]))
            assert (rewards[row], terminated[row]) == (reward, over)
            assert seen[row] == (env.reset()[0] if over else state)


@every_game
def test_a_state_is_restored_by_any_instance(make):
    env, other = started(make()), make()
    walked(env, np.random.default_rng(1).integers(env.action_space.n, size=5).tolist())
    state = env.get_state()
    actions = np.random.default_rng(2).integers(env.action_space.n, size=30).tolist()
    told = [repr(step) for step in walked(env, actions)]
    for again in (other, env):
        again.set_state(state)
        assert [repr(step) for step in walked(again, actions)] == told


def test_a_game_can_be_given_another_map_or_layout():
    assert Cave("S.G").layout == Layout.from_map("S.G", Cave.legend)
    assert Cave(Layout.from_map("S..G")).observation_space.n == 4


def test_text_shows_what_is_left():
    env = started(Cave(render_mode="ansi"))
    walked(env, TO_THE_KEY)
    assert env.render() == "S . # . .\n. . D . G\n@ X # . o\n"
    env.step(UP)
    assert env.render() == "S . # . .\n@ . D . G\n. X # . o\n"


def test_a_solution_is_shown_for_what_was_picked_up():
    env = started(Cave(render_mode="ansi"))
    policy = np.full(env.num_states, -1)
    policy[6], policy[15 + 6] = LEFT, RIGHT
    env.overlay(policy=policy)
    assert "←" in env.render()
    walked(env, TO_THE_KEY)
    assert "→" in env.render()
    assert "←" not in env.render()


def test_frames_show_items_doors_and_solutions_as_they_change():
    env = started(Cave(render_mode="rgb_array"))

    def cell(number):
        x, y = env.board.corner(number)
        return env.render()[y : y + env.board.cell, x : x + env.board.cell]

    shut = cell(7)
    walked(env, TO_THE_KEY)
    assert (cell(7) != shut).any()  # the door is open
    env.step(UP)
    assert (cell(10) == 255).sum() > 0.9 * cell(10).size  # the key is gone
    values = np.repeat(np.arange(4.0), 15)
    env.overlay(values=values * np.tile(np.arange(15), 4))
    with_key = cell(6)
    env.reset()
    assert (cell(6) != with_key).any()


def test_frames_of_an_episode_are_told_apart_only_by_what_changed():
    env = started(Pond(render_mode="rgb_array"))
    frames = [env.render()]
    for _ in range(2):
        env.reset()
        frames.append(env.render())
    assert all((one == other).all() for one, other in pairwise(frames))


def test_every_episode_of_a_random_game_has_its_own_layout():
    env = Orchard()
    first, second = env.reset(seed=1)[0], env.reset()[0]
    assert (first != second).any()
    assert (env.reset(seed=1)[0] == first).all()
    assert sorted(np.bincount(first.ravel(), minlength=6)[2:]) == [1, 1, 1, 2]
    assert not hasattr(env, "mdp")


def test_a_random_game_shows_what_is_where_until_it_is_picked_up():
    env = Orchard()
    seen, _ = env.reset(options={"map": "Soo#../....../.X..../....../.....G"})
    assert seen[0].tolist() == [2, 4, 4, 1, 0, 0]
    assert (seen[2, 1], seen[4, 5]) == (5, 3)
    seen, reward, *_ = env.step(RIGHT)
    assert (seen[0].tolist(), reward) == ([0, 2, 4, 1, 0, 0], 1.0)
    assert env.step(LEFT)[0][0].tolist() == [2, 0, 4, 1, 0, 0]


def test_what_a_random_game_shows_is_the_callers_to_keep():
    env = Orchard()
    seen, _ = env.reset(seed=0)
    kept = seen.copy()
    seen[:] = 0
    assert (env.observe() == kept).all()


def test_a_map_lasts_for_one_episode():
    env = Orchard()
    fixed = {"map": "Soo#../....../.X..../....../.....G"}
    env.reset(seed=5, options=fixed)
    drawn = env.reset()[0]
    assert (drawn != env.reset(options=fixed)[0]).any()
    plain = Orchard()
    assert (plain.reset(seed=5)[0] == drawn).all()  # and takes no draws


def test_the_tiles_of_a_games_legend_know_their_characters():
    assert Orchard.legend["o"].mark == "o"
    assert Orchard.legend["o"] == Orchard("rgb_array").legend["o"]


def test_a_legend_that_cannot_be_is_refused_where_the_class_is_written():
    with pytest.raises(ValueError, match="the legend has 'XX', not one character"):

        class Wrong(GridEnv):
            legend = {"XX": hazard()}


@pytest.mark.parametrize(
    ("do", "said"),
    [
        (lambda: GridEnv(), "GridEnv has no map: set the class attribute map, such as map = 'S.G'"),
        (lambda: Cave("S?G"), "the map has '?' at row 0, column 1, which means nothing"),
        (lambda: Cave(slip=2), "slip is 2, not a finite number from 0 to 1"),
        (lambda: Cave(frame_size=10), "frame_size is 10, too small to see anything; it takes 20 pixels or more"),
        (lambda: Cave().overlay(values=[1]), r"values has shape [1], not one entry for each of 60 states"),
        (lambda: Orchard().reset(options={"map": "S.G"}), "the map has 1 x 3 cells, but this Orchard shows 5 x 6; make one with rows=1, columns=3"),
        (lambda: Orchard().reset(options={"map": "Sa....\n......\n.A....\n......\n.....G"}), "the layout has 'a' at row 0, column 1, which Orchard has no number for; its symbols are '.#@GoX'"),
        (lambda: Orchard().reset(options={"map": 3}), "the map is 3, not a text"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(do, said):
    with pytest.raises(ValueError) as refused:
        do()
    assert said in str(refused.value)


def test_moves_of_ones_own_are_named_where_an_action_is_refused():
    with pytest.raises(InvalidAction, match=r"step\(9\) of Harvest: the actions are 0 up, 1 up-right, .*, 8 stay"):
        started(Harvest()).step(9)


def test_before_the_first_reset_there_is_nothing_to_do():
    with pytest.raises(ResetNeeded, match="Cave.step was called before reset"):
        Cave().step(0)
    with pytest.raises(ResetNeeded, match="Orchard.render was called before reset"):
        Orchard(render_mode="rgb_array").render()
