"""What a training leaves in its directory, and what of it survives."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from envkit.cli.main import run as command_line
from envkit.core.errors import ArtifactRefused, EnvironmentFailed, UsageError
from envkit.runs.arrays import packed, unpacked
from envkit.runs.directory import BEFORE, CHECKPOINT, EVENTS
from envkit.runs.events import events
from envkit.workflows.solve import configuration, resume, solve
from envkit.workflows.training.every import Every

GAMES = str(Path(__file__).parent / "training_games.py")
SHORT = {"steps": 512, "n_envs": 2, "n_steps": 32, "batch_size": 32, "n_epochs": 1, "eval_episodes": 5, "eval_every": 0}


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def short(env="CartPole-v1", **arguments):
    return solve(env, "ppo", **SHORT | arguments)


def same_policy(one, other):
    ours, theirs = (unpacked(path / "policy.npz") for path in (one, other))
    return all(np.array_equal(ours[name], theirs[name]) for name in theirs)


def test_the_log_tells_of_every_episode_and_measurement():
    run = short(eval_every=256)
    told, damaged = events(run.run_dir / EVENTS)
    assert damaged == 0
    kinds = [event["kind"] for event in told]
    assert kinds.count("episode") == len(run.notebook.episodes)
    assert kinds.count("evaluation") == 2
    assert kinds.count("measured") == len(run.notebook.measured) == 8
    assert not (run.run_dir / "lock").exists()


TRAINING = """
import sys
from envkit.workflows.solve import solve
solve("CartPole-v1", "ppo", run_dir=sys.argv[1], steps=4096, n_envs=2, n_steps=32, batch_size=32, n_epochs=1,
      eval_episodes=5, eval_every=1024, checkpoint_every="64st")
"""


@pytest.mark.parametrize("after", [300, 1500, 2600])
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(after):
    whole = short(steps=4096, eval_every=1024, run_dir="whole")
    with subprocess.Popen([sys.executable, "-c", TRAINING, "killed"]) as process:
        log, deadline = Path("killed") / EVENTS, time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if log.exists() and any(event["steps"] >= after for event in events(log)[0]):
                break
            time.sleep(0.005)
        assert process.poll() is None, "it ended before it could be killed"
        process.kill()
    found = resume("killed")
    assert "gone on with: exact" in found.notes
    assert same_policy(found.run_dir, whole.run_dir)
    for name in ("episodes.csv", "evaluations.csv", "curve.csv"):
        assert (found.run_dir / name).read_text() == (whole.run_dir / name).read_text()


def test_from_a_damaged_checkpoint_it_falls_back_to_the_one_before():
    whole = short(run_dir="whole")
    run = short(run_dir="run", checkpoint_every="64st")
    (run.run_dir / "result.json").unlink()
    (run.run_dir / CHECKPOINT).write_bytes((run.run_dir / CHECKPOINT).read_bytes()[:-100])
    found = resume(run.run_dir)
    assert any(note.startswith(f"gone on from {BEFORE}, for run/{CHECKPOINT} is damaged") for note in found.notes)
    assert same_policy(found.run_dir, whole.run_dir)
    assert (found.run_dir / "episodes.csv").read_text() == (whole.run_dir / "episodes.csv").read_text()


def test_damaged_lines_of_the_log_are_told():
    run = short(checkpoint_every="64st")
    log = run.run_dir / EVENTS
    log.write_bytes(log.read_bytes().replace(b'"kind": "episode"', b'"kind": "epizode"', 1))
    assert any("1 damaged lines" in note for note in resume(run.run_dir, steps=64).notes)


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        ({"a": np.zeros(3)}, "it does not say how many steps were taken"),
        ({"steps": np.array(64)}, "the checkpoint is damaged, or not of envkit"),
    ],
)
def test_a_foreign_checkpoint_is_refused_and_nothing_is_touched(arrays, why):
    run = short()
    for name in (CHECKPOINT, BEFORE):
        (run.run_dir / name).write_bytes(packed(arrays))
    before = {file.name: file.read_bytes() for file in run.run_dir.iterdir() if file.is_file()}
    with pytest.raises(ArtifactRefused, match=why):
        resume(run.run_dir, steps=512)
    assert {file.name: file.read_bytes() for file in run.run_dir.iterdir() if file.is_file()} == before


def test_more_steps_are_counted_from_those_that_were_taken():
    run = short(steps=500)  # a rollout has 64, so that 512 are taken
    assert run.steps == 512
    assert resume(run.run_dir, steps=64).steps == 576


def test_what_has_ended_a_run_does_not_end_it_again():
    run = short(episodes=5, steps=5000)
    assert run.why == "5 episodes were played"
    on = resume(run.run_dir, steps=200)
    assert on.why == ""
    assert on.steps >= run.steps + 200


@pytest.mark.parametrize("normalize", [(), ("observation", "reward")])
def test_it_goes_on_with_another_number_of_environments(normalize):
    run = short(normalize=normalize)
    on = resume(run.run_dir, steps=256, n_envs=3)
    assert any("2 environments were kept, and there are 3" in note for note in on.notes)
    assert {row[1] for row in on.notebook.episodes if row[0] > run.steps} == {0, 1, 2}
    assert json.loads((run.run_dir / "config.json").read_text())["n_envs"] == 3
    one = resume(run.run_dir, steps=128, n_envs=1)
    assert {row[1] for row in one.notebook.episodes if row[0] > on.steps} == {0}


def test_what_was_learnt_is_kept_although_the_evaluation_fails(monkeypatch):
    from envkit.workflows.training import train

    def failing(*args, **kwargs):
        raise EnvironmentFailed("it broke")

    constant = {"learning_rate": 0.001, "clip_range": 0.2}  # those of the preset go by the whole
    with monkeypatch.context() as patched, pytest.raises(EnvironmentFailed, match="it broke"):
        patched.setattr(train, "evaluate", failing)
        short(run_dir="run", **constant)
    found = resume("run")
    assert found.steps == 512
    assert same_policy(found.run_dir, short(run_dir="whole", **constant).run_dir)
    longer = resume("run", steps=512)
    assert same_policy(longer.run_dir, short(run_dir="longer", steps=1024, **constant).run_dir)


@pytest.mark.parametrize("period", ["4ep", "100st", "100", "0.001min"])
def test_checkpoints_are_taken_by_episodes_steps_or_minutes(period, monkeypatch):
    from envkit.runs.directory import RunDirectory

    taken = []
    monkeypatch.setattr(RunDirectory, "keep", lambda self, arrays: taken.append(int(arrays["steps"])))
    run = short(checkpoint_every=period)
    assert taken[-1] == run.steps
    assert len(taken) > 2
    if period.startswith("100"):
        assert taken == [128, 256, 384, 512]  # rollouts of 64


def test_a_target_that_was_missed_is_told():
    run = short(target_return=400.0, eval_every=256)
    (told,) = [note for note in run.notes if note.startswith("the target")]
    best = max(row[1] for row in run.notebook.evaluations)
    assert told == f"the target of 400 was not reached: the best evaluation earned {best:g}"
    without = short(target_return=400.0)
    assert "the target of 400 was not reached: nothing was evaluated on the way" in without.notes
    assert not any(note.startswith("the target") for note in short(target_return=1.0, eval_every=256).notes)


def test_checkpoints_that_take_much_of_the_time_are_told(monkeypatch):
    from envkit.runs.directory import RunDirectory

    keep = RunDirectory.keep
    monkeypatch.setattr(RunDirectory, "keep", lambda self, arrays: time.sleep(0.3) or keep(self, arrays))
    (told,) = [note for note in short(checkpoint_every="64st").notes if "checkpoints" in note]
    assert re.fullmatch(r"8 checkpoints took [1-9]\d% of the time: keep fewer", told)
    assert not any("checkpoints" in note for note in short(checkpoint_every="none").notes)


def test_periods_are_read_as_they_are_typed():
    assert [str(Every.of(text)) for text in ("10ep", "5000", "50_000st", "5,000 st", "1.5min", 7)] == [
        "10ep", "5000st", "50000st", "5000st", "1.5min", "7st",
    ]  # fmt: skip
    for text in ("", "0", "-5", "ten", "1.5ep", "5h", "ep"):
        with pytest.raises(UsageError, match="type 10ep for ten episodes"):
            Every.of(text)


def test_videos_and_tensorboards_files_are_written_on_the_way(capsys):
    pytest.importorskip("PIL")
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    argv = ["solve", "CartPole-v1", "--algo", "ppo", "--steps", "512", "--n-envs", "2", "--set", "n_steps=32"]
    argv += [
        "--set",
        "batch_size=48",
        "--run-dir",
        "run",
        "--videos",
        "2",
        "--tensorboard",
        "--eval-episodes",
        "5",
        "--quiet",
        "--no-plots",
    ]
    assert command_line(argv) == 0
    out = capsys.readouterr().out
    assert "tensorboard --logdir run/tensorboard" in out
    assert "note: of stable-baselines3: You have specified a mini-batch size of 48" in out
    films = sorted(Path("run/videos").iterdir())
    assert [film.stem for film in films] == ["step-0000000256", "step-0000000512"]
    assert all(film.stat().st_size > 1000 for film in films)

    def read():
        found = reader.EventAccumulator("run/tensorboard", size_guidance={"scalars": 0})
        found.Reload()
        return {tag: [event.step for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}

    scalars = read()
    assert {"episode/return", "episode/length", "evaluation/mean_return", "train/loss"} <= set(scalars)
    assert command_line(["solve", "--resume", "run", "--steps", "+256", "--quiet", "--no-plots"]) == 0
    longer = read()
    assert longer["episode/return"][: len(scalars["episode/return"])] == scalars["episode/return"]
    assert longer["train/loss"] == sorted(set(longer["train/loss"]))
    assert max(longer["evaluation/mean_return"]) == 768


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"videos": 2, "run_dir": False}, "videos are written into the run's directory, and no artifacts are wanted"),
        ({"tensorboard": True, "run_dir": False}, "tensorboard are written"),
        ({"env": f"{GAMES}:Corridor", "videos": 1}, "has no render mode 'rgb_array'"),
        ({"checkpoint_every": "often"}, "'often' says no period"),
        ({"threads": 0}, "threads is 0, not a whole number of at least 1"),
        ({"videos": -1}, "videos is -1"),
    ],
)
def test_what_could_not_be_written_is_refused_before_any_work(arguments, why):
    with pytest.raises(UsageError, match=why):
        short(**arguments)
    assert not Path("runs").exists()


def test_threads_are_recorded_one_for_numbers_and_all_cores_for_pictures():
    from envkit.core.machine import cores

    assert configuration("CartPole-v1", "ppo")["threads"] == 1
    assert configuration("gridworld", "ppo", threads=3)["threads"] == 3
    assert configuration(f"{GAMES}:Corridor", "ppo", env_kwargs={"sees": "mixed"})["threads"] == cores()


def test_ctrl_c_while_it_is_evaluated_costs_nothing():
    code = TRAINING.replace("eval_episodes=5", "eval_episodes=100000").replace("4096", "256")
    # What a shell starts in the background ignores Ctrl-C, and so does whatever that starts, such as tests.
    code = f"import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n{code}"
    with subprocess.Popen([sys.executable, "-c", code, "run"], stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not Path("run/policy.npz").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(1.0)
        os.kill(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert "all is saved: envkit solve --resume run" in err
    assert Path("run", CHECKPOINT).exists()
