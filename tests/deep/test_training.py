"""A training as a whole: from `solve` to a run that plays, is judged, drawn, gone on with, and survives what happens."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from envkit.cli.main import run as command_line
from envkit.core.errors import ArtifactRefused, EnvironmentFailed, Interrupted, UsageError
from envkit.core.ref import EnvRef
from envkit.runs.arrays import unpacked
from envkit.workflows.evaluate import evaluate
from envkit.workflows.saved import load
from envkit.workflows.solve import resume, solve
from envkit.workflows.training import train

GAMES = str(Path(__file__).parent / "training_games.py")
SHORT = {"steps": 1024, "n_envs": 2, "n_steps": 64, "batch_size": 32, "n_epochs": 2, "eval_episodes": 10}


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def short(env="CartPole-v1", **arguments):
    return solve(env, "ppo", **SHORT | arguments)


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_a_run_has_all_that_is_needed_to_look_at_it_and_to_use_it_again():
    run = short()
    files = {path.name for path in run.run_dir.iterdir()}
    assert files >= {"config.json", "policy.npz", "checkpoint.npz", "curve.csv", "episodes.csv", "evaluations.csv"}
    episodes = table(run.run_dir / "episodes.csv")
    assert len(episodes) == len(run.notebook.episodes)
    assert sum(float(row["length"]) for row in episodes) <= 1024
    assert [float(row["steps"]) for row in episodes] == sorted(float(row["steps"]) for row in episodes)
    assert {row["return"] for row in episodes} == {row["shaped_return"] for row in episodes}
    evaluations = table(run.run_dir / "evaluations.csv")
    assert [int(row["steps"]) for row in evaluations] == [128, 256, 384, 512, 640, 768, 896, 1024]
    curve = table(run.run_dir / "curve.csv")
    assert {"steps", "episodes", "mean_return", "train/loss", "train/approx_kl"} <= set(curve[0])
    assert "time/fps" not in curve[0]
    saved = load(run.run_dir)
    again = evaluate(saved.policy, saved.ref, episodes=10, seed=3)
    np.testing.assert_array_equal(again.returns, evaluate(run.policy, saved.ref, episodes=10, seed=3).returns)
    record = json.loads((run.run_dir / "result.json").read_text())
    assert (record["algo"], record["steps"], record["mean_return"]) == ("ppo", 1024, run.mean_return)


def test_the_policy_that_did_best_is_kept():
    run = short(steps=2048)
    best = max(row[1] for row in run.notebook.evaluations)
    from envkit.workflows.training.caretaker import evaluation_seed

    found = evaluate(load(run.run_dir).policy, load(run.run_dir).ref, episodes=5, seed=evaluation_seed(0))
    assert found.mean == best


def test_without_evaluations_the_last_policy_is_kept():
    run = short(eval_every=0)
    assert run.notebook.evaluations == []
    kept = unpacked(run.run_dir / "policy.npz")
    state = unpacked(run.run_dir / "checkpoint.npz")
    assert any(np.array_equal(kept["state/action_net.weight"], value) for value in state.values())


def test_it_learns():
    run = solve("CartPole-v1", "ppo", steps=15_000, eval_episodes=20, run_dir=False)
    assert run.mean_return > 150 > 5 * run.random_return
    assert run.run_dir is None


def test_on_a_finite_model_it_is_judged_exactly(capsys):
    run = short("FrozenLake-v1", eval_episodes=200)
    assert run.exact.optimal_return == pytest.approx(0.744, abs=0.001)
    assert run.exact.policy_return == pytest.approx(run.mean_return, abs=4 * run.evaluation.std / np.sqrt(200) + 1e-9)
    assert run.gap == run.exact.gap >= 0
    assert command_line(["eval", str(run.run_dir), "--episodes", "5", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["policy_return"], told["gap"]) == (run.exact.policy_return, run.gap)


def test_it_ends_at_the_target():
    run = solve("CartPole-v1", "ppo", steps=30_000, target_return=60, eval_episodes=10, eval_every=512)
    assert run.steps < 15_000
    assert run.why == "the target of 60 is reached"
    assert run.notebook.evaluations[-1][1] >= 60
    assert "the target of 60 is reached" in str(run)


def test_it_ends_after_so_many_episodes():
    run = short(episodes=20, eval_every=0)
    assert len(run.notebook.episodes) == 20
    assert run.why == "20 episodes were played"


def interrupted(after, **arguments):
    """The directory of a run that was sent a signal after so many steps."""

    def report(progress):
        if progress.steps >= after and signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(
        Interrupted, match=r"stopped after .* steps; all is saved: envkit solve --resume runs"
    ) as caught:
        short(report=report, **arguments)
    return Path(str(caught.value).rpartition(" ")[2])


@pytest.mark.parametrize("normalize", [(), ("observation", "reward")])
def test_a_run_that_was_interrupted_ends_as_if_it_had_not_been(normalize):
    whole = short(normalize=normalize, steps=4096)
    path = interrupted(900, normalize=normalize, steps=4096)
    assert not (path / "result.json").exists()
    found = resume(path)
    assert found.steps == whole.steps == 4096
    for name in ("episodes.csv", "evaluations.csv", "curve.csv"):
        assert (path / name).read_text() == (whole.run_dir / name).read_text()
    ours, theirs = (unpacked(one / "policy.npz") for one in (path, whole.run_dir))
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    assert found.mean_return == whole.mean_return


def test_one_that_is_over_goes_on_for_more_steps():
    constant = {"eval_every": 256, "learning_rate": 0.001, "clip_range": 0.2}  # those of the preset go by the whole
    run = short(**constant)
    with pytest.raises(UsageError, match="is complete: there is nothing to go on with"):
        resume(run.run_dir)
    on = resume(run.run_dir, steps=512)
    assert (on.steps, on.resumed_at) == (1536, 1024)
    assert "1,536 steps" in str(on)
    assert "512 of the steps in" in str(on)
    steps = [int(row["steps"]) for row in table(run.run_dir / "evaluations.csv")]
    assert steps == [256, 512, 768, 1024, 1280, 1536]
    whole = short(steps=1536, **constant)
    assert (run.run_dir / "episodes.csv").read_text() == (whole.run_dir / "episodes.csv").read_text()


def test_a_table_cannot_be_gone_on_with_for_more_steps():
    run = solve("FrozenLake-v1", "qlearning", episodes=100, eval_episodes=5)
    with pytest.raises(UsageError, match="has a table; steps is of the training of a network"):
        resume(run.run_dir, steps=100)


def test_an_environment_that_fails_in_the_middle_leaves_what_was_learnt():
    with pytest.raises(EnvironmentFailed, match=r"reward nan; all until step 64 is kept: envkit solve --resume runs"):
        short(f"{GAMES}:Faulty", env_kwargs={"fault": "nan"}, n_envs=1, n_steps=32, eval_every=0)
    (path,) = Path("runs").iterdir()
    state = unpacked(path / "checkpoint.npz")
    arrays = [value for name, value in state.items() if name.startswith("array-") and value.dtype.kind == "f"]
    assert len(arrays) > 20
    assert all(np.isfinite(value).all() for value in arrays)


def test_one_that_fails_at_once_leaves_nothing():
    with pytest.raises(EnvironmentFailed, match="nothing had been learnt by then, so nothing is kept"):
        short(f"{GAMES}:Faulty", env_kwargs={"fault": "nan"}, n_envs=1, n_steps=512, eval_every=0)
    assert not Path("runs").exists()


def test_a_policy_that_was_cut_off_or_belongs_elsewhere_is_refused():
    run = short()
    data = (run.run_dir / "policy.npz").read_bytes()
    for size in (0, 100, len(data) // 2, len(data) - 1):
        (run.run_dir / "policy.npz").write_bytes(data[:size])
        with pytest.raises(ArtifactRefused, match="policy.npz"):
            load(run.run_dir)
    (run.run_dir / "policy.npz").write_bytes(data)
    from envkit.core.ref import EnvRef

    with pytest.raises(
        ArtifactRefused, match=r"policy.npz: the policy does not fit: there are observations Discrete 16"
    ):
        load(run.run_dir, env=EnvRef.of("FrozenLake-v1"))


def test_a_checkpoint_that_was_cut_off_is_refused():
    path = interrupted(300)
    data = (path / "checkpoint.npz").read_bytes()
    (path / "checkpoint.npz").write_bytes(data[: len(data) // 2])
    with pytest.raises(ArtifactRefused, match="checkpoint.npz is damaged"):
        resume(path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Blackjack-v1", "--algo", "ppo"], "ppo cannot take Blackjack-v1: observations are Tuple"),
        (["CartPole-v1", "--algo", "ppo", "--set", "learnign_rate=1"], "did you mean 'learning_rate'?"),
        (["CartPole-v1", "--algo", "ppo", "--set", "gamma=2"], "gamma is 2, not a number from 0 to 1"),
        (["CartPole-v1", "--algo", "ppo", "--steps", "many"], "--steps takes a whole number of at least 1, not 'many'"),
        (["CartPole-v1", "--algo", "ppo", "--net-arch", "64x64"], "net_arch is '64x64'; sizes of the hidden layers"),
        (
            ["CartPole-v1", "--algo", "ppo", "--policy-class", "nowhere:Class"],
            "no module 'nowhere' is here or installed",
        ),
        (["CartPole-v1", "--algo", "ppo", "--device", "cuda"], "--device cuda: torch sees no CUDA device here"),
        (["CartPole-v1", "--algo", "ppo", "--device", "mps"], "--device mps: torch sees no Metal (MPS) device here"),
        (
            ["CartPole-v1", "--algo", "ppo", "--device", "cda"],
            "device 'cda': did you mean 'cuda'? It is not one of auto, cpu, cuda",
        ),
        (["CartPole-v1", "--algo", "ppo", "--target-return", "high"], "--target-return takes a number or `solved`"),
        (["gridworld", "--algo", "ppo", "--target-return", "solved"], "does not say from which return it is solved"),
        (["CartPole-v1", "--algo", "ppo", "--trace", "1"], "ppo trains a network, and trace is of tables"),
        (["gridworld", "--algo", "qlearning", "--steps", "5"], "steps is of deep learners, such as ppo, and qlearning"),
        (["gridworld", "--n-envs", "5"], "n_envs is of deep learners, such as ppo, and without algo a table is made"),
    ],
)
def test_bad_input_is_one_clear_line(arguments, message, capsys):
    assert command_line(["solve", *arguments, "--quiet"]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not Path("runs").exists()


def test_the_configuration_is_shown_with_preset_and_what_was_given(capsys):
    assert (
        command_line(["solve", "CartPole-v1", "--algo", "ppo", "--show-config", "--set", "gamma=0.9", "--n-envs", "3"])
        == 0
    )
    shown = json.loads(capsys.readouterr().out)
    assert (shown["steps"], shown["n_envs"]) == (60_000, 3)
    hyper = shown["hyper_parameters"]
    assert (hyper["gamma"], hyper["gae_lambda"], hyper["learning_rate"]) == (0.9, 0.9, "linear(0.003, 0, 100%)")
    assert "seeds" not in shown
    assert command_line(["solve", "CartPole-v1", "--algo", "ppo", "--show-config", "--seed", "3", "--seeds", "2"]) == 0
    assert json.loads(capsys.readouterr().out)["seeds"] == [3, 4]
    assert not Path("runs").exists()


def test_every_command_that_takes_a_run_takes_this_one(capsys):
    pytest.importorskip("PIL")
    run = str(short().run_dir)
    for argv in (
        ["eval", run, "--episodes", "5", "--csv", "e.csv"],
        ["eval", run, "--episodes", "5", "--format", "json"],
        ["record", run, "--max-steps", "5", "--output", "p.gif", "--episode", "p.json"],
        ["replay", "p.json"],
        ["record", "CartPole-v1", "--policy", run, "--max-steps", "5"],
    ):
        assert command_line(argv) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert "(ppo)" in out
    assert "p.json: the same, 5 steps" in out


def test_sigterm_ends_a_command_with_143_and_all_kept():
    command = [sys.executable, "-m", "envkit", "solve", "CartPole-v1", "--algo", "ppo", "--run-dir", "run", "--quiet"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not Path("run/policy.npz").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert "all is saved: envkit solve --resume run" in err
    assert "Traceback" not in err
    assert Path("run/checkpoint.npz").exists()


def test_unlike_learners_are_drawn_on_top_of_one_another():
    pytest.importorskip("matplotlib")
    from envkit.workflows.plot import plot

    runs = [short().run_dir, short(steps=256).run_dir]
    runs.append(solve("CartPole-v1", "dqn", steps=600, learning_starts=100, eval_episodes=1).run_dir)
    runs.append(solve("CartPole-v1", "ars", steps=600, eval_episodes=1).run_dir)
    curve, losses = (file.read_text() for file in plot(runs, out=".", kinds=("svg",)))
    assert all(name in curve for name in ("ars", "dqn", "ppo"))
    assert all(name in losses for name in ("approx kl", "dqn", "ppo"))


def test_a_training_is_drawn():
    pytest.importorskip("matplotlib")
    from envkit.workflows.plot import plot

    run = short(clip_range=0.2)
    files = plot(run.run_dir, kinds=("svg",), by="episodes", window=7)
    assert [file.name for file in files] == ["curve.svg", "losses.svg"]
    curve, losses = (file.read_text() for file in files)
    for text in (
        "average of 7 episodes",
        "solved from 475",
        f"at random {run.random_return:.4g}",
        "episodes",
        "length",
    ):
        assert text in curve
    assert "approx kl" in losses
    assert "n updates" not in losses
    assert "clip range" not in losses  # it stays the same
    (run.run_dir / "episodes.csv").write_text("steps,env\n1,2\n2,3\n")
    with pytest.raises(ArtifactRefused, match="is damaged: KeyError"):
        plot(run.run_dir)
    (run.run_dir / "result.json").unlink()
    with pytest.raises(UsageError, match="is not over: envkit solve --resume"):
        plot(run.run_dir)


def test_a_policy_is_loaded_into_a_program_of_ones_own():
    import envkit

    run = short(normalize=("observation",))
    policy = envkit.load(run.run_dir)
    env = policy.make()
    observation, _ = env.reset(seed=3)
    policy.reset()
    paid = 0.0
    for _ in range(500):
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        paid += reward
        if terminated or truncated:
            break
    assert paid == evaluate(run.policy, load(run.run_dir).ref, episodes=1, seed=3).returns[0]
    drawn = envkit.load(run.run_dir, deterministic=False)
    actions = {drawn(np.zeros(4, np.float32)) for _ in range(100)}
    assert actions == {0, 1}
    table = solve("FrozenLake-v1", "qlearning", episodes=100, eval_episodes=5)
    assert envkit.load(table.run_dir)(0) in range(4)
    with pytest.raises(UsageError, match="has one action for each observation, and no chances to draw from"):
        envkit.load(table.run_dir, deterministic=False)


def test_a_run_and_its_policy_show_themselves_in_a_notebook():
    pytest.importorskip("matplotlib")
    import envkit

    run, nowhere = short(), short(run_dir=False)
    for page in (run._repr_html_(), envkit.load(run.run_dir)._repr_html_(), nowhere._repr_html_()):
        assert page.count("data:image/png;base64,") == 1
        assert "average of" in page
        assert page.count("<svg") == 1
    assert "mean return" in run._repr_html_()


@pytest.mark.parametrize("layers", ["0", "64,0", "pi=0", "pi=8,vf=0", "pi=,8"])
def test_layers_of_no_size_are_refused(layers):
    with pytest.raises(UsageError, match="sizes of the hidden layers"):
        short(net_arch=layers)


@pytest.mark.parametrize(("asked", "played"), [(1, 5), (12, 12), (40, 20), (150, 30)])
def test_acting_at_random_is_judged_by_so_many_episodes(asked, played):
    request = SimpleNamespace(ref=EnvRef.of("CartPole-v1"), eval_episodes=asked, seed=0, at_once=1)
    assert len(train._at_random(request)[0].returns) == played


def test_a_run_begins_with_the_weights_of_another():
    first = short(eval_every=0, normalize=("observation",))
    second = short(
        eval_every=0, steps=128, init=str(first.run_dir), learning_rate=1e-30, seed=5, normalize=("observation",)
    )
    ours, theirs = (unpacked(run.run_dir / "policy.npz") for run in (second, first))
    for name in theirs:
        if name.startswith("state/"):
            np.testing.assert_allclose(ours[name], theirs[name], atol=1e-12)
    assert ours["normalizer/count/"] == theirs["normalizer/count/"] + 128 + 2
    assert np.abs(ours["normalizer/mean/"] - theirs["normalizer/mean/"]).max() < 0.2
    with pytest.raises(ArtifactRefused, match="the weights to begin with are of another network"):
        short(init=first.run_dir, net_arch="8")
    with pytest.raises(UsageError, match="nowhere is not the directory of a run; a training by ppo begins with"):
        short(init="nowhere")
    table = solve("FrozenLake-v1", "qlearning", episodes=100, eval_episodes=5)
    with pytest.raises(UsageError, match="is a run of qlearning; a training by ppo begins with"):
        short(init=table.run_dir)


def test_wrappers_are_kept_in_the_run_and_applied_again(capsys):
    wraps = ["--wrap", "hide=1,3", "--wrap", "stack=2", "--wrap", "end-penalty=-5", "--wrap", "normalize=observation"]
    quick = [part for name in ("n_steps=64", "batch_size=32", "n_epochs=1") for part in ("--set", name)]
    asked = ["solve", "CartPole-v1", "--algo", "ppo", "--steps", "512", "--n-envs", "2", "--eval-episodes", "10"]
    assert command_line([*asked, *wraps, *quick, "--run-dir", "run", "--quiet", "--no-plots"]) == 0
    assert "shaped return" in capsys.readouterr().out
    config = json.loads(Path("run/config.json").read_text())
    assert (config["env"], config["normalize"]) == ("CartPole-v1 with hide=1,3 stack=2 end-penalty=-5", ["observation"])
    first = table(Path("run/episodes.csv"))[0]
    assert float(first["return"]) == float(first["shaped_return"]) + 5 == float(first["length"])
    saved = load("run")
    assert saved.policy.normalizer.mean[""].shape == (4,)
    assert command_line(["eval", "run", "--episodes", "5", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["mean_return"] == record["mean_shaped_return"] + 5
    assert resume("run", steps=128).steps == 640
