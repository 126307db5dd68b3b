import json

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import envkit
from envkit.core.errors import EnvironmentFailed, NoFiniteModel, StorageFailed, UsageError
from envkit.core.ref import EnvRef
from envkit.workflows.solve import solve

KEYS = [
    "schema", "env", "algo", "seed", "steps", "seconds", "discount", "episodes", "mean_return", "std_return",
    "mean_shaped_return", "model", "policy_return", "optimal_return", "optimal_stationary_return",
    "optimal_discounted_return", "policy_discounted_return", "gap", "bound", "value_error", "watched", "run_dir",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


class Countdown(gymnasium.Env):
    """No model; the action 1 pays 1 a step, for three steps."""

    observation_space = spaces.Discrete(4)
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.left = 3
        return 3, {}

    def step(self, action):
        self.left -= 1
        return self.left, float(action), self.left == 0, False, {}


def test_the_record_has_these_keys_in_this_order():
    assert list(solve("FrozenLake-v1", "value-iteration", run_dir=False).to_json()) == KEYS


def test_the_planner_reaches_the_optimum_and_says_so():
    record = solve("FrozenLake-v1", "value-iteration", run_dir=False, eval_episodes=400).to_json()
    assert record["policy_return"] == record["optimal_return"] == pytest.approx(0.744190, abs=1e-6)
    assert record["gap"] == 0
    assert record["mean_return"] == pytest.approx(0.744, abs=0.09)
    assert record["episodes"] == 0
    assert record["discount"] == 1


def test_envkit_solve_is_this_function():
    assert envkit.solve is solve


def test_without_a_name_a_planner_is_picked_where_there_is_a_model_and_a_learner_elsewhere():
    planned, learned = solve("FrozenLake-v1", run_dir=False), solve(Countdown, run_dir=False, episodes=200)
    assert planned.algo == "value-iteration"
    assert planned.to_json()["schema"] == 1
    assert planned.notes[0].startswith("value-iteration was picked: the model is finite (16 states and 4 actions)")
    assert learned.algo == "qlearning"
    assert learned.notes[0] == "qlearning was picked: there is no finite model to plan on"


def test_without_a_model_the_exact_answers_are_null():
    record = solve(Countdown, "qlearning", run_dir=False, episodes=300).to_json()
    assert record["mean_return"] == 3.0
    assert [record[key] for key in KEYS[11:17]] == [None] * 6


def test_constructor_arguments_are_passed_on():
    assert solve("FrozenLake-v1", run_dir=False, env_kwargs={"is_slippery": False}).mean_return == 1.0


def test_the_artifacts_hold_all_that_was_asked_and_found():
    solved = solve("FrozenLake-v1", "sarsa", seed=3, episodes=500, alpha=0.25)
    folder = solved.run_dir
    assert str(folder) == "runs/FrozenLake-v1-sarsa-s3-1"
    files = ["config.json", "curve.csv", "curve.jsonl", "frames.npz", "policy.npz", "result.json"]
    assert sorted(path.name for path in folder.iterdir()) == files
    config = json.loads((folder / "config.json").read_text())
    assert (config["env"], config["algo"], config["seed"], config["episodes"]) == ("FrozenLake-v1", "sarsa", 3, 500)
    assert config["hyper_parameters"]["step_size"] == 0.25
    assert config["hyper_parameters"]["epsilon"] == "linear(1, 0, 90%)"
    assert config["versions"]["envkit"] == envkit.__version__
    assert json.loads((folder / "result.json").read_text()) == solved.to_json()
    with np.load(folder / "policy.npz", allow_pickle=False) as stored:
        assert stored["action"].tolist() == solved.policy.action.tolist()
        assert stored["q"].tolist() == solved.result.q.tolist()
    head, *rows = (folder / "curve.csv").read_text().splitlines()
    assert head == "steps,episodes,mean_return,epsilon,step_size,value_error"
    assert rows[-1].split(",")[:2] == [str(solved.result.steps), "500"]
    last = json.loads((folder / "curve.jsonl").read_text().splitlines()[-1])
    assert (last["episodes"], last["epsilon"], last["step_size"]) == (500, 0, 0.25)
    assert last["value_error"] == solved.value_error


def test_a_policy_learnt_without_a_model_is_stored_with_its_observations():
    solved = solve(Countdown, "qlearning", episodes=50)
    with np.load(solved.run_dir / "policy.npz", allow_pickle=False) as stored:
        met = json.loads(str(stored["observations"]))
        assert stored["action"].shape == (len(met),)
        assert met[0] == 3


def test_the_same_seed_gives_the_same_run_in_another_directory():
    runs = [solve("FrozenLake-v1", "qlearning", seed=seed, episodes=300) for seed in (0, 0, 1)]
    q = [run.result.q.tobytes() for run in runs]
    assert q[0] == q[1] != q[2]
    assert [run.run_dir.name[-4:] for run in runs] == ["s0-1", "s0-2", "s1-1"]


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"algo": "sarse"}, UsageError, "did you mean 'sarsa'"),
        ({"algo": "sarsa", "epsilom": 1}, UsageError, "did you mean 'epsilon'"),
        ({"algo": "sarsa", "seed": -1}, UsageError, "seed is -1, not a whole number of at least 0"),
        ({"algo": "sarsa", "episodes": 0}, UsageError, "episodes is 0, not a whole number of at least 1"),
        ({"algo": "sarsa", "eval_episodes": 1.5}, UsageError, "eval_episodes is 1.5, not a whole number"),
        ({"algo": "sarsa", "episodes": True}, UsageError, "episodes is True, not a whole number"),
        ({"algo": "value-iteration"}, NoFiniteModel, r"Countdown has no finite model.*--algo qlearning"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(tmp_path, kwargs, error, message):
    with pytest.raises(error, match=message):
        solve(Countdown, **kwargs)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_environment_leaves_no_run_behind(tmp_path):
    class Breaks(Countdown):
        def step(self, action):
            raise RuntimeError("no")

    with pytest.raises(EnvironmentFailed, match=r"step\(\d\) of .*Breaks, episode 0, step 0, raised RuntimeError: no"):
        solve(Breaks, "qlearning")
    assert not (tmp_path / "runs").exists()


def test_an_unwritable_place_is_found_before_the_work_begins(tmp_path, monkeypatch):
    (tmp_path / "runs").write_text("in the way")
    monkeypatch.setattr("envkit.workflows.solved._solved", lambda *args: pytest.fail("the work has begun"))
    with pytest.raises(StorageFailed, match="runs is not a directory"):
        solve("FrozenLake-v1", "value-iteration")


def test_a_disk_that_fills_up_leaves_no_half_run(tmp_path, monkeypatch):
    from envkit.runs import directory

    write = directory.atomic_write

    def full(path, data):
        if path.name == "result.json":
            raise StorageFailed(f"cannot write {path}: No space left on device")
        write(path, data)

    monkeypatch.setattr(directory, "atomic_write", full)
    with pytest.raises(StorageFailed, match=r"result.json: No space left"):
        solve("FrozenLake-v1", "value-iteration")
    assert not (tmp_path / "runs").exists()


def test_an_interrupted_run_leaves_nothing(tmp_path):
    def interrupt(*progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve("FrozenLake-v1", "qlearning", report=interrupt)
    assert not (tmp_path / "runs").exists()


def test_progress_is_reported_up_to_the_end():
    seen = []
    solve(
        "FrozenLake-v1",
        "qlearning",
        episodes=700,
        run_dir=False,
        report=lambda progress: seen.append((progress, progress.gap())),
    )
    steps = [progress.steps for progress, _ in seen]
    assert seen[-1][0].done == 700
    assert steps == sorted(steps)
    assert {progress.total for progress, _ in seen} == {700}
    assert seen[0][1] > seen[-1][1] >= 0


def test_a_reference_may_carry_its_own_arguments():
    ref = EnvRef.of("FrozenLake-v1", map_name="8x8", is_slippery=False)
    assert solve(ref, run_dir=False).result.values.shape == (64,)


def test_printing_a_solution_shows_the_report():
    text = " ".join(str(solve("FrozenLake-v1", "value-iteration", run_dir=False)).split())
    assert "exact return 0.74419 of this policy, which sees the clock" in text
    assert "without clock 0.740165" in text
    assert "policy at the first step ← ↑ ↑ ↑ ← H ← H ↑ ↓ ← H H → ↓ G H hole, G goal" in text


def test_a_planner_walks_straight_to_the_goal_though_dawdling_would_pay_as_much():
    solved = solve("FrozenLake-v1", "value-iteration", run_dir=False, env_kwargs={"is_slippery": False})
    assert (solved.mean_return, solved.gap) == (1.0, 0.0)
    assert set(solved.evaluation.lengths) == {6}


@pytest.mark.parametrize("algorithm", ["value-iteration", "policy-iteration"])
def test_a_planner_under_a_time_limit_says_how_it_planned(algorithm):
    notes = solve("FrozenLake-v1", algorithm, run_dir=False).notes
    assert any("the horizon finite: backward induction over the clock; without one" in note for note in notes)


def test_large_numbers_are_written_in_full():
    walks = {"episodes": 2, "eval_episodes": 1, "run_dir": False, "epsilon": 1, "alpha": 1e-9}
    text = " ".join(str(solve("CliffWalking-v1", "qlearning", **walks)).split())
    assert "10,000 steps on average" in text
    assert "e+0" not in text


@pytest.mark.parametrize("algorithm", ["td0", "monte-carlo-prediction"])
def test_a_prediction_comes_with_the_exact_return_of_its_policy_and_how_far_it_is_off(algorithm):
    solved = solve("FrozenLake-v1", algorithm, episodes=4000, eval_episodes=5)
    assert solved.exact.policy_return == pytest.approx(0.01393980, abs=1e-7)
    assert 0 < solved.value_error < 0.05
    text = " ".join(str(solved).split())
    assert f"value error {round(solved.value_error, 4)} against those of this policy" in text
    assert "optimum" not in text
    assert "no finite model" not in str(solved)
    with np.load(solved.run_dir / "policy.npz", allow_pickle=False) as stored:
        assert stored["chances"].tolist() == [[0.25] * 4] * 16
        assert stored["values"].tolist() == solved.result.values.tolist()


def test_a_prediction_without_a_model_keeps_what_it_met():
    solved = solve(Countdown, "td0", episodes=200, eval_episodes=5, discount=1)
    with np.load(solved.run_dir / "policy.npz", allow_pickle=False) as stored:
        met = json.loads(str(stored["observations"]))
        values = dict(zip(met, stored["values"].tolist(), strict=True))
    assert values[1] == pytest.approx(0.5, abs=0.2)
    assert values[3] == pytest.approx(1.5, abs=0.3)
