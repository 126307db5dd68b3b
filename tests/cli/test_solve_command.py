import json
import os
import subprocess
import sys

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
        "--set",
        "epsilon_final=1",
    ]
    assert run(["solve", "CliffWalking-v1", *args, "--set", "alpha=1e-9", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    record = json.loads(out)
    assert (record["policy_return"], record["gap"], record["optimal_return"]) == (None, None, -13.0)
    assert "the policy may go on for ever" in err
    assert "1 of 1 evaluation episodes were cut off after 10000 steps" in err


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["CartPole-v1", "--algo", "value-iteration"], 2, "CartPole-v1 has no finite model"),
        (["CartPole-v1"], 2, "its observations are Box("),
        (["FrozenLake-v1", "--algo", "sarse"], 2, "did you mean 'sarsa'?"),
        (
            ["FrozenLake-v1", "--set", "epsilon=1"],
            2,
            "hyper-parameter 'epsilon' is not one of discount, gamma, max_sweeps, tolerance",
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


def test_help_names_every_solver_and_setting(capsys):
    from envkit.tabular.solver import solvers

    assert run(["solve", "--help"]) == 0
    words = capsys.readouterr().out.replace("(", " ").replace(")", " ").split()
    for solver in solvers().values():
        assert {solver.name, *(setting.name for setting in solver.settings)} <= set(words)


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
        "import sys; from envkit.cli.main import run; run(['solve', 'gridworld', '--algo', 'qlearning', '--quiet']);"
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
