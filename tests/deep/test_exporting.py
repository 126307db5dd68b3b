"""What is exported plays as the policy does, with nothing of envkit, torch or Gymnasium in sight."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from envkit.cli.main import run as command_line
from envkit.core.errors import UsageError
from envkit.workflows.exporting.export import export
from envkit.workflows.saved import load
from envkit.workflows.solve import solve

HERE = Path(__file__).parent
GAMES = str(HERE / "training_games.py")
QUICK = {"steps": 128, "n_envs": 2, "n_steps": 64, "batch_size": 32, "n_epochs": 1, "eval_episodes": 5, "eval_every": 0}

ALONE = """
import sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from policy import Policy
policy = Policy()
policy.reset()
actions = [policy(np.asarray(observation)) for observation in np.load(sys.argv[2])]
np.save(sys.argv[3], np.array(actions))
heavy = {name.partition(".")[0] for name in sys.modules} & {"envkit", "torch", "gymnasium", "stable_baselines3"}
assert not heavy, heavy
"""


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def trained(sees="box", acts="one", **more):
    return solve(f"{GAMES}:Corridor", "ppo", env_kwargs={"sees": sees, "acts": acts}, **QUICK, **more).run_dir


def played_alone(folder, observations):
    np.save("observations.npy", observations)
    command = [sys.executable, "-c", ALONE, str(folder), "observations.npy", "actions.npy"]
    subprocess.run(command, check=True, cwd=Path.cwd())
    return np.load("actions.npy")


@pytest.mark.parametrize("format", ["numpy", "onnx"])
@pytest.mark.parametrize(
    ("sees", "acts", "normalize"),
    [("box", "box", ("observation",)), ("number", "one", ()), ("bits", "bits", ()), ("image", "two", ())],
)
def test_a_network_plays_alone_as_it_does_here(format, sees, acts, normalize):
    if format == "onnx":
        pytest.importorskip("onnxruntime", reason="needs the extra export")
        pytest.importorskip("onnx", reason="needs the extra export")
    path = trained(sees, acts, normalize=normalize)
    made = export(path, format=format)
    assert made.compared == 1000
    assert made.lines <= 40
    saved = load(path)
    env = saved.ref.make()
    env.observation_space.seed(0)
    observations = np.array([env.observation_space.sample() for _ in range(100)])
    actor = saved.policy.start(np.random.default_rng(0))
    ours = np.array([actor.act(observation, {}) for observation in observations])
    np.testing.assert_allclose(played_alone(made.files[0].parent, observations), ours, atol=1e-4)


@pytest.mark.parametrize("sees", ["numbers", "parts", "mixed"])
def test_observations_of_several_parts_are_played_by_numpy_and_refused_for_onnx(sees):
    path = trained(sees)
    assert export(path).lines <= 40
    pytest.importorskip("onnx", reason="needs the extra export")
    with pytest.raises(UsageError, match="cannot be exported as onnx: .*several parts"):
        export(path, format="onnx")


def test_a_table_is_exported_too_and_sees_the_clock():
    run = solve("FrozenLake-v1", "value-iteration", eval_episodes=5)
    made = export(run.run_dir)
    np.testing.assert_array_equal(played_alone(made.files[0].parent, np.arange(16)), run.policy.action.diagonal()[:16])
    with pytest.raises(UsageError, match="a table is exported as numpy"):
        export(run.run_dir, format="onnx")


def test_a_table_of_observations_that_are_no_numbers_is_refused():
    run = solve("Blackjack-v1", "qlearning", episodes=100, eval_episodes=5)
    with pytest.raises(UsageError, match="its observations are no numbers of states"):
        export(run.run_dir)
    assert not (run.run_dir / "numpy").exists()


def test_a_network_with_parts_of_ones_own_is_refused(monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    path = trained(features="extractors:Doubled")
    with pytest.raises(UsageError, match="its network has parts that only torch has"):
        export(path)


def test_one_that_acts_otherwise_is_not_written(monkeypatch):
    from envkit.workflows.exporting import runner

    path = trained()
    monkeypatch.setitem(runner.ACTIVATIONS, "tanh", "np.sin(3 * ({}))")
    monkeypatch.setattr(runner, "_last", lambda head: iter(["return int(x.argmin())"]))
    with pytest.raises(UsageError, match="what was exported acts . where the policy acts"):
        export(path)
    assert not (path / "numpy").exists()


def test_the_command_says_what_it_has_written(capsys):
    path = trained()
    assert command_line(["export", str(path), "--output", "robot"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:2] == ["robot/policy.npz", "robot/policy.py"]
    assert out[2].endswith("on 1,000 observations it acts as the policy does")
    assert command_line(["export", "nowhere"]) == 2
    assert "nowhere is not the directory of a run" in capsys.readouterr().err
