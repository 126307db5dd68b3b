"""envkit eval of policies that no run has made: random ones, and functions of one's own."""

import csv
import json
from pathlib import Path

import pytest

from envkit.cli.main import run

RULES = '''
def tilt(observation):
    """Pushes towards the side to which the pole leans."""
    return 0 if observation[2] < 0 else 1


NUMBER = 3
'''


@pytest.fixture(autouse=True)
def _rules(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("rules.py").write_text(RULES)


def test_the_rule_of_the_tutorial_earns_what_it_did_there_to_the_last_digit(capsys):
    asked = ["eval", "CartPole-v1", "--policy", "rules.py:tilt", "--seeds", "0:500", "--max-steps", "200"]
    assert run([*asked, "--format", "json", "--csv", "rows.csv"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["mean_return"], found["std_return"]) == (41.698, 8.389445512070509)
    assert (found["min_return"], found["max_return"], found["episodes"]) == (24, 63, 500)
    assert (found["policy"], found["run_dir"]) == ("rules.py:tilt", None)
    with Path("rows.csv").open() as file:
        assert sum(float(row["return"]) for row in csv.DictReader(file)) == 41.698 * 500


def test_each_episode_of_a_seed_stands_beside_it(capsys):
    asked = ["eval", "CartPole-v1", "--policy", "rules.py:tilt", "--seeds", "100:103", "--csv", "e.csv"]
    assert run(asked) == 0
    assert "seeds 100 to 102" in capsys.readouterr().out.splitlines()[0]
    with Path("e.csv").open() as file:
        assert [row["seed"] for row in csv.DictReader(file)] == ["100", "101", "102"]


def test_another_player_may_play_the_environment_of_a_run(capsys):
    assert run(["solve", "gridworld", "--run-dir", "run", "--no-plots", "--quiet"]) == 0
    capsys.readouterr()
    assert run(["eval", "run", "--policy", "random", "--episodes", "3"]) == 0
    assert capsys.readouterr().out.startswith("gridworld  random")
    assert run(["eval", "run", "--policy", "random", "--wrap", "max-steps=3"]) == 2
    assert "run is a run, whose environment has its own arguments and wrappers" in capsys.readouterr().err


def test_the_policy_of_a_run_that_is_not_around_it_is_told_as_one(capsys):
    assert run(["solve", "gridworld", "--run-dir", "run", "--no-plots", "--quiet"]) == 0
    Path("run/policy.npz").rename("alone.npz")
    for asked in (["alone.npz"], ["alone.npz", "--env", "gridworld"], ["gridworld", "--policy", "alone.npz"]):
        assert run(["eval", *asked]) == 2
        assert "alone.npz holds numbers, and no run is around it: environment, wrappers" in capsys.readouterr().err
    Path("alone.npz").rename("run/other.npz")
    assert run(["eval", "run/other.npz"]) == 2
    assert "run/other.npz is not the policy of its run, which is run/policy.npz" in capsys.readouterr().err
    Path("alone.npz").write_bytes(b"PK")
    assert run(["eval", "alone.npz"]) == 4
    assert "alone.npz is damaged, or not of envkit" in capsys.readouterr().err


def test_a_random_player_is_told_as_one(capsys):
    assert run(["eval", "FrozenLake-v1", "--policy", "random", "--episodes", "20", "--max-steps", "3"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("FrozenLake-v1  random  seed 0\n")
    assert "cut off after 3 steps" in out
    assert "optimum" not in out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["CartPole-v1"], "CartPole-v1 is an environment; --policy says who plays: random, module:function, or a run"),
        (["CartPole-v1", "--policy", "rules.py:lean"], "rules.py has no 'lean', not a function from observation"),
        (["CartPole-v1", "--policy", "rules.py:NUMBER"], "rules.py has 3 there, not a function"),
        (["CartPole-v1", "--policy", "absent.py:tilt"], "absent.py"),
        (["CartPole-v1", "--policy", "nowhere"], "nowhere is not the directory of a run"),
        (["CartPol-v1", "--policy", "random"], "no environment is called 'CartPol-v1'"),
        (["CartPole-v1", "--policy", "random", "--seeds", "5:2"], "--seeds takes FROM:TO, such as 0:500, not '5:2'"),
        (["CartPole-v1", "--policy", "random", "--env", "Taxi-v4"], "CartPole-v1 is the environment where --policy is"),
        (
            ["CartPole-v1", "--policy", "rules.py:tilt", "--drawn"],
            "has one action for each observation, and no chances",
        ),
    ],
)
def test_what_cannot_be_is_one_clear_line(argv, message, capsys):
    assert run(["eval", *argv]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_a_function_that_raises_is_told_with_the_step(capsys):
    Path("rules.py").write_text("def tilt(observation):\n    return observation[9]\n")
    assert run(["eval", "CartPole-v1", "--policy", "rules.py:tilt"]) == 3
    assert "the policy cannot act upon the observation" in capsys.readouterr().err


def test_a_function_is_recorded_too(capsys):
    pytest.importorskip("PIL")
    assert run(["record", "CartPole-v1", "--policy", "rules.py:tilt", "--max-steps", "5"]) == 0
    assert capsys.readouterr().out.startswith("CartPole-v1.gif: ")
