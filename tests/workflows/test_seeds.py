import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.workflows.seeds import Seeds, _merged, solve_seeds
from envkit.workflows.seeds_text import text
from envkit.workflows.solve import solve
from envkit.workflows.solved_text import sparkline

SHORT = {"episodes": 300, "eval_episodes": 5}


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


class Fails(gymnasium.Env):
    observation_space = action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        raise RuntimeError("no water")


class Dies(Fails):
    def reset(self, *, seed=None, options=None):
        os._exit(9)


def test_each_seed_gives_what_it_gives_alone(tmp_path):
    found = solve_seeds("FrozenLake-v1", "qlearning", seeds=3, seed=4, **SHORT)
    assert [record["seed"] for record in found.records] == [4, 5, 6]
    for record in found.records:
        alone = solve("FrozenLake-v1", "qlearning", seed=record["seed"], run_dir=False, **SHORT).to_json()
        assert {key: record[key] for key in ("steps", "mean_return", "policy_return", "gap")} == {
            key: alone[key] for key in ("steps", "mean_return", "policy_return", "gap")
        }
    assert str(found.run_dir) == "runs/FrozenLake-v1-qlearning-s4-to-6-1"
    assert sorted(path.name for path in found.run_dir.iterdir()) == ["seed-4", "seed-5", "seed-6", "seeds.json"]
    assert json.loads((found.run_dir / "seeds.json").read_text()) == found.to_json()
    assert json.loads((found.run_dir / "seed-5" / "result.json").read_text()) == dict(found.records[1])


def test_the_text_says_at_a_glance_how_good_the_learner_is():
    found = solve_seeds("gridworld", "qlearning", seeds=2, run_dir=False)
    said = " ".join(text(found).split())
    for part in ("seeds 0 to 1", "exact return -11 interquartile mean of 2 seeds", "exact optimum -11", "gap 0",
                 "optimal 2 of 2", "seeds ██ worst -11, best -11"):  # fmt: skip
        assert part in said
    assert text(found, ascii_only=True).isascii()


def records(*returns, optimum=10.0):
    row = {"env": "E", "algo": "a", "steps": 1, "seconds": 1.0, "optimal_return": optimum}
    row |= {"optimal_stationary_return": optimum, "model": "own", "episodes": 5}
    return tuple(
        {
            **row,
            "seed": n,
            "policy_return": value,
            "mean_return": 0.5,
            "gap": None if value is None else optimum - value,
        }
        for n, value in enumerate(returns)
    )


def test_where_one_run_has_no_exact_return_all_are_told_as_they_were_played():
    found = Seeds(records(10.0, None), None, ())
    assert (found.is_exact, found.returns, found.solved) == (False, [0.5, 0.5], None)
    said = " ".join(text(found).split())
    assert "mean return" in said
    assert "1 of the policies may go on for ever; their episodes were cut off" in said


def test_seeds_that_are_optimal_are_counted():
    found = Seeds(records(10.0, 10.0, 4.0), None, ())
    assert found.solved == 2
    assert (found.share, replace(found, random_return=-10.0).share) == (None, pytest.approx((found.iqm + 10) / 20))
    low, high = found.interval
    assert 4 <= low <= found.iqm <= high <= 10


def test_what_each_seed_has_estimated_for_itself_is_not_compared():
    rows = [record | {"model": "estimated"} for record in records(10.0, 12.0)]
    found = Seeds(tuple(rows), None, ())
    assert (found.is_exact, found.optimal_return, found.solved, found.returns) == (False, None, None, [0.5, 0.5])
    assert "each seed has estimated a model of its own" in text(found)


@pytest.mark.parametrize(
    ("episodes", "told"),
    [
        ((5, 5), ": 5 episodes each, 2 steps"),
        ((1200, 90), ": 90 to 1,200 episodes each, 2 steps"),
        ((0, 0), ": 2 steps"),
    ],
)
def test_each_seed_may_have_played_another_number_of_episodes(episodes, told):
    rows = [record | {"episodes": played} for record, played in zip(records(10.0, 10.0), episodes, strict=True)]
    assert told in text(Seeds(tuple(rows), None, ()))


def test_notes_that_differ_in_numbers_only_are_told_once():
    assert _merged([("a 1.5 b", "c"), ("a 2 b", "c")]) == (
        "a 1.5 b (the first of 2 seeds of which that holds)",
        "c",
    )


def test_bars_reach_from_the_worst_to_the_optimum():
    assert sparkline([0.0, 5.0, 10.0], top=10.0) == "▁▅█"
    assert sparkline([0.0, 5.0], top=10.0, ascii_only=True) == "04"
    assert sparkline([3.0, 3.0], top=3.0) == "██"


def test_a_process_that_dies_is_told_and_leaves_nothing_behind():
    with pytest.raises(EnvironmentFailed, match=r"of the seeds 7, 8 has died without a word: .* alone .* --seed 7 "):
        solve_seeds(f"{__file__}:Dies", "qlearning", seeds=2, seed=7, **SHORT)
    assert not list(Path("runs").glob("*"))


def test_what_the_environment_raises_ends_all_and_leaves_nothing_behind():
    with pytest.raises(EnvironmentFailed, match="no water"):
        solve_seeds(Fails, "qlearning", seeds=3, **SHORT)
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("seeds", [0, True, 2.5])
def test_a_number_of_seeds_that_makes_no_sense_is_refused(seeds):
    with pytest.raises(UsageError, match="seeds is .*, not a whole number of at least 1"):
        solve_seeds("gridworld", "qlearning", seeds=seeds)


def test_what_cannot_be_done_is_said_as_for_one_seed():
    with pytest.raises(UsageError, match="hyper-parameter 'epsilom': did you mean 'epsilon'"):
        solve_seeds("gridworld", "qlearning", seeds=2, epsilom=1)
    assert list(Path().iterdir()) == []


def test_environments_of_the_caller_reach_the_workers():
    class Bandit(gymnasium.Env):
        observation_space = spaces.Discrete(1)
        action_space = spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return 0, {}

        def step(self, action):
            return 0, float(action), True, False, {}

    found = solve_seeds(Bandit, "qlearning", seeds=2, run_dir=False, **SHORT)
    assert found.returns == [1.0, 1.0]
    assert found.optimal_return is None
    assert np.isfinite(found.iqm)


SLEEPS = """
import time
import gymnasium
from gymnasium import spaces

class Sleeps(gymnasium.Env):
    observation_space = action_space = spaces.Discrete(2)
    def reset(self, *, seed=None, options=None):
        time.sleep(600)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of this kind are sent on POSIX")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_seeds_that_are_stopped_end_at_once_and_leave_nothing(sent):
    Path("sleeps.py").write_text(SLEEPS)
    command = [sys.executable, "-m", "envkit", "solve", "sleeps.py:Sleeps", "--algo", "qlearning", "--seeds", "2"]
    process = subprocess.Popen([*command, "--run-dir", "run"], stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while not (Path("run/seed-0/config.json").exists() and Path("run/seed-1/config.json").exists()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(sent)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 128 + sent
    assert "Traceback" not in err
    assert not Path("run").exists()
