"""Solving what offers no model: by one that is found by playing."""

import gymnasium
import pytest

from envkit.core.errors import NoFiniteModel, UsageError
from envkit.core.ref import EnvRef
from envkit.workflows.judge import judge
from envkit.workflows.solve import solve


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


class Ice(gymnasium.Wrapper):
    """FrozenLake without its table, and without its limit."""

    def __init__(self, slippery=False):
        super().__init__(gymnasium.make("FrozenLake-v1", is_slippery=slippery).unwrapped)

    def step(self, action):
        return self.env.step(action)

    @property
    def unwrapped(self):
        return self


def test_a_planner_works_on_what_was_found():
    solved = solve(Ice, "value-iteration", explore=True, run_dir="run", discount=0.9)
    record = solved.to_json()
    assert (record["model"], record["mean_return"], record["gap"]) == ("explored", 1.0, 0.0)
    assert "every action was tried in every state" in solved.notes[0]
    judged = judge("run", episodes=3)
    assert judged.exact.policy_return == 1.0
    assert judged.origin == "explored"


def test_what_is_estimated_is_called_so():
    solved = solve(EnvRef.of(Ice, slippery=True), explore=60, run_dir=False, discount=0.9)
    assert solved.to_json()["model"] == "estimated"
    text = " ".join(str(solved).split())
    assert "estimated optimum" in text
    assert "exact optimum" not in text
    assert "so the answer is of what was seen" in text
    assert "each pair tried 60 times" in text


def test_a_model_of_its_own_is_better():
    solved = solve("FrozenLake-v1", "value-iteration", explore=True, run_dir=False)
    assert solved.origin == "own"
    assert "the environment offers a model of its own, so it was not explored" in solved.notes


def test_a_learner_is_judged_by_it():
    solved = solve(Ice, "qlearning", explore=True, run_dir=False, episodes=2000)
    assert solved.gap == 0
    assert solved.value_error is not None


def test_exploring_is_told(monkeypatch):
    seen = []
    solve("Blackjack-v1", explore=3, run_dir=False, eval_episodes=1, report=seen.append)
    assert seen[0].about.startswith("exploring: 1,000 steps, ")


def test_what_cannot_be_explored_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(NoFiniteModel, match="CartPole-v1 cannot be explored: its observation is continuous"):
        solve("CartPole-v1", explore=True)
    with pytest.raises(UsageError, match="explore is -1, not a whole number of at least 1"):
        solve("Blackjack-v1", explore=-1)
    with pytest.raises(NoFiniteModel, match="--explore builds one by playing, and a learner needs none"):
        solve("Blackjack-v1", "value-iteration")
    assert list(tmp_path.iterdir()) == []
