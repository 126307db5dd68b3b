"""envkit spaces: the tour, and the functions that judge a space."""

import json
import string

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.cli.commands.spaces import COLUMNS, WORDS
from envkit.cli.main import run
from envkit.workflows.spaces import (
    DEEP,
    TABULAR,
    as_action,
    as_observation,
    constructor,
    flattened_size,
    sample_text,
    tour,
)

NAMES = {name: getattr(spaces, name) for name in spaces.__all__} | {"np": np, "string": string}
MORE = [
    spaces.Box(-np.inf, np.inf, (2, 3), np.float64),
    spaces.Box(np.array([0, -np.inf], np.float32), np.array([1.5, np.inf], np.float32)),
    spaces.MultiBinary((2, 3)),
    spaces.MultiDiscrete([[2, 3], [4, 5]], start=[[1, 0], [0, -2]]),
    spaces.Text(4, min_length=0, charset="xyz"),
    spaces.Text(4),
    spaces.Tuple((spaces.Discrete(2),)),
    spaces.OneOf((spaces.Dict(a=spaces.Discrete(2)), spaces.Tuple((spaces.Text(2), spaces.Discrete(3, start=1))))),
    spaces.Sequence(spaces.Box(0, 1, (1,)), stack=True),
    spaces.Graph(spaces.Discrete(3), None),
    spaces.Graph(spaces.Dict(a=spaces.Discrete(2)), spaces.Discrete(2)),
]
ALL = [stop.observation_space for stop in tour()] + [stop.action_space for stop in tour()] + MORE


@pytest.mark.parametrize("space", ALL, ids=str)
def test_what_is_shown_as_constructor_makes_the_space(space):
    assert eval(constructor(space), NAMES) == space


@pytest.mark.parametrize("space", ALL, ids=str)
def test_the_sample_is_one_short_line_and_always_the_same(space):
    text = sample_text(space)
    assert text == sample_text(space)
    assert 0 < len(text) <= 90
    assert "\n" not in text


@pytest.mark.parametrize("space", ALL, ids=str)
def test_the_flattened_size_is_that_of_a_flattened_sample_or_none(space):
    size = flattened_size(space)
    if size is None:
        assert isinstance(space, spaces.Sequence | spaces.Graph)
    else:
        assert spaces.flatten(space, space.sample()).shape == (size,)


@pytest.mark.parametrize("space", ALL, ids=str)
def test_every_algorithm_gets_an_answer_that_the_table_has_a_word_for(space):
    for fit in (as_observation(space), as_action(space)):
        assert set(fit) == {*DEEP, TABULAR}
        assert {wrapper.partition(" ")[0] if wrapper else wrapper for wrapper in fit.values()} <= WORDS.keys()


def test_algorithms_of_one_column_agree_on_every_space():
    for space in ALL:
        action, observation = as_action(space), as_observation(space)
        assert len({observation[name] for name in DEEP}) == 1
        assert action["A2C"] == action["PPO"]
        assert action["DDPG"] == action["SAC"] == action["TD3"]
    assert {algorithm for _, algorithm, _, _ in COLUMNS} == {"PPO", "DQN", "SAC", TABULAR}


@pytest.mark.parametrize(
    ("space", "name", "fit"),
    [
        (spaces.Discrete(4), "DQN", ""),
        (spaces.Discrete(4), "SAC", None),
        (spaces.Discrete(4, start=1), "PPO", "TransformAction from Discrete(4)"),
        (spaces.Box(-1, 1, (2,)), "SAC", ""),
        (spaces.Box(-1, 1, (2,)), "DQN", "DiscretizeAction"),
        (spaces.Box(-1, 1, (64, 64)), "DQN", None),
        (spaces.MultiDiscrete([3, 4]), "PPO", ""),
        (spaces.MultiDiscrete([3, 4]), "DQN", "TransformAction from Discrete(12)"),
        (spaces.MultiDiscrete([3, 4]), "tabular", ""),
        (spaces.MultiBinary(40), "tabular", None),
        (spaces.Tuple((spaces.Discrete(2), spaces.Discrete(3))), "PPO", "TransformAction from Discrete(6)"),
        (spaces.Tuple((spaces.Discrete(2), spaces.Box(0, 1))), "PPO", "ActionWrapper"),
        (spaces.Text(4), "PPO", None),
        (spaces.Graph(spaces.Discrete(2), None), "PPO", None),
    ],
)
def test_actions_are_taken_as_they_are_or_by_a_wrapper_or_not(space, name, fit):
    assert as_action(space)[name] == fit


@pytest.mark.parametrize(
    ("space", "name", "fit"),
    [
        (spaces.Box(0, 255, (48, 48, 3), np.uint8), "PPO", ""),
        (spaces.Box(0, 255, (48, 48, 3), np.uint8), "tabular", None),
        (spaces.Box(0, 1, (2,)), "tabular", "DiscretizeObservation"),
        (spaces.Box(-np.inf, np.inf, (2,)), "tabular", None),
        (spaces.Discrete(3, start=1), "PPO", "FlattenObservation"),
        (spaces.Dict(a=spaces.Discrete(2), b=spaces.Box(0, 1)), "PPO", ""),
        (spaces.Dict(a=spaces.Dict(b=spaces.Discrete(2))), "PPO", "FlattenObservation"),
        (spaces.Tuple((spaces.Discrete(2), spaces.MultiBinary(3))), "tabular", ""),
        (spaces.MultiDiscrete([[2, 2], [2, 2]]), "PPO", "FlattenObservation"),
        (spaces.Sequence(spaces.Discrete(2)), "PPO", None),
    ],
)
def test_observations_are_taken_as_they_are_or_by_a_wrapper_or_not(space, name, fit):
    assert as_observation(space)[name] == fit


@pytest.mark.parametrize("stop", tour(), ids=lambda stop: stop.alias)
def test_the_wrapper_that_is_named_for_observations_works(stop):
    fit = as_observation(stop.observation_space)
    env = gymnasium.make(stop.id)
    for wrapper in {fit["PPO"], fit[TABULAR]} - {"", None}:
        bins = {"bins": 3} if wrapper == "DiscretizeObservation" else {}
        wrapped = getattr(gymnasium.wrappers, wrapper)(env, **bins)
        observation, _ = wrapped.reset(seed=0)
        assert observation in wrapped.observation_space
        assert as_observation(wrapped.observation_space)[TABULAR if "Disc" in wrapper else "PPO"] == ""


def test_each_stop_has_its_kind_what_to_type_an_example_and_a_game(capsys):
    assert run(["spaces"]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("    Discrete(8, start=-2)")
    assert lines[at - 1].split() == ["Discrete,", "start", "8", "flatten", "yes", "number", "number", "-", "yes"]
    assert lines[at + 1 : at + 4] == [
        "    such as 4",
        "    lift: bring the lift to the ground floor, from above or below.",
        "          played with Discrete(3, start=-1)",
    ]
    assert max(map(len, lines)) <= 110
    assert not any(line.endswith(" ") for line in lines)


def test_json_says_the_same_and_nothing_else(capsys):
    assert run(["spaces", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["schema"] == 1
    assert [row["game"] for row in answer["spaces"]] == [stop.alias for stop in tour()]
    graph = next(row for row in answer["spaces"] if row["kind"] == "Graph")
    assert graph["flattened"] is None
    assert set(graph["as_observation"].values()) == {None}


def test_the_tour_begins_with_the_simple_kinds_and_ends_with_the_rare_ones():
    kinds = [stop.kind for stop in tour()]
    assert kinds[0] == "Discrete"
    assert kinds[-1] == "OneOf"
    assert kinds.index("Dict") + 1 == kinds.index("Dict, goals")


def test_every_game_is_named_by_its_alias(capsys):
    assert run(["list"]) == 0
    listed = capsys.readouterr().out.split()
    assert {stop.alias for stop in tour()} <= set(listed)
