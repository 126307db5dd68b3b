"""What beginners' courses do step by step, done with the kit: each step is there, and ends in what they promise."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import gymnasium
import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

import envkit
from envkit.cli.main import run as command_line
from envkit.core.ref import EnvRef
from envkit.runs.arrays import unpacked
from envkit.workflows.solve import configuration, resume

POLE = "CartPole-v1"
SHORT = EnvRef.of("CartPole-v1 with max-steps=200")  # as the first version of it was: 200 steps at most
QUICK = {"n_envs": 4, "n_steps": 64, "batch_size": 128, "n_epochs": 4, "eval_episodes": 10, "learning_rate": 1e-3}


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def typed(*argv):
    assert command_line([str(word) for word in argv]) == 0


# CartPole in ten steps: random play, spaces, training, saving, loading, going on, evaluating, playing, watching it learn,
# stopping in time, other choices.


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    path = tmp_path_factory.mktemp("course") / "pole"
    envkit.solve(SHORT, "ppo", steps=1024, tensorboard=find_spec("tensorboard") is not None, run_dir=path, **QUICK)
    return path


@pytest.fixture
def pole(trained, tmp_path):
    """A copy, to do with as one likes."""
    return Path(shutil.copytree(trained, tmp_path / "pole"))


def test_step_1_random_play():
    judged = envkit.evaluate("random", POLE, episodes=5)
    assert len(judged.evaluation.returns) == 5
    assert 8 <= judged.mean_return <= 60  # the pole falls


def test_step_2_what_there_is_to_see_and_to_do(capsys):
    typed("show", POLE)
    shown = capsys.readouterr().out
    for said in ("Box (4,) float32", "Pole Angle", "Discrete(2)", "Push cart to the left", "limit", "500 steps"):
        assert said in shown


def test_step_3_training_leaves_all_that_is_needed(pole):
    assert json.loads((pole / "result.json").read_text())["steps"] == 1024
    assert (pole / "policy.npz").is_file()


def test_step_4_it_is_saved_deleted_and_loaded_again(pole, tmp_path):
    observation = np.zeros(4, np.float32)
    policy = envkit.load(pole)
    before = [policy(observation + number / 100) for number in range(-20, 20)]
    kept = shutil.copytree(pole, tmp_path / "kept")
    del policy
    shutil.rmtree(pole)
    again = envkit.load(kept)
    assert [again(observation + number / 100) for number in range(-20, 20)] == before


def test_step_5_training_goes_on(pole):
    before = unpacked(pole / "checkpoint.npz")
    run = resume(pole, steps=1024)
    assert run.steps == run.notebook.evaluations[-1][0] == 2048
    after = unpacked(pole / "checkpoint.npz")
    assert (int(before["steps"]), int(after["steps"])) == (1024, 2048)


def test_step_6_evaluating_says_mean_and_deviation(pole, capsys):
    typed("eval", pole, "--episodes", "10", "--format", "json")
    told = json.loads(capsys.readouterr().out)
    assert told["episodes"] == 10
    assert 0 < told["min_return"] <= told["mean_return"] <= told["max_return"] <= 200
    assert told["std_return"] >= 0


def test_step_7_a_loop_of_ones_own_earns_what_evaluating_says(pole):
    policy = envkit.load(pole)
    env = policy.make()
    returns = []
    for number in range(5):
        observation, info = env.reset(seed=0 if number == 0 else None)
        policy.reset()
        terminated = truncated = False
        returns.append(0.0)
        while not (terminated or truncated):
            observation, reward, terminated, truncated, info = env.step(policy(observation, info))
            returns[-1] += reward
    assert returns == envkit.evaluate(pole, episodes=5, seed=0).evaluation.returns.tolist()


def test_step_8_tensorboard_reads_what_was_written(pole):
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    (file,) = (pole / "tensorboard").glob("events.out.tfevents.*")
    told = events.EventAccumulator(str(file)).Reload()
    tags = told.Tags()["scalars"]
    assert {"episode/return", "evaluation/mean_return", "train/loss", "train/entropy_loss"} <= set(tags)
    assert max(event.step for event in told.Scalars("episode/return")) <= 1024


def test_step_9_it_stops_where_it_is_good_enough():
    run = envkit.solve(SHORT, "ppo", steps=20_000, target_return=40, eval_every=512, **QUICK)
    assert run.why == "the target of 40 is reached"
    assert run.steps < 20_000
    assert run.notebook.evaluations[-1][1] >= 40


def test_step_10_another_network_and_another_algorithm(capsys):
    typed(
        "solve", SHORT.target, "--algo", "ppo", "--net-arch", "pi=128,128,128,128,vf=128,128,128,128", "--steps", 256,
        "--set", "n_steps=128", "--eval-episodes", 5, "--run-dir", "deep", "--quiet", "--no-plots",
    )  # fmt: skip
    weights = unpacked(Path("deep/policy.npz"))
    assert [weights[f"state/mlp_extractor.policy_net.{layer}.weight"].shape for layer in (0, 2, 4, 6)] == [
        (128, 4), (128, 128), (128, 128), (128, 128),
    ]  # fmt: skip
    typed(
        "solve", SHORT.target, "--algo", "sarsa", "--bins", "3,5,7,7", "--episodes", 50, "--eval-episodes", 5,
        "--run-dir", "table", "--quiet", "--no-plots",
    )  # fmt: skip
    assert "sarsa" in capsys.readouterr().out
    assert envkit.load("table").algo == "sarsa"


def test_a_checkpoint_every_ten_episodes_and_a_picture_of_it_all():
    pytest.importorskip("matplotlib")
    run = envkit.solve(POLE, "ppo", steps=1024, checkpoint_every="10ep", eval_every=0, **QUICK)
    assert json.loads((run.run_dir / "config.json").read_text())["checkpoint_every"] == "10ep"
    kept = [int(unpacked(run.run_dir / name)["steps"]) for name in ("checkpoint-before.npz", "checkpoint.npz")]
    assert kept[0] < kept[1] <= 1024
    files = envkit.plot(run.run_dir, by="episodes", window=10, kinds=("svg",))
    curve = next(file.read_text() for file in files if file.stem == "curve")
    assert "average of 10 episodes" in curve


def test_the_defaults_are_those_of_the_tutorial_for_an_environment_without_a_preset():
    hyper = configuration("Acrobot-v1", "ppo")["hyper_parameters"]
    assert {name: hyper[name] for name in ("learning_rate", "n_steps", "batch_size", "n_epochs", "gamma", "gae_lambda")} == {
        "learning_rate": 3e-4, "n_steps": 2048, "batch_size": 64, "n_epochs": 10, "gamma": 0.99, "gae_lambda": 0.95,
    }  # fmt: skip
    assert [hyper[name] for name in ("clip_range", "ent_coef", "vf_coef", "max_grad_norm")] == [0.2, 0.0, 0.5, 0.5]


def test_trained_in_sixteen_environments_it_is_evaluated_in_one(capsys):
    run = envkit.solve(POLE, "ppo", steps=1024, **QUICK | {"n_envs": 16, "n_steps": 32}, eval_every=0)
    assert {row[1] for row in run.notebook.episodes} == set(range(16))
    judged = envkit.evaluate(run, episodes=10)
    assert len(judged.evaluation.returns) == 10
    assert judged.to_json()["interval"][0] <= judged.mean_return <= judged.to_json()["interval"][1]


def test_the_lander_is_there_where_its_engine_is():
    pytest.importorskip("Box2D", reason="the lander needs the extra box2d")
    env = gymnasium.make("LunarLander-v3")
    assert (env.observation_space.shape, env.action_space.n, env.spec.reward_threshold) == ((8,), 4, 200)
    assert len(envkit.evaluate("random", "LunarLander-v3", episodes=3).evaluation.returns) == 3
