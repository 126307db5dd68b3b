"""The functions of `envkit` itself: they are the commands, and take what the commands cannot be given."""

import json
from pathlib import Path

import numpy as np
import pytest

import envkit
from envkit.cli.main import run as command_line
from envkit.core.errors import UsageError
from envkit.core.policy import FunctionPolicy, RandomPolicy


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def lake():
    return envkit.solve("FrozenLake-v1", "qlearning", episodes=300, eval_episodes=1, run_dir="lake")


def test_a_run_is_worth_the_same_however_it_is_named(lake, capsys):
    told = [
        envkit.evaluate(policy, episodes=20, seed=4).to_json()
        for policy in (lake, lake.run_dir, str(lake.run_dir), envkit.load(lake.run_dir))
    ]
    assert told[0] == told[1] == told[2] == told[3]
    assert told[0]["policy_return"] == lake.exact.policy_return
    assert command_line(["eval", "lake", "--episodes", "20", "--seed", "4", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == told[0]


def left(observation):
    return 0


@pytest.mark.parametrize("policy", [left, FunctionPolicy(left)])
def test_functions_and_policies_are_evaluated_where_an_environment_is_named(policy):
    judged = envkit.evaluate(policy, "gridworld", episodes=2, max_steps=7)
    assert judged.evaluation.returns.tolist() == [-7, -7]
    assert judged.evaluation.cut == 2
    assert str(judged).splitlines()[0] == f"gridworld  {'left' if policy is left else 'FunctionPolicy'}  seed 0"
    assert repr(judged).endswith("on gridworld: mean return -7>")
    assert "mean return" in judged._repr_html_()
    with pytest.raises(UsageError, match="needs an environment: name one beside it"):
        envkit.evaluate(policy)


def test_random_play_is_the_same_by_name_and_by_policy():
    space = envkit.make("FrozenLake-v1").action_space
    told = [envkit.evaluate(who, "FrozenLake-v1", seed=2).evaluation for who in ("random", RandomPolicy(space))]
    np.testing.assert_array_equal(told[0].returns, told[1].returns)
    sure = envkit.evaluate(left, "FrozenLake-v1", episodes=1, env_kwargs={"is_slippery": False})
    assert sure.evaluation.lengths.tolist() == [100]


def test_what_was_solved_without_artifacts_is_evaluated_where_its_environment_is_named():
    solved = envkit.solve("FrozenLake-v1", "value-iteration", run_dir=False, eval_episodes=1)
    assert envkit.evaluate(solved, "FrozenLake-v1", episodes=200).mean_return == pytest.approx(0.744, abs=0.1)
    with pytest.raises(UsageError, match="needs an environment"):
        envkit.evaluate(solved)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"policy": 3, "env": "gridworld"}, "policy is 3, not a policy, a function from observation to action, or the"),
        ({"policy": "nowhere"}, "nowhere is not the directory of a run"),
        ({"policy": "random"}, "a random player needs an environment"),
        ({"policy": left, "env": "gridworld", "episodes": 0}, "episodes is 0"),
        ({"policy": left, "env": "gridworld", "max_steps": 0}, "max_steps is 0"),
        ({"policy": left, "env": "gridworld", "deterministic": False}, "no chances to draw from"),
        ({"policy": left, "env": "gridworld", "trust": True}, "--trust is for the .zip of a model"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        envkit.evaluate(**arguments)


@pytest.mark.parametrize("observation", [16, "left", None, [0.5, 1.0]])
def test_a_policy_that_is_asked_about_what_is_no_observation_says_which_there_are(lake, observation):
    policy = envkit.load(lake.run_dir)
    with pytest.raises(UsageError, match=r"cannot act upon .* shows observations of Discrete\(16\)") as caught:
        policy(observation)
    assert str(lake.run_dir) in str(caught.value)


def test_a_run_of_a_table_shows_itself_with_an_episode_and_its_curve():
    pytest.importorskip("matplotlib")
    run = envkit.solve("gridworld", "qlearning", episodes=200, eval_episodes=1, run_dir="run")
    page = run._repr_html_()
    assert page.count("data:image/png;base64,") == 1
    assert page.count("<svg") == 1
    assert "exact optimum -11" in page


def test_a_run_that_is_kept_nowhere_shows_the_same():
    pytest.importorskip("matplotlib")
    run = envkit.solve("gridworld", "qlearning", episodes=200, eval_episodes=1, run_dir=False)
    page = run._repr_html_()
    assert page.startswith("<pre>gridworld  qlearning")
    assert page.count("data:image/png;base64,") == 1
    assert page.count("<svg") == 1
    assert list(Path().iterdir()) == []


def test_many_seeds_print_as_the_command_does_and_show_their_curve():
    pytest.importorskip("matplotlib")
    found = envkit.solve_seeds("FrozenLake-v1", "sarsa", seeds=2, episodes=200, eval_episodes=1, run_dir="seeds")
    assert str(found).startswith("FrozenLake-v1  sarsa  seeds 0 to 1")
    assert repr(found).startswith("<Seeds of FrozenLake-v1 by sarsa: interquartile mean")
    page = found._repr_html_()
    assert page.count("<svg") == 1
    assert "sarsa, 2 seeds" in page
    assert [path.name for path in envkit.plot("seeds", kinds=("svg",))] == ["curve.svg"]
    assert Path("seeds/curve.svg").is_file()
