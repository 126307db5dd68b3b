import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from envkit.cli.main import run


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_text_states_the_exact_return_the_gap_the_policy_and_where_the_artifacts_are(capsys):
    assert run(["solve", "FrozenLake-v1", "--algo", "value-iteration"]) == 0
    out, err = capsys.readouterr()
    assert "0.74419 " in out
    assert "gap            0 " in out
    assert "← H ← H" in out
    assert "artifacts: runs/FrozenLake-v1-value-iteration-s0-1" in out
    assert err == ""


def test_json_is_one_object_and_nothing_else(capsys):
    assert run(["solve", "CliffWalking-v1", "--format", "json", "--set", "gamma=.99"]) == 0
    out, err = capsys.readouterr()
    record = json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} is not strict JSON"))
    assert record["optimal_discounted_return"] == pytest.approx(-12.247898, abs=1e-6)
    assert record["gap"] == 0
    assert "value-iteration was picked" in err


def test_a_return_that_is_not_finite_is_null_and_explained(capsys):
    """On the cliff two episodes are not enough to find the goal: the policy walks in circles."""
    args = [
        "--algo",
        "qlearning",
        "--episodes",
        "2",
        "--eval-episodes",
        "1",
        "--set",
        "epsilon=1",
    ]
    assert run(["solve", "CliffWalking-v1", *args, "--set", "alpha=1e-9", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    record = json.loads(out)
    assert (record["policy_return"], record["gap"], record["optimal_return"]) == (None, None, -13.0)
    assert "the policy may go on for ever" in err
    assert "1 of 1 evaluation episodes were cut off after 10,000 steps" in err


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["CartPole-v1", "--algo", "value-iteration"], 2, "CartPole-v1 has no finite model"),
        (["CartPole-v1"], 2, "its observation is continuous, a Box of 4 numbers (float32), which no table can hold"),
        (["FrozenLake-v1", "--algo", "sarse"], 2, "did you mean 'sarsa'?"),
        (
            ["FrozenLake-v1", "--set", "epsilon=1"],
            2,
            "hyper-parameter 'epsilon' is not one of discount, gamma, max_sweeps, order, tolerance",
        ),
        (["FrozenLake-v1", "--set", "discount"], 2, "--set takes name=value, not 'discount'"),
        (
            ["FrozenLake-v1", "--set", "discount=1", "--set", "discount=0"],
            2,
            "hyper-parameter 'discount' is given twice",
        ),
        (["FrozenLake-v1", "--set", "discount=NaN"], 2, "discount is nan, not a number from 0 to 1"),
        (["FrozenLake-v1", "--episodes", "0"], 2, "--episodes"),
        (["FrozenLake-v1", "--run-dir", "file/below"], 5, "cannot write into file/below: Not a directory"),
        (["FrozenLake-v1", "--run-dir", "x", "--no-artifacts"], 2, "--no-artifacts writes nothing, so --run-dir x"),
        (["FrozenLake-v9"], 2, "FrozenLake-v9"),
        (
            ["runs_out.py:Breaks"],
            3,
            "step(0) of runs_out.py:Breaks, episode 0, step 0, raised ValueError: out of ideas",
        ),
    ],
)
def test_a_mistake_ends_with_one_clear_line_and_its_exit_code(tmp_path, capsys, args, code, message):
    (tmp_path / "file").write_text("")
    (tmp_path / "runs_out.py").write_text(
        "import gymnasium\n"
        "class Breaks(gymnasium.Env):\n"
        "    observation_space = action_space = gymnasium.spaces.Discrete(1)\n"
        "    def reset(self, *, seed=None, options=None): return 0, {}\n"
        "    def step(self, action): raise ValueError('out of ideas')\n"
    )
    assert run(["solve", *args]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.glob("runs/*"))


def test_help_lists_every_solver_with_what_it_takes(capsys):
    from envkit.workflows.algorithms import algorithms, groups

    assert run(["solve", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    listed = {}
    for title, common, rows in groups():
        assert f"{title}: All take: {common}." in shown
        for name, about in rows:
            assert f"{name} {about}" in shown
            own = re.search(r"\(([a-z_, ]+)\)$", about)
            listed[name] = common.split(", ") + (own[1].split(", ") if own else [])
    assert {name: sorted(taken) for name, taken in listed.items()} == {
        name: sorted(setting.name for setting in solver.settings) for name, solver in algorithms().items()
    }


@pytest.mark.parametrize("algorithm", [[], ["--algo", "value-iteration"], ["--algo", "qlearning"]])
@pytest.mark.parametrize("env", ["CartPole-v1", "shower", "Pendulum-v1"])
def test_no_advice_leads_to_another_refusal(capsys, env, algorithm):
    kwargs = ["--env-kwargs", "tap=continuous"] if env == "shower" else []
    assert run(["solve", env, *algorithm, *kwargs]) == 2
    err = capsys.readouterr().err
    assert "--algo" not in err
    assert "name the function: file.py:make" in err
    assert "inf" not in err  # no bounds are listed
    assert ("DiscretizeObservation" in err) == (env != "CartPole-v1")  # its bounds are infinite
    assert ("its action is continuous, a Box of 1 number" in err) == (env != "CartPole-v1")


NOISY = """
print("import")
import ctypes, os, sys
import gymnasium
class Noisy(gymnasium.Env):
    observation_space = action_space = gymnasium.spaces.Discrete(1)
    def reset(self, *, seed=None, options=None):
        print("reset")
        return 0, {}
    def step(self, action):
        sys.__stdout__.write("step")
        ctypes.CDLL(None).puts(b"native")
        os.system("echo child")
        return 0, 1.0, True, False, {}
"""


def process(tmp_path, *arguments, before="", **options):
    program = f"{before}\nfrom envkit.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "solve", *arguments],
        stderr=subprocess.PIPE, text=True, cwd=tmp_path, timeout=60, check=False,
        **{"stdout": subprocess.PIPE, "env": {**os.environ, "SDL_VIDEODRIVER": "dummy"}, **options},
    )  # fmt: skip


@pytest.mark.parametrize("format", ["json", "text"])
def test_what_the_environment_prints_does_not_get_into_the_answer(tmp_path, format):
    (tmp_path / "noisy.py").write_text(NOISY)
    args = ("noisy.py:Noisy", "--algo", "sarsa", "--episodes", "2", "--eval-episodes", "1", "--no-artifacts")
    done = process(tmp_path, *args, "--format", format)
    assert done.returncode == 0
    if format == "json":
        assert json.loads(done.stdout)["mean_return"] == 1
        assert done.stdout.count("\n") == 1
    assert not {"import", "reset", "step", "native", "child"} & set(done.stdout.replace("\n", " ").split())
    for text in ("import", "reset", "step", "native", "child"):
        assert text in done.stderr


def test_no_artifacts_writes_nothing(tmp_path, capsys):
    assert run(["solve", "FrozenLake-v1", "--no-artifacts", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["run_dir"] is None
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_behind_standard_output_is_named(tmp_path):
    with Path("/dev/full").open("w") as full:
        done = process(tmp_path, "FrozenLake-v1", "--no-artifacts", stdout=full)
    assert (done.returncode, done.stderr) == (
        5,
        "envkit: cannot read or write standard output: No space left on device\n",
    )


def test_a_run_that_is_terminated_leaves_no_runs_folder_behind(tmp_path):
    slow = NOISY.replace("return 0, 1.0", "os.kill(os.getpid(), 15); return 0, 1.0")
    (tmp_path / "slow.py").write_text(slow)
    assert process(tmp_path, "slow.py:Noisy").returncode == 143
    assert not (tmp_path / "runs").exists()


def test_the_command_solves_the_grid_as_a_process_of_its_own(tmp_path):
    program = "from envkit.cli.main import main; main()"
    command = [sys.executable, "-c", program, "solve", "gridworld", "--algo", "qlearning", "--format", "json"]
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    assert (record["mean_return"], record["gap"], record["algo"]) == (-11, 0, "qlearning")
    assert (tmp_path / record["run_dir"] / "result.json").is_file()


def test_heavy_packages_are_not_imported_for_a_small_job(tmp_path):
    probe = (
        "import sys; from envkit.cli.main import run; run(['solve', 'gridworld', '--algo', 'qlearning', '--episodes', '200', '--quiet', '--no-plots']);"
        "print([m for m in ('numba', 'scipy', 'rich', 'matplotlib', 'torch') if m in sys.modules], file=sys.stderr)"
    )
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy"}
    done = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=60,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_hyper_parameter_of_another_solver_is_refused_with_the_name_of_the_one_that_was_picked(capsys):
    assert run(["solve", "FrozenLake-v1", "--set", "step_size=0.5", "--no-artifacts"]) == 2
    assert "(of value-iteration, which was picked as no --algo was named)" in capsys.readouterr().err


def test_continuous_observations_are_solved_in_bins(capsys):
    args = ["--algo", "sarsa", "--bins", "1,2,3,4", "--range", "3=-2:2", "--episodes", "20", "--eval-episodes", "2"]
    assert run(["solve", "CartPole-v1", *args, "--format", "json", "--run-dir", "here"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["env"] == "CartPole-v1 in bins"
    config = json.loads(Path("here/config.json").read_text())
    assert config["env_kwargs"] == {"env_name": "CartPole-v1", "bins": [1, 2, 3, 4], "ranges": {"3": [-2, 2]}}
    assert np.load("here/policy.npz", allow_pickle=False)["action"].size <= 24


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--bins", "many"], "--bins takes a whole number, or several with commas, not 'many'"),
        (["--bins", "2,2"], "bins is (2, 2), not a whole number of at least 1, nor 4 of them"),
        (["--bins", "3", "--range", "1=2"], "--range takes I=LOW:HIGH, such as --range 1=-2:2, not '1=2'"),
        (["--range", "1=-2:2"], "--range 1=-2:2 says what --bins divides; give --bins too"),
        (["--bins", "3", "--range", "1=2:-2"], "the range of number 1 is 2 to -2, not two finite numbers that rise"),
    ],
)
def test_bins_that_make_no_sense_are_refused(capsys, args, message):
    assert run(["solve", "CartPole-v1", "--algo", "sarsa", *args]) == 2
    assert message in capsys.readouterr().err


def test_many_seeds_are_solved_at_once(capsys):
    args = ["--algo", "qlearning", "--episodes", "50", "--eval-episodes", "2", "--seeds", "2", "--no-artifacts"]
    assert run(["solve", "gridworld", *args, "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["seeds"] == [0, 1]
    assert len(record["runs"]) == len(record["returns"]) == 2
    assert record["interval"][0] <= record["iqm"] <= record["interval"][1]
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "name the environment: envkit solve gridworld, or envkit solve --resume DIR"),
        (["--resume", "here"], "here is not the directory of a run: it has no config.json"),
        (["gridworld", "--resume", "here"], "--resume goes on as the run began, so env cannot be given with it"),
        (["--resume", "here", "--eval-episodes", "3"], "so eval-episodes cannot be given with it"),
    ],
)
def test_resuming_takes_nothing_but_the_directory(capsys, args, message):
    assert run(["solve", *args]) == 2
    assert message in capsys.readouterr().err
