"""Which algorithms take an environment, after what, and with which one to begin."""

import math
import shlex

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec

from envkit.cli.main import run
from envkit.core.ref import EnvRef
from envkit.workflows.algorithms import algorithms
from envkit.workflows.looking.advice import Advice, advice
from envkit.workflows.looking.rows import observed
from envkit.workflows.looking.trial import Trial, trial


class Still(gymnasium.Env):
    """Nothing happens in it.

    ## Observation Space
    | Num | Observation |
    |-----|-------------|
    | 0   | cart position |
    | 1   | pole angle  |
    """

    def __init__(self, observation_space, action_space):
        self.observation_space, self.action_space = observation_space, action_space


def of(env, **kwargs):
    ref = EnvRef.of(env, **kwargs)
    made = ref.make()
    tried = trial(made, str(ref), seed=0)
    return advice(ref, made, observed(made, tried.first), tried)


def still(observation_space, action_space, *, scale=None, cut=0, step=1e-6, limit=None):
    env = Still(observation_space, action_space)
    env.spec = EnvSpec("Still-v0", Still, max_episode_steps=limit)
    tried = Trial(0, (0.0,) * 5, (1,) * 5, cut, step, None, None, scale)
    return advice(EnvRef("still"), env, observed(env, None), tried)


def word(found, name):
    return next(one.word for one in found.answers if one.name == name)


@pytest.mark.parametrize(
    ("env", "first", "planner", "table", "ppo"),
    [
        ("CartPole-v1", "ppo", "no", "--bins 10", "yes"),
        ("Pendulum-v1", "sac", "no", "--bins 10, DiscretizeAction", "yes"),
        ("Taxi-v4", "value-iteration", "yes", "yes", "yes"),
        ("FrozenLake-v1", "value-iteration", "yes", "yes", "yes"),
        ("Blackjack-v1", "qlearning", "--explore", "yes", "FlattenObservation"),
        ("catch", "value-iteration", "yes", "yes", "yes"),  # pictures, but of a model that says which state they are
        ("lift", "value-iteration", "yes", "yes", "FlattenObservation, TransformAction"),
        ("greenhouse", "ppo", "no", "no", "TransformAction"),
        ("golf", "ppo", "no", "no", "FlattenObservation, ActionWrapper"),
        ("maze", "ppo", "no", "no", "yes"),
        ("simon", "", "no", "no", "no"),
    ],
)  # fmt: skip
def test_the_answers_for_well_known_environments(env, first, planner, table, ppo):
    found = of(env)
    assert found.first == first
    assert [word(found, name) for name in ("value-iteration", "qlearning", "ppo")] == [planner, table, ppo]


def test_every_algorithm_of_the_kit_has_one_answer():
    found = of("CartPole-v1")
    assert sorted(one.name for one in found.answers) == sorted(algorithms())
    for one in found.answers:
        assert bool(one.refusal) == (one.word == "no")
        assert bool(one.refusal) != bool(one.processes)


def test_a_planner_that_needs_more_than_a_model_says_what():
    found = {one.name: one for one in of("CliffWalking-v1").answers}
    assert "--set horizon=100" in found["backward-induction"].refusal
    assert found["breadth-first"].refusal.startswith("it needs a model without chance")
    assert found["value-iteration"].word == "yes"
    limited = {one.name: one.word for one in of("Taxi-v4").answers}
    assert (limited["backward-induction"], limited["breadth-first"]) == ("yes", "yes")


@pytest.mark.parametrize("env", ["gridworld", "Blackjack-v1", "CliffWalking-v1"])
def test_the_tabular_algorithms_that_are_said_to_take_it_do_and_the_others_refuse(env, capsys):
    found = of(env)
    for name in ("breadth-first", "backward-induction", "value-iteration", "qlearning"):
        answer = next(one for one in found.answers if one.name == name)
        options = [part for way in answer.ways for part in way.split()]
        quick = ["--eval-episodes", "1", "--no-artifacts", *(["--episodes", "20"] if name == "qlearning" else [])]
        more = ["--tries", "1"] if "--explore" in options else []
        code = run(["solve", env, "--algo", name, *options, *more, *quick])
        assert (code == 0) == (not answer.refusal), (name, capsys.readouterr().err)


def test_the_command_that_is_told_works(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = of("gridworld", slip=0.25, map="S.\n.G")
    assert (
        found.command
        == "envkit solve gridworld --env-kwargs slip=0.25 --env-kwargs 'map=S.\n.G' --algo value-iteration"
    )
    assert run([*shlex.split(found.command)[1:], "--no-artifacts"]) == 0
    assert of("CartPole-v1").command == "envkit solve CartPole-v1 --algo ppo"


def test_there_is_no_command_where_a_wrapper_has_to_be_written_down_first():
    assert of("golf").command == ""
    assert of("simon").command == ""


def test_the_reason_of_each_choice_is_told():
    assert of("Taxi-v4").why == "the model is finite (500 states and 6 actions), so the answer is exact"
    assert of("Blackjack-v1").why.endswith("a table holds 704 observations and 2 actions")
    assert of("golf").why.endswith("takes the environment with FlattenObservation and ActionWrapper")
    assert of("simon").why.startswith("actions are Sequence")


def test_observations_too_many_for_a_table_are_a_network_s():
    few, many = spaces.MultiBinary(10), spaces.MultiBinary(30)
    assert still(few, spaces.Discrete(2)).first == "qlearning"
    assert still(many, spaces.Discrete(2)).first == "ppo"
    assert word(still(many, spaces.Discrete(2)), "qlearning") == "yes"


def test_bins_are_for_a_few_numbers_only():
    eight, nine = (spaces.Box(-1, 1, (count,)) for count in (8, 9))
    assert word(still(eight, spaces.Discrete(2)), "sarsa") == "--bins 10"
    assert word(still(nine, spaces.Discrete(2)), "sarsa") == "no"
    assert word(still(eight, spaces.Box(-np.inf, np.inf, (1,))), "sarsa") == "no"


def test_a_space_that_nobody_can_flatten_is_refused_and_no_bug():
    class Mission(spaces.Space):
        pass

    found = still(spaces.Dict(words=Mission(), place=spaces.Discrete(2)), spaces.Discrete(2))
    assert found.first == ""
    assert "Mission" in next(one.refusal for one in found.answers if one.name == "ppo")


def test_a_space_too_large_for_an_array_is_not_flattened():
    found = still(spaces.Tuple((spaces.Discrete(10**12),)), spaces.Discrete(2))  # would be eight terabytes
    assert word(found, "ppo") == "no"
    assert found.first == "qlearning"
    assert found.why.endswith("a table holds observations that can be told apart and 2 actions")


def hints(*args, **kwargs):
    return [name for name, _ in still(*args, **kwargs).hints]


def test_pictures_want_grey_resize_and_stack_as_far_as_each_makes_sense():
    two = spaces.Discrete(2)
    assert hints(spaces.Box(0, 255, (210, 160, 3), np.uint8), two) == ["grey", "resize", "stack"]
    assert hints(spaces.Box(0, 255, (84, 84, 1), np.uint8), two) == ["stack"]
    assert hints(spaces.Box(0, 255, (9, 9), np.uint8), two) == []


def test_numbers_far_from_0_or_of_uneven_size_want_to_be_normalized():
    seen = spaces.Box(-np.inf, np.inf, (3,))
    for scale, wanted in (
        ([1.0, 0.1, 0.0], []), ([10.5, 1.0, 1.0], ["normalize"]), ([1.0, 0.04, 0.0], ["normalize"]),
        ([0.0, 0.0, 0.0], []),
    ):  # fmt: skip
        assert hints(seen, spaces.Discrete(2), scale=np.array(scale)) == wanted, scale


def test_names_of_places_without_a_speed_want_stack():
    assert hints(spaces.Box(-1, 1, (2,)), spaces.Discrete(2)) == ["stack"]
    assert of("CartPole-v1").hints == ()
    assert "stack" not in [name for name, _ in of("MountainCar-v0").hints]


def test_what_never_ends_wants_max_steps():
    assert hints(spaces.Discrete(2), spaces.Discrete(2), cut=2) == ["max-steps"]
    assert hints(spaces.Discrete(2), spaces.Discrete(2), cut=0) == []
    assert hints(spaces.Discrete(2), spaces.Discrete(2), cut=2, limit=2000) == []


def test_a_dear_step_is_worth_several_processes_for_a_network_alone():
    quick, dear = (still(spaces.Discrete(2), spaces.Discrete(2), step=step) for step in (2e-4, 4e-4))
    assert {one.processes for one in quick.answers if not one.refusal} == {"one"}
    assert {one.name for one in dear.answers if one.processes == "many"} == {
        one.name for one in dear.answers if one.is_deep and not one.refusal
    }
    assert quick.processes.startswith("one: a step took 200 microseconds in a short trial; from about 300 on ")
    assert dear.processes.startswith("many: a step took 400 microseconds")
    assert Advice((), (), "", "", "", math.nan, "").processes == ""


def test_deep_learners_that_are_not_installed_say_what_to_type(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert still(spaces.Discrete(2), spaces.Discrete(2)).missing.startswith("pip install")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert still(spaces.Discrete(2), spaces.Discrete(2)).missing == ""
