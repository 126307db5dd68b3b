"""Environments in other processes: the same training to the bit, and a word on whatever becomes of them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import gymnasium
import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.ref import EnvRef
from envkit.deep.workers import WorkerVecEnv
from envkit.runs.arrays import unpacked
from envkit.workflows.solve import resume, solve

GAMES = str(Path(__file__).parent / "worker_games.py")
CORRIDOR = str(Path(__file__).parent / "training_games.py") + ":Corridor"
SHORT = {"n_steps": 16, "batch_size": 16, "n_epochs": 1, "eval_episodes": 3, "eval_every": 0}


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def trained(env=CORRIDOR, *, processes=2, **more):
    return solve(env, "ppo", **{"steps": 192, "n_envs": 3, "processes": processes} | SHORT | more)


def children():
    """The workers that live; Python's own tracker of shared memory stays for as long as this process does."""
    return {process.pid for process in multiprocessing.active_children()}


@pytest.mark.parametrize("sees", ["box", "number", "parts", "mixed"])
def test_it_is_the_same_training_as_in_one_process(sees):
    kwargs = {"env_kwargs": {"sees": sees}}
    one, two = trained(processes=1, run_dir="one", **kwargs), trained(processes=2, run_dir="two", **kwargs)
    ours, theirs = (unpacked(run.run_dir / "policy.npz") for run in (one, two))
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert Path("one/episodes.csv").read_text() == Path("two/episodes.csv").read_text()


def test_it_goes_on_bit_for_bit_and_leaves_nobody_behind():
    before = children()
    constant = {"learning_rate": 0.001}
    whole = trained(steps=288, run_dir="whole", normalize=("observation", "reward"), **constant)
    trained(run_dir="run", normalize=("observation", "reward"), **constant)
    on = resume("run", steps=96)
    assert "gone on with: exact" in on.notes
    ours, theirs = (unpacked(run.run_dir / "policy.npz") for run in (on, whole))
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert children() <= before


@pytest.mark.parametrize("where", ["step", "reset"])
@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("exit", "the process of environments 0 to 1 ended with exit code 3, in"),
        ("kill", "the process of environments 0 to 1 was killed by SIGKILL, in"),
        ("hang", "environments 0 to 1 did not answer within 2 s, in step, the actions being"),
        ("raise", "raised Local: what a pity"),
    ],
)
def test_what_becomes_of_a_process_is_told_and_what_was_learnt_is_kept(how, where, told):
    before = children()
    begun = time.monotonic()
    kwargs = {"how": how, "where": where}
    with pytest.raises(EnvironmentFailed, match=told) as caught:
        trained(f"{GAMES}:Dying", env_kwargs=kwargs, step_timeout=2, n_steps=4, batch_size=4, run_dir="run")
    assert time.monotonic() - begun < 60
    assert "is kept: envkit solve --resume run" in str(caught.value)
    assert Path("run/checkpoint.npz").exists()
    assert children() <= before


def test_one_that_cannot_even_be_made_is_told():
    with pytest.raises(EnvironmentFailed, match="environments 0 to 1 ended with exit code 3, being made"):
        WorkerVecEnv(EnvRef.of(f"{GAMES}:Dying", how="exit", where="init"), 3, 2, patience=5)


def test_what_cannot_be_sent_stays_in_its_process():
    vec = WorkerVecEnv(EnvRef.of(f"{GAMES}:Dying", how="unpicklable"), 2, 2, patience=20)
    try:
        vec.reset()
        observations, rewards, ends, infos = vec.step(np.array([0, 1]))
        assert observations.shape == (2, 3)
        assert rewards.tolist() == [1, 1]
        assert not ends.any()
        assert all(info["is_success"] and "odd" not in info for info in infos)
        assert vec.get_attr("number") == [0, 1]
        vec.set_attr("mood", 7, indices=[1])
        assert vec.get_attr("mood", indices=[1]) == [7]
    finally:
        vec.close()


def test_what_another_process_cannot_make_stays_in_one():
    lock = threading.Lock()
    with pytest.raises(UsageError, match=r"cannot be played in other processes.*: .*leave --processes out"):
        trained(EnvRef.of(lambda: gymnasium.make("CartPole-v1") if lock else None))
    assert not multiprocessing.active_children()


def test_when_the_trainer_is_killed_the_workers_end(tmp_path):
    code = (
        "import sys, time\nfrom envkit.core.ref import EnvRef\nfrom envkit.deep.workers import WorkerVecEnv\n"
        "if __name__ == '__main__':\n"
        "    vec = WorkerVecEnv(EnvRef.of('CartPole-v1'), 2, 2, patience=60)\n"
        "    print(*[worker.process.pid for worker in vec.workers], flush=True)\n    time.sleep(60)\n"
    )
    Path("trainer.py").write_text(code)
    with subprocess.Popen([sys.executable, "trainer.py"], stdout=subprocess.PIPE, text=True) as process:
        pids = [int(pid) for pid in process.stdout.readline().split()]
        assert len(pids) == 2
        os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize(
    ("more", "why"), [({"processes": 0}, "processes is 0"), ({"step_timeout": 0}, "step_timeout is 0, not a number of")]
)
def test_bad_numbers_are_refused(more, why):
    with pytest.raises(UsageError, match=why):
        trained(**{"processes": 2} | more)
