"""Maze: what it shows, that every maze can be solved, and the best return that its card promises."""

from collections import deque

import gymnasium
import numpy as np
import pytest
from gymnasium.error import InvalidAction

import envkit
import envkit.envs
from envkit.core.model import model_of
from envkit.envs.maze import Maze

FREE, WALL, AGENT, GOAL = range(4)
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left


def shortest_way(seen):
    """Actions from the agent to the goal, by what an observation shows alone."""
    (start,), (end,) = (map(tuple, np.argwhere(seen == code).tolist()) for code in (AGENT, GOAL))
    ways, queue = {start: []}, deque([start])
    while queue:
        row, column = queue.popleft()
        if (row, column) == end:
            return ways[end]
        for action, (down, right) in enumerate(STEPS):
            there = (row + down, column + right)
            inside = 0 <= there[0] < seen.shape[0] and 0 <= there[1] < seen.shape[1]
            if inside and seen[there] != WALL and there not in ways:
                ways[there] = [*ways[row, column], action]
                queue.append(there)
    raise AssertionError(f"no way in\n{seen}")


@pytest.mark.parametrize("seed", range(25))
def test_who_reads_the_map_gets_the_best_return(seed):
    env = gymnasium.make("envkit/Maze-v0")
    seen, _ = env.reset(seed=seed)
    moves = shortest_way(seen)
    total, terminated = 0.0, False
    for action in moves:
        assert not terminated
        _, reward, terminated, truncated, _ = env.step(action)
        total += reward
    layout = env.unwrapped.layout
    assert terminated
    assert not truncated
    assert total == 1 - len(moves) == 1 - layout.distances[layout.goal]


def test_what_is_seen_is_the_maze():
    env = Maze(3, 4)
    seen, _ = env.reset(options={"map": "S.#G/..#./...."})
    assert seen.dtype == np.uint8
    assert seen.tolist() == [[2, 0, 1, 3], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert env.step(1)[0].tolist() == [[0, 2, 1, 3], [0, 0, 1, 0], [0, 0, 0, 0]]


def test_walking_against_a_wall_or_the_edge_costs_the_step():
    env = Maze(3, 4)
    env.reset(options={"map": "S##G/..#./...."})
    for action in (0, 1, 3):
        seen, reward, terminated, *_ = env.step(action)
        assert (seen[0, 0], reward, terminated) == (AGENT, -1.0, False)


def test_mazes_are_drawn_anew_and_have_as_many_walls_as_asked():
    env = Maze(9, 9, walls=0.4)
    mazes = [env.reset(seed=None if episode else 0)[0] for episode in range(20)]
    assert len({maze.tobytes() for maze in mazes}) == 20
    assert {int((maze == WALL).sum()) for maze in mazes} == {round(0.4 * 81)}


def test_teleporters_have_numbers_of_their_own():
    env = Maze(2, 4, walls=0, teleporters=2)
    assert env.observation_space.high.max() == 7
    seen, _ = env.reset(options={"map": "SabG/.AB."})
    assert seen.tolist() == [[2, 4, 6, 3], [0, 5, 7, 0]]
    assert env.step(1)[0].tolist() == [[0, 4, 6, 3], [0, 2, 7, 0]]  # on the exit, which it hides


@pytest.mark.parametrize("seed", range(10))
def test_every_maze_with_teleporters_can_be_solved(seed):
    env = Maze(teleporters=3)
    env.reset(seed=seed)
    assert env.layout.distances[env.layout.goal] > 0
    assert len(env.layout.teleporters) == 3


def test_a_slip_turns_a_move_sideways():
    env = Maze(3, 3, slip=1.0)
    ends = set()
    for _ in range(30):
        env.reset(options={"map": "..G/.S./..."})
        ends.add(tuple(np.argwhere(env.step(0)[0] == AGENT)[0].tolist()))
    assert ends == {(1, 0), (1, 2)}


def test_there_is_no_finite_model_and_the_kit_says_so():
    assert model_of(gymnasium.make("envkit/Maze-v0")) is None
    with pytest.raises(envkit.core.errors.NoFiniteModel, match="neither a method mdp"):
        envkit.mdp("maze")


def test_frames_show_each_maze():
    env = Maze(render_mode="rgb_array")
    env.reset(seed=0)
    first = env.render()
    env.reset()
    assert (env.render() != first).any()
    assert env.render().shape == (512, 512, 3)


def test_text_shows_the_maze():
    env = Maze(2, 3, render_mode="ansi")
    env.reset(options={"map": "S.G/.#."})
    env.step(1)
    assert env.render() == "S @ G\n. # .\n"


def test_an_action_outside_the_space_is_refused():
    env = Maze()
    env.reset(seed=0)
    with pytest.raises(InvalidAction, match=r"step\(4\) of Maze: the actions are 0 up, 1 right, 2 down, 3 left"):
        env.step(4)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"walls": 2}, "walls is 2, not a finite number from 0 to 1"),
        ({"walls": 0.99}, "walls=0.99 leaves 1 cell of a 9 x 9 grid free"),
        ({"rows": 0}, "rows is 0, not a whole number of 1 or more"),
        ({"teleporters": -1}, "teleporters is -1, not a whole number of 0 or more"),
        ({"teleporters": 30}, "teleporters is 30, more than the 24 letters that tell them apart"),
        ({"frame_size": 8}, "frame_size is 8, too small to see anything"),
    ],
)
def test_wrong_arguments_are_named(given, said):
    with pytest.raises(ValueError) as refused:
        Maze(**given)
    assert said in str(refused.value)
