"""Training on an environment's own batch: the same training to the bit, brought back, and a word on what fails."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from envkit.core.errors import ArtifactRefused, EnvironmentFailed, UsageError
from envkit.runs.arrays import unpacked
from envkit.workflows.solve import configuration, resume, solve

SHORT = {"n_steps": 16, "batch_size": 32, "n_epochs": 1, "eval_episodes": 3, "eval_every": 0, "learning_rate": 1e-3}


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(Path(__file__).parent)


def trained(env, algo="ppo", **more):
    return solve(env, algo, **{"steps": 1024, "n_envs": 4, "batch": True} | SHORT | more)


def alike(one, other):
    ours, theirs = (unpacked(Path(run) / "policy.npz") for run in (one, other))
    return all(np.array_equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("env", ["shower", "drone", "gridworld"])
def test_a_batch_of_the_kits_is_the_same_training_as_single_environments(env):
    run = trained(env, batch=False, run_dir="one", eval_every=256)
    trained(env, run_dir="own", eval_every=256)
    assert len(run.notebook.episodes) > 4
    assert alike("one", "own")  # of all that were evaluated the same one was the best
    for name in ("episodes.csv", "evaluations.csv"):
        assert Path("one", name).read_text() == Path("own", name).read_text()


@pytest.mark.parametrize(
    ("env", "normalize"), [("shower", ()), ("gridworld", ()), ("drone", ("observation", "reward"))]
)
def test_a_batch_with_a_state_goes_on_bit_for_bit(env, normalize):
    trained(env, steps=2048, run_dir="whole", normalize=normalize)
    trained(env, run_dir="run", normalize=normalize)
    on = resume("run", steps=1024)
    assert "gone on with: exact" in on.notes
    assert alike("whole", "run")
    assert Path("whole/episodes.csv").read_text() == Path("run/episodes.csv").read_text()


def test_any_other_batch_begins_new_episodes_and_says_so():
    run = trained("batch_games:kit/Forgetful-v0", run_dir="run")
    on = resume("run", steps=512)
    assert "gone on with: statistical" in on.notes
    assert any("Forgetful has no get_state and set_state" in note for note in on.notes)
    assert on.steps == run.steps + 512
    assert on.notebook.episodes[-1][0] > 1024


def test_one_row_is_a_batch_too_and_an_off_policy_learner_takes_it():
    settings = {"learning_starts": 50, "buffer_size": 500, "train_freq": 4, "learning_rate": 1e-3}
    common = {"steps": 300, "eval_every": 0, "eval_episodes": 2, **settings}
    for name, batch in (("one", False), ("own", True)):
        solve("shower", "dqn", run_dir=name, n_envs=1, batch=batch, **common)
    assert alike("one", "own")
    resume("own", steps=100)
    solve("shower", "dqn", run_dir="whole", **common | {"steps": 400}, n_envs=1, batch=True)
    assert alike("whole", "own")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("raises", "raised OSError: the arm is stuck"),
        ("reward", "step() returned the reward nan in row 1"),
        (
            "observation",
            "step() returned an observation with inf at [1, 0], which no network can take; the first index",
        ),
        (
            "last observation",
            "an observation with nan at [1], which no network can take at the end of an episode of row 1",
        ),
        ("shape", "step() returned an observation of shape (4, 1), not (4, 2)"),
    ],
)
def test_what_fails_in_a_batch_is_told_with_its_row(wrong, said):
    with pytest.raises(EnvironmentFailed) as caught:
        trained("batch_games:kit/Rows-v0", env_kwargs={"wrong": wrong}, run_dir=False)
    assert str(caught.value).startswith("batch_games:kit/Rows-v0, played as a batch: step(")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("env", "algo", "more", "said"),
    [
        ("shower with stack=2", "ppo", {}, "--batch: shower with stack=2 is in wrappers, which take single"),
        ("shower", "ppo", {"processes": 2}, "--batch: an environment's own batch is played in one process, not in 2"),
        (
            "Acrobot-v1",
            "ppo",
            {},
            "--batch: Acrobot-v1 has no batch of its own: it is not registered with a vector_entry",
        ),
        ("bitflip", "dqn", {"replay": "hindsight"}, "--batch: hindsight asks single environments"),
        (
            "CartPole-v1",
            "ppo",
            {},
            "CartPole-v1 cannot be played with --batch: CartPoleVectorEnv resets an environment in",
        ),
        ("gridworld", "qlearning", {}, "batch"),
    ],
)
def test_what_can_be_no_batch_is_refused_before_anything_is_written(env, algo, more, said):
    with pytest.raises(UsageError) as caught:
        solve(env, algo, batch=True, run_dir="run", **more)
    assert said in str(caught.value)
    assert not Path("run").exists()


def test_a_batch_that_cannot_be_made_says_why():
    with pytest.raises(
        EnvironmentFailed, match="the batch of batch_games:kit/Unmade-v0 could not be made: OSError: no b"
    ):
        trained("batch_games:kit/Unmade-v0", run_dir=False)


def test_a_search_keeps_it_in_its_preset():
    from envkit.core.ref import EnvRef
    from envkit.workflows.algorithms import find
    from envkit.workflows.solve import COMMON, training_request
    from envkit.workflows.tuning.asked import Asked

    request = training_request(EnvRef.of("shower"), find("ppo"), COMMON, {"batch": True})
    assert Asked(request, {}, 1).preset({})["batch"] is True


def test_a_preset_may_ask_for_it_and_yields_where_it_cannot_be():
    Path("own.toml").write_text('[ppo."envkit/Shower-v0"]\nbatch = true\nn_envs = 4\n')
    asked = {
        (env, told.get("batch"), told.get("processes")): configuration(env, "ppo", preset="own.toml", **told)["batch"]
        for env, told in [("shower", {}), ("shower", {"batch": False}), ("shower", {"processes": 2}),
                          ("shower with stack=2", {})]
    }  # fmt: skip
    assert list(asked.values()) == [True, False, False, False]
    Path("own.toml").write_text('[ppo."envkit/Shower-v0"]\nbatch = 3\n')
    with pytest.raises(ArtifactRefused, match="own.toml: batch is 3, not true or false"):
        configuration("shower", "ppo", preset="own.toml")
