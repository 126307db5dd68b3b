"""What others have shown: imitated, or in the memory before the first step, exactly as it was played."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from envkit.cli.main import run as command_line
from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.ref import EnvRef
from envkit.deep.demonstrations import Demonstrations
from envkit.deep.imitating import fill
from envkit.runs.arrays import unpacked
from envkit.workflows.players import player
from envkit.workflows.plot import plot
from envkit.workflows.solve import resume, solve
from envkit.workflows.training.demonstrations import Source, demonstrations

GAMES = str(Path(__file__).parent / "training_games.py")
RULE = "def tilt(observation):\n    return int(observation[2] > 0)\n"
MEMORY = {
    "buffer_size": 3000,
    "learning_starts": 10,
    "batch_size": 16,
    "steps": 20,
    "eval_every": 0,
    "eval_episodes": 1,
}


@pytest.fixture(autouse=True)
def _beside_a_rule(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("rules.py").write_text(RULE)


def corridor(**arguments):
    return EnvRef.of(f"{GAMES}:Corridor", **arguments)


def recorded(env="gridworld", *more):
    """A file of an episode."""
    pytest.importorskip("PIL")
    assert (
        command_line(["record", env, "--policy", "random", "--output", "film.gif", "--episode", "demo.json", *more])
        == 0
    )
    return "demo.json"


def memory_of(monkeypatch, env, algo, demos, **more):
    """(what is in the replay memory before the first step, the demonstrations)."""
    kept = {}

    def filled(model, found):
        fill(model, found)
        kept.update(model=model, found=found, held=model.replay_buffer.pos)

    monkeypatch.setattr("envkit.deep.sb3.fill", filled)
    solve(env, algo, demos=demos, **MEMORY | more)
    return kept["model"].replay_buffer, kept["found"], kept["held"]


def test_sources_are_read_as_they_are_typed():
    assert Source.of("random,episodes=10,best=2%") == Source("random", 10, 0.02)
    assert Source.of("rules.py:tilt,best=0.5") == Source("rules.py:tilt", None, 0.5)
    assert Source.of("a,b.json") == Source("a,b.json")
    for text in (
        "random,episodes=0",
        "random,best=0",
        "random,best=120%",
        "random,best=all",
        "random,times=3",
        ",best=1",
    ):
        with pytest.raises(UsageError, match=re.escape(repr(text))):
            Source.of(text)


def test_episodes_are_what_was_seen_done_and_paid():
    found = demonstrations(["rules.py:tilt,episodes=3"], EnvRef.of("CartPole-v1"), 7)
    ends = np.flatnonzero(found.terminated | found.truncated)
    assert len(ends) == len(found.returns) == 3
    assert ends[-1] == len(found) - 1
    assert found.returns.sum() == found.rewards.sum() == len(found)
    assert (found.actions == (found.observations[:, 2] > 0)).all()
    inside = np.setdiff1d(np.arange(len(found)), ends)
    assert (found.following[inside] == found.observations[inside + 1]).all()
    env = EnvRef.of("CartPole-v1").make()
    for begin, end in zip([0, *ends[:-1] + 1], ends, strict=True):
        env.reset(seed=0)
        env.unwrapped.state = found.observations[begin].astype(float)
        for step in range(begin, end + 1):
            seen, *_ = env.step(int(found.actions[step]))
            np.testing.assert_allclose(seen, found.following[step], atol=1e-5)
    again = demonstrations(["rules.py:tilt,episodes=3"], EnvRef.of("CartPole-v1"), 7)
    assert (again.observations == found.observations).all()


def test_the_best_are_taken():
    every = demonstrations(["random,episodes=40"], EnvRef.of("CartPole-v1"), 0)
    best = demonstrations(["random,episodes=40,best=10%"], EnvRef.of("CartPole-v1"), 0)
    assert sorted(best.returns) == sorted(every.returns)[-4:]


def test_what_is_shown_is_as_wrappers_have_it_and_earns_what_the_environment_pays():
    shaped = demonstrations(["rules.py:tilt,episodes=2"], EnvRef.of("CartPole-v1 with end-penalty=-5"), 0)
    plain = demonstrations(["rules.py:tilt,episodes=2"], EnvRef.of("CartPole-v1"), 0)
    assert shaped.returns.tolist() == plain.returns.tolist()
    assert plain.rewards.sum() - shaped.rewards.sum() > 5
    stacked = demonstrations(["random,episodes=2"], EnvRef.of("CartPole-v1 with stack=3"), 0)
    assert stacked.observations.shape[1:] == (12,)


def test_arrays_hold_all_of_it():
    found = demonstrations(["random,episodes=2"], corridor(sees="mixed"), 0)
    again = Demonstrations.of_arrays(found.arrays(), "demos.npz")
    assert again.observations.keys() == found.observations.keys()
    assert all((again.following[name] == found.following[name]).all() for name in found.following)
    assert str(again) == str(found)
    with pytest.raises(ArtifactRefused, match="holds no tree|no demonstrations|structure"):
        Demonstrations.of_arrays({"a": np.zeros(3)}, "demos.npz")


def test_a_rule_is_imitated():
    run = solve(
        "CartPole-v1", "cloning", demos="rules.py:tilt,episodes=30", steps=40_000, eval_every=0, eval_episodes=10,
        batch_size=128, learning_rate=3e-3, run_dir="run",
    )  # fmt: skip
    shown = demonstrations(["rules.py:tilt,episodes=10"], EnvRef.of("CartPole-v1"), 99)
    actor = run.policy.start(np.random.default_rng(0))
    done = np.array([actor.act(one, {}) for one in shown.observations])
    assert (done == shown.actions).mean() > 0.95
    assert any("30 demonstrated episodes" in note for note in run.notes)
    assert not any("more steps may be all that it takes" in note for note in run.notes)
    assert len(unpacked(Path("run/demos.npz"))) > 5
    assert command_line(["eval", "run", "--episodes", "3"]) == 0


def test_the_best_of_random_games_make_a_good_player():
    run = solve(
        "CartPole-v1", "cloning", demos="random,episodes=3000,best=1%", steps=40_000, eval_episodes=20, run_dir="run"
    )
    assert run.mean_return > 150  # seven times as much as those who showed it are used to earn
    pytest.importorskip("matplotlib")
    (file,) = plot("run", output="run.svg")
    assert "evaluation" in (text := file.read_text())
    assert "an episode of training" not in text


def test_scaled_observations_are_scaled_by_what_is_shown():
    run = solve(
        "CartPole-v1", "cloning", demos="rules.py:tilt,episodes=30", steps=40_000, eval_every=0, eval_episodes=5,
        normalize=("observation",), batch_size=128, learning_rate=3e-3, run_dir="run",
    )  # fmt: skip
    shown = demonstrations(["rules.py:tilt,episodes=30"], EnvRef.of("CartPole-v1"), 0)
    actor = player("run", None).policy.start(np.random.default_rng(0))
    assert (
        np.mean([actor.act(one, {}) == done for one, done in zip(shown.observations, shown.actions, strict=True)])
        > 0.95
    )
    mean = next(value for name, value in unpacked(run.run_dir / "policy.npz").items() if "mean/" in name)
    np.testing.assert_allclose(mean, shown.observations.mean(axis=0), atol=0.01)


def test_a_file_of_episodes_is_played_again_in_the_environment_with_its_wrappers():
    path = recorded("CartPole-v1", "--max-steps", "40")
    kept = json.loads(Path(path).read_text())["episodes"][0]["steps"]
    found = demonstrations([path], EnvRef.of("CartPole-v1 with stack=2"), 0)
    assert found.observations.shape == (len(kept), 8)
    assert found.rewards.tolist() == [step["reward"] for step in kept]
    assert (found.terminated | found.truncated).tolist() == [False] * (len(kept) - 1) + [True]
    run = solve("CartPole-v1", "cloning", demos=path, steps=640, eval_every=0, eval_episodes=2, run_dir=False)
    assert run.steps == 640


@pytest.mark.parametrize("n_envs", [1, 3])
def test_a_memory_begins_with_them(monkeypatch, n_envs):
    demos = ["random,episodes=5", "rules.py:tilt,episodes=5"]
    memory, found, held = memory_of(monkeypatch, "CartPole-v1", "dqn", demos, n_envs=n_envs)
    each = len(found) // n_envs
    assert held == each
    for column in range(n_envs):
        rows = slice(column * each, (column + 1) * each)
        assert (memory.observations[:each, column] == found.observations[rows]).all()
        assert (memory.next_observations[:each, column] == found.following[rows]).all()
        assert memory.actions[:each, column, 0].tolist() == found.actions[rows].tolist()
        assert memory.rewards[:each, column].tolist() == found.rewards[rows].tolist()
        over = (found.terminated | found.truncated)[rows]
        over[-1] = True
        assert memory.dones[:each, column].tolist() == over.tolist()
        assert (memory.timeouts[:each, column] == (over & ~found.terminated[rows])).all()


def test_continuous_actions_are_kept_as_the_learner_has_them(monkeypatch):
    memory, found, held = memory_of(monkeypatch, "Pendulum-v1", "td3", "random,episodes=1")
    assert held == 200
    np.testing.assert_allclose(memory.actions[:200, 0, 0], found.actions[:, 0] / 2, atol=1e-6)
    assert memory.timeouts[199, 0]


@pytest.mark.parametrize(
    ("env", "algo", "settings"),
    [
        ("bitflip", "dqn", {"replay": "hindsight", "learning_starts": 40, "steps": 60}),
        ("CartPole-v1", "dqn", {"n_steps": 3}),
        ("CartPole-v1", "double-dqn", {"replay": "prioritized"}),
        (f"{GAMES}:Corridor", "dqn", {"env_kwargs": {"sees": "image"}}),
        (f"{GAMES}:Corridor", "dqn", {"env_kwargs": {"sees": "mixed"}}),
    ],
)
def test_every_kind_of_memory_takes_them(monkeypatch, env, algo, settings):
    memory, found, held = memory_of(monkeypatch, env, algo, "random,episodes=6", **settings)
    assert held == len(found) > 5
    seen = memory.observations
    told = found.observations
    if isinstance(seen, dict):
        name = next(iter(sorted(seen)))
        seen, told = seen[name], told[name]
    assert np.sort(seen[:held].ravel()).tolist() == np.sort(np.ravel(told)).tolist()


def test_they_make_a_learner_better_from_the_start():
    """Q-learning on a grid that it hardly leaves the beginning of by chance, with and without having been shown the way."""
    path = solve("gridworld", "value-iteration", eval_episodes=1, run_dir="best").run_dir
    asked = {
        "steps": 1500, "learning_starts": 0, "gamma": 0.95, "buffer_size": 5000, "learning_rate": 3e-3, "eval_every": 0,
        "eval_episodes": 5, "epsilon": 0.0, "target_update_interval": 100, "train_freq": 2, "run_dir": False,
    }  # fmt: skip
    alone = solve("gridworld", "dqn", **asked)
    shown = solve("gridworld", "dqn", demos=f"{path},episodes=40", **asked)
    assert shown.mean_return > alone.mean_return


def test_it_goes_on_although_what_it_was_shown_is_gone():
    run = solve(
        "CartPole-v1", "cloning", demos="rules.py:tilt", steps=640, eval_every=0, eval_episodes=2, run_dir="run"
    )
    Path("rules.py").unlink()
    on = resume("run", steps=640)
    assert on.steps == run.steps + 640
    Path("run/demos.npz").write_bytes(b"nothing")
    with pytest.raises(ArtifactRefused, match="demos.npz is damaged"):
        resume("run", steps=640)


@pytest.mark.parametrize(
    ("algo", "demos", "why"),
    [
        ("cloning", None, "cloning learns from what others show: --demos"),
        ("ppo", "random", "ppo learns from its own steps alone"),
        ("cloning", "nowhere.json", "nowhere.json is not the directory of a run"),
        ("cloning", "rules.py:lean", "rules.py has no lean|lean"),
        ("dqn", "random,episodes=many", "episodes is 'many', not a whole number"),
        ("cloning", "rules.py,episodes=3", "the file has its episodes"),
    ],
)
def test_what_cannot_be_is_said_before_any_work(algo, demos, why):
    with pytest.raises(UsageError, match=why):
        solve("CartPole-v1", algo, demos=demos, steps=64, eval_every=0, eval_episodes=1)
    assert not Path("runs").exists()


def test_episodes_of_another_environment_are_refused(capsys):
    path = recorded()
    for env, why in (
        ("FrozenLake-v1", "demo.json holds episodes of gridworld that go otherwise on FrozenLake-v1: step"),
        ("CartPole-v1", "demo.json holds episodes of gridworld"),
    ):
        assert command_line(["solve", env, "--algo", "cloning", "--demos", path, "--steps", "64"]) == 2
        err = capsys.readouterr().err
        assert why in err
        assert err.count("\n") == 1
    Path(path).write_text('{"kind": "episodes", "schema": 1}')
    assert command_line(["solve", "gridworld", "--algo", "cloning", "--demos", path, "--steps", "64"]) == 4
    Path(path).write_text("{")
    assert command_line(["solve", "gridworld", "--algo", "cloning", "--demos", path, "--steps", "64"]) == 4
    assert not Path("runs").exists()


def test_fewer_steps_than_environments_are_refused():
    with pytest.raises(UsageError, match=r"\d+ demonstrated steps are too few for 500 environments"):
        solve("CartPole-v1", "dqn", demos="random,episodes=1", n_envs=500, **MEMORY)
