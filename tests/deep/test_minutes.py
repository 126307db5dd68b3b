"""A training in pieces of a few minutes: each ends with all kept, and together they are the one that never stopped."""

import contextlib
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from envkit.cli.main import run
from envkit.core.errors import Interrupted, UsageError
from envkit.runs.arrays import unpacked
from envkit.runs.stopping import Asked, Until
from envkit.workflows.solve import resume, solve

COMMON = {
    "steps": 6000,
    "eval_every": 2000,
    "eval_episodes": 5,
    "n_steps": 64,
    "learning_rate": "linear(0.01, 0, 100%)",
}
SHORT = 0.01  # minutes


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_pieces_are_the_whole_to_the_bit():
    whole = solve("shower", "ppo", run_dir="whole", **COMMON)
    pieces = 1
    with pytest.raises(Interrupted, match="min were over, .*: envkit solve --resume pieces"):
        solve("shower", "ppo", run_dir="pieces", minutes=SHORT, **COMMON)
    found = None
    while found is None:
        with contextlib.suppress(Interrupted):
            found = resume("pieces", minutes=SHORT)
        pieces += 1
    assert pieces > 2
    ours, theirs = (unpacked(Path(run) / "policy.npz") for run in ("whole", "pieces"))
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    for name in ("episodes.csv", "evaluations.csv"):
        assert Path("whole", name).read_text() == Path("pieces", name).read_text()
    assert whole.evaluation.mean == found.evaluation.mean


def test_a_command_ends_with_success_and_says_how_to_go_on(capsys):
    argv = ["solve", "shower", "--algo", "ppo", "--steps", "500000", "--eval-every", "none", "--run-dir", "run"]
    assert run([*argv, "--minutes", "0.01", "--quiet"]) == 0
    assert "stopped when 0.01 min were over" in capsys.readouterr().err
    assert run(["solve", "--resume", "run", "--minutes", "0.01", "--quiet"]) == 0


def test_pieces_that_are_too_short_to_learn_anything_say_so():
    more = {**COMMON, "n_steps": 750}  # in each of eight environments: one rollout
    with pytest.raises(
        Interrupted, match="too few to learn anything; with a larger N: envkit solve --resume run --minutes"
    ):
        solve("shower", "ppo", run_dir="run", minutes=1e-6, **more)
    with pytest.raises(Interrupted, match="too few to learn anything"):
        resume("run", minutes=1e-6)
    assert resume("run").steps == 6000


def test_who_is_asked_to_stop_says_so_before_the_time_is_over():
    asked = Asked()
    until = Until(asked, minutes=0.0001, begun=0.0)
    assert (until(), until.exit_code, str(until)) == (True, 0, "stopped when 0.0001 min were over,")
    asked.signal = 15
    assert (until(), until.exit_code, str(until)) == (True, 143, "stopped")
    assert not Until(Asked())()


@pytest.mark.parametrize(
    ("algo", "more", "said"),
    [
        ("ppo", {"minutes": 0}, "minutes is 0, not a number above 0"),
        ("ppo", {"minutes": 1, "run_dir": False}, "nothing is to be written"),
        ("own.py:climb", {"minutes": 1}, "own.py:climb has a policy only at its end, so minutes cannot end it"),
        ("qlearning", {"minutes": 1}, "minutes is of deep learners"),
    ],
)
def test_what_cannot_be_stopped_is_refused(algo, more, said):
    Path("own.py").write_text("def climb(make, seed, steps):\n    return lambda observation: 0\n")
    with pytest.raises(UsageError) as refused:
        solve("shower", algo, **more)
    assert said in str(refused.value)
    assert not Path("runs").exists()
