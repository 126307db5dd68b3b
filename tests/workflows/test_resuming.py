"""A run that is interrupted is saved, and goes on to the very result that it would have had."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from envkit.core.errors import ArtifactRefused, EnvironmentFailed, Interrupted, UsageError
from envkit.runs.lock import locked
from envkit.workflows.solve import resume, solve

MANY = {"episodes": 3000, "eval_episodes": 5, "seed": 4}


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def interrupted(env, algo, after, **arguments):
    """The directory of a run that was sent a signal when so many episodes were over."""

    def report(progress):
        if progress.done >= after and signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(
        Interrupted, match=r"stopped after [\d,]+ of 3,000 episodes; all is saved: envkit solve --resume"
    ):
        solve(env, algo, run_dir="run", report=report, **MANY, **arguments)
    return Path("run")


def test_an_interrupted_run_goes_on_to_the_same_files():
    folder = interrupted("FrozenLake-v1", "qlearning", 100)
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint.npz", "config.json"]
    solved = resume(folder)
    whole = solve("FrozenLake-v1", "qlearning", run_dir="whole", **MANY)
    assert solved.result.q.tobytes() == whole.result.q.tobytes()
    assert (solved.mean_return, solved.gap) == (whole.mean_return, whole.gap)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in Path("whole").iterdir())
    assert (folder / "curve.csv").read_text() == Path("whole/curve.csv").read_text()
    assert json.loads((folder / "config.json").read_text()) == json.loads(Path("whole/config.json").read_text())


def test_it_may_be_interrupted_again_and_again():
    folder, whole = interrupted("FrozenLake-v1", "sarsa", 1), solve("FrozenLake-v1", "sarsa", run_dir=False, **MANY)
    for after in (900, 1800):

        def report(progress, after=after):
            if progress.done >= after and signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
                signal.raise_signal(signal.SIGTERM)

        with pytest.raises(Interrupted) as caught:
            resume(folder, report=report)
        assert caught.value.exit_code == 143
    assert resume(folder).result.q.tobytes() == whole.result.q.tobytes()


def test_environments_without_a_model_go_on_too():
    arguments = {"env_kwargs": {"env_name": "CartPole-v1", "bins": [1, 1, 4, 4]}}
    target = "envkit.authoring.discretizer:discretized"
    folder = interrupted(target, "qlearning", 64, **arguments)
    whole = solve(target, "qlearning", run_dir=False, **MANY, **arguments)
    assert resume(folder).result.q.tobytes() == whole.result.q.tobytes()


def test_what_cannot_be_resumed_is_refused_with_the_reason():
    with pytest.raises(UsageError, match="nowhere is not the directory of a run: it has no config.json"):
        resume("nowhere")
    solve("gridworld", "qlearning", run_dir="done", episodes=5, eval_episodes=1)
    with pytest.raises(UsageError, match="done is complete: there is nothing to go on with"):
        resume("done")
    folder = interrupted("FrozenLake-v1", "qlearning", 100)
    data = (folder / "checkpoint.npz").read_bytes()
    (folder / "checkpoint.npz").write_bytes(data[:50])
    with pytest.raises(ArtifactRefused, match=r"checkpoint.npz is damaged, or not of envkit"):
        resume(folder)
    (folder / "checkpoint.npz").unlink()
    with pytest.raises(UsageError, match=r"has no checkpoint.npz: nothing was kept to go on with"):
        resume(folder)


@pytest.mark.parametrize("text", ["{", "[]", '{"algo": "qlearning"}', '{"schema": 9}', '{"schema": 1}'])
def test_a_damaged_configuration_is_refused(text):
    folder = interrupted("FrozenLake-v1", "qlearning", 100)
    (folder / "config.json").write_text(text)
    with pytest.raises(ArtifactRefused, match=r"config.json is (damaged|not the configuration of a run|of schema 9)"):
        resume(folder)


def test_two_processes_never_go_on_with_the_same_run():
    pytest.importorskip("fcntl")
    folder = interrupted("FrozenLake-v1", "qlearning", 100)
    with locked(folder), pytest.raises(UsageError, match=f"process {os.getpid()} of .* is at work in run"):
        resume(folder)


SLOW = """
import time
import gymnasium
from gymnasium import spaces

class Slow(gymnasium.Env):
    observation_space = action_space = spaces.Discrete(2)
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}
    def step(self, action):
        time.sleep(0.001)
        return int(self.np_random.integers(2)), float(action), bool(self.np_random.random() < 0.3), False, {}
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of this kind are sent on POSIX")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_on_the_command_line_saves_and_says_how_to_go_on(tmp_path, sent, code):
    Path("slow.py").write_text(SLOW)
    command = [sys.executable, "-m", "envkit", "solve", "slow.py:Slow", "--algo", "qlearning", "--episodes", "20000"]
    process = subprocess.Popen([*command, "--run-dir", "run"], stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while not Path("run/config.json").exists() or not Path("run/config.json").read_bytes():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(1.0)
        process.send_signal(sent)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == code
    assert "all is saved: envkit solve --resume run" in err
    assert "Traceback" not in err
    with np.load("run/checkpoint.npz", allow_pickle=False) as kept:
        assert kept["clock"][3] > 0


def test_an_environment_that_fails_late_leaves_what_had_been_learnt_and_says_how_to_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr("envkit.tabular.course.EVERY", 0.0)
    (tmp_path / "late.py").write_text(LATE)
    with pytest.raises(EnvironmentFailed, match=r"the spring broke.*is kept: envkit solve --resume run$"):
        solve("late.py:Late", "qlearning", episodes=5000, eval_episodes=1, run_dir="run")
    (tmp_path / "late.py").write_text(LATE.replace("raise", "pass  #"))
    assert resume("run").result.config["episodes"] == 5000


LATE = """
import gymnasium
from gymnasium import spaces


class Late(gymnasium.Env):
    observation_space = spaces.Discrete(3)
    action_space = spaces.Discrete(2)
    steps = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        return 0, {}

    def step(self, action):
        self.time += 1
        Late.steps += 1
        if Late.steps == 9000:
            raise RuntimeError("the spring broke")
        return self.time, float(action), self.time == 2, False, {}
"""
