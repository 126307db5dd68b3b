"""--wrap: from solving in wrappers to whatever is done with the run afterwards, and what is refused."""

import json
import re
from pathlib import Path

import click
import pytest

from envkit.authoring.wrapping import wrappings
from envkit.cli import main
from envkit.cli.main import run

LAMP = """
import gymnasium, numpy as np
class Lamp(gymnasium.Env):
    observation_space, action_space = gymnasium.spaces.Box(0, 1, (1,)), gymnasium.spaces.Discrete(2)
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.ones(1, np.float32), {}
    def step(self, action):
        return np.full(1, 2, np.float32), 0.0, False, False, {}
"""
WRAPPED = ("solve", "eval", "record", "play", "bench", "check")


@pytest.fixture(scope="module")
def cliff(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "cliff"
    wraps = ["--wrap", "actions=0,1,2", "--wrap", "end-penalty=100", "--wrap", "max-steps=60"]
    options = ["--episodes", "2000", "--no-plots", "--run-dir", str(folder)]
    assert run(["solve", "CliffWalking-v1", "--algo", "qlearning", *wraps, *options]) == 0
    return folder


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def said(capsys):
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("command", WRAPPED)
def test_the_option_is_the_same_everywhere(command):
    found = main.cli.get_command(click.Context(main.cli), command)
    assert any("--wrap" in option.opts and option.multiple for option in found.params)


def test_a_run_remembers_its_wrappers(cliff):
    config = json.loads((cliff / "config.json").read_text())
    name = "CliffWalking-v1 with actions=0,1,2 end-penalty=100 max-steps=60"
    assert (config["env"], config["target"], config["env_kwargs"]) == (name, name, {})


def test_returns_are_the_environment_s_own_with_the_shaped_ones_beside(cliff, capsys):
    result = json.loads((cliff / "result.json").read_text())
    assert (result["mean_return"], result["mean_shaped_return"], result["model"]) == (-13.0, 87.0, None)
    assert run(["eval", str(cliff), "--episodes", "3", "--csv", "episodes.csv"]) == 0
    text = said(capsys)
    assert "mean return -13 ± 0" in text
    assert "shaped return 87 ± 0 what the wrappers make of it" in text
    assert "optimum unknown" in text
    assert Path("episodes.csv").read_text().splitlines()[:2] == [
        "episode,return,length,shaped_return",
        "0,-13.0,13,87.0",
    ]
    assert run(["eval", str(cliff), "--episodes", "3", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["mean_return"], record["mean_shaped_return"]) == (-13.0, 87.0)


def test_without_shaping_there_is_no_shaped_return(capsys):
    args = ["--algo", "qlearning", "--episodes", "50", "--no-artifacts", "--quiet"]
    assert run(["solve", "FrozenLake-v1", "--wrap", "stack=2", *args, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["mean_shaped_return"] is None
    assert run(["solve", "FrozenLake-v1", "--wrap", "stack=2", *args]) == 0
    text = said(capsys)
    assert "FrozenLake-v1 with stack=2 qlearning" in text
    assert "shaped" not in text
    assert "that of FrozenLakeEnv may not hold within TransformObservation" not in text
    assert "may not hold within FrameStackObservation" in text


def test_a_shaped_return_that_is_the_same_is_no_row(capsys):
    assert (
        run(
            [
                "solve",
                "FrozenLake-v1",
                "--wrap",
                "end-penalty=0",
                "--algo",
                "qlearning",
                "--episodes",
                "50",
                "--no-artifacts",
            ]
        )
        == 0
    )
    assert "shaped return" not in said(capsys)


def test_eval_plays_in_more_wrappers(cliff, capsys):
    assert run(["eval", str(cliff), "--wrap", "max-steps=5", "--episodes", "2"]) == 0
    text = said(capsys)
    assert text.startswith("CliffWalking-v1 with actions=0,1,2 end-penalty=100 max-steps=60 max-steps=5")
    assert "mean return -5 ± 0" in text
    assert run(["eval", str(cliff), "--env", "CliffWalking-v1", "--wrap", "actions=0,1,2", "--episodes", "2"]) == 0
    assert "mean return -13 ± 0" in said(capsys)


def test_record_and_play_show_the_policy_in_its_wrappers(cliff, capsys):
    assert run(["record", str(cliff), "--output", "c.gif", "--episode", "c.json"]) == 0
    assert "return -13 (shaped 87)" in capsys.readouterr().out
    assert run(["replay", "c.json"]) == 0
    assert capsys.readouterr().out == "c.json: the same, 13 steps\n"
    assert run(["play", "--policy", str(cliff), "--text", "--max-steps", "3"]) == 0
    assert "episode 0: return -3 (shaped -3) after 3 steps, cut off" in capsys.readouterr().out
    assert run(["play", "CliffWalking-v1", "--policy", "random", "--wrap", "max-steps=2", "--text"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"return -\d+ after 2 steps, truncated", out)


def test_record_shows_an_environment_in_wrappers(capsys):
    assert (
        run(["record", "CartPole-v1", "--wrap", "max-steps=4", "--wrap", "timeout-penalty=-1", "--output", "c.gif"])
        == 0
    )
    assert "return 4 (shaped 3)" in capsys.readouterr().out


def test_bins_go_around_the_wrappers(capsys):
    args = ["--algo", "sarsa", "--bins", "4", "--episodes", "20", "--run-dir", "bins", "--no-plots"]
    assert run(["solve", "CartPole-v1", "--wrap", "hide=1,3", "--wrap", "stack=2", *args]) == 0
    assert said(capsys).startswith("CartPole-v1 with hide=1,3 stack=2 in bins sarsa")
    assert run(["eval", "bins", "--episodes", "2"]) == 0
    assert "CartPole-v1 with hide=1,3 stack=2 in bins bins (sarsa)" in said(capsys)


def test_many_seeds_work_in_processes_of_their_own(capsys):
    args = ["--seeds", "2", "--explore", "--env-kwargs", "is_slippery=false", "--no-artifacts", "--quiet"]
    assert run(["solve", "FrozenLake-v1", "--wrap", "end-penalty=-0.5", *args, "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["env"] == "FrozenLake-v1 with end-penalty=-0.5"
    assert (record["returns"], record["mean_shaped_return"]) == ([1.0, 1.0], 0.5)
    assert (record["returns_are_exact"], record["optimal_return"]) == (False, None)
    assert run(["solve", "FrozenLake-v1", "--wrap", "end-penalty=-0.5", *args]) == 0
    text = said(capsys)
    assert "mean return 1 interquartile mean of 2 seeds" in text
    assert "shaped return 0.5 on average" in text
    assert "optimum unknown the rewards are shaped" in text


def test_exact_answers_of_an_explored_model_are_called_those_of_the_shaped_rewards(capsys):
    args = ["--explore", "--env-kwargs", "is_slippery=false", "--run-dir", "lake", "--no-plots"]
    assert run(["solve", "FrozenLake-v1", "--wrap", "end-penalty=-0.5", *args]) == 0
    text = said(capsys)
    assert "mean return 1 ± 0" in text
    assert "exact optimum 0.5 over all policies" in text
    assert "the exact answers are about the shaped return" in text
    assert run(["eval", "lake", "--episodes", "2"]) == 0
    text = said(capsys)
    assert "the exact answers are about the shaped return" in text
    assert "solved yes the environment calls it so from a return of 0.7 note" in text


def test_a_wrapper_of_your_own_that_only_looks_on_leaves_the_exact_answers(capsys):
    Path("looks.py").write_text("import gymnasium\nclass On(gymnasium.Wrapper):\n    pass\n")
    args = ["--wrap", "looks.py:On", "--env-kwargs", "is_slippery=false", "--no-artifacts"]
    assert run(["solve", "FrozenLake-v1", *args]) == 0
    text = said(capsys)
    assert "exact return 1 of this policy" in text
    assert "shaped" not in text
    assert run(["solve", "FrozenLake-v1", *args, "--seeds", "1", "--quiet", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["returns_are_exact"] is True


def test_check_makes_programs_that_can_be_run(capsys):
    Path("lamp.py").write_text(LAMP)
    options = ["--budget", "quick", "--select", "EK301", "--output", "report.json"]
    assert run(["check", "lamp.py:Lamp", "--wrap", "max-steps=5", "--wrap", "stack=2", *options]) == 1
    assert "lamp.py:Lamp with max-steps=5 stack=2" in capsys.readouterr().out
    finding = json.loads(Path("report.json").read_text())["findings"][0]
    assert "envkit.make('lamp.py:Lamp with max-steps=5 stack=2')" in finding["program"].replace('"', "'")
    assert run(["replay", "report.json"]) == 1
    assert "still" in capsys.readouterr().out


def test_bench_measures_the_wrapped_environment(capsys):
    args = ["--num-envs", "1", "--seconds", "0.02", "--format", "json"]
    assert run(["bench", "CartPole-v1", "--wrap", "hide=1,3", *args]) == 0
    assert json.loads(capsys.readouterr().out)["env"] == "CartPole-v1 with hide=1,3"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["solve", "CartPole-v1", "--wrap", "stak=4"], "did you mean 'stack'?"),
        (["solve", "CartPole-v1", "--wrap", "grey"], "grey takes images"),
        (["solve", "CartPole-v1", "--wrap", "normalize"], "normalize is of deep learners, such as ppo"),
        (["solve", "CartPole-v1", "--wrap", "normalize", "--wrap", "stack=2"], "comes once, and as the last --wrap"),
        (
            ["solve", "FrozenLake-v1", "--wrap", "end-penalty=-1", "--algo", "value-iteration"],
            "that of FrozenLakeEnv may not hold within EndPenalty",
        ),
        (["check", "CartPole-v1", "--wrap", "grey"], "grey takes images"),
        (["bench", "CartPole-v1", "--wrap", "grey"], "grey takes images"),
        (["record", "CartPole-v1", "--wrap", "grey"], "grey takes images"),
        (["play", "CartPole-v1", "--policy", "random", "--wrap", "normalize=reward"], "a deep learner does it"),
        (["play", "--policy", "random", "--wrap", "grey"], "--wrap is for the environment that is named"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(args, message, capsys):
    assert run(args) == 2
    assert message in capsys.readouterr().err
    assert not list(Path.cwd().iterdir())


def test_a_run_is_recorded_as_it_is(cliff, capsys):
    assert run(["record", str(cliff), "--wrap", "max-steps=3"]) == 2
    assert "--wrap is for an environment, and" in capsys.readouterr().err


def test_explain_shows_them_all_and_each(capsys):
    assert run(["explain", "wrap"]) == 0
    out = capsys.readouterr().out
    assert all(re.search(rf"^--wrap {name}[= ]", out, re.M) for name in wrappings())
    assert "--wrap module:Class[=JSON]" in out
    assert run(["explain", "noise"]) == 0
    assert capsys.readouterr().out.startswith("--wrap noise=SIGMA, such as --wrap noise=0.1\n\nGaussian noise on the")
