"""Random play: what it earns is what an evaluation earns, and it ends in time."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.errors import EnvironmentFailed
from envkit.core.policy import RandomPolicy
from envkit.core.ref import EnvRef
from envkit.workflows.evaluate import evaluate
from envkit.workflows.looking import trial as module
from envkit.workflows.looking.trial import trial


class Endless(gymnasium.Env):
    observation_space = spaces.Box(-9, 9, (2,), np.float64)
    action_space = spaces.Discrete(2)
    first = (1.0, 0.0)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.far = -3.0
        return np.array(self.first), {}

    def step(self, action):
        self.far *= 0.9
        return np.array([self.far, 0.5]), 1.0, False, False, {}


@pytest.mark.parametrize("id", ["CartPole-v1", "Blackjack-v1", "gridworld"])
def test_returns_and_lengths_are_those_of_evaluating_a_random_policy(id):
    ref = EnvRef.of(id)
    env = ref.make()
    found = trial(env, id, seed=3)
    same = evaluate(RandomPolicy(env.action_space), ref, episodes=5, seed=3)
    assert found.returns == tuple(same.returns)
    assert found.lengths == tuple(same.lengths)
    assert (found.cut, found.stopped) == (0, False)
    assert found.to_json()["microseconds_a_step"] > 0


def test_an_episode_without_an_end_is_cut_off_and_counted():
    found = trial(Endless(), "endless", seed=0)
    assert (found.lengths, found.returns, found.cut) == ((1000,) * 5, (1000.0,) * 5, 5)


def test_the_scale_is_how_far_from_0_each_number_came_the_first_observation_included():
    assert trial(Endless(), "endless", seed=0).scale.tolist() == pytest.approx([2.7, 0.5])
    assert trial(EnvRef.of("gridworld").make(), "gridworld", seed=0).scale is None
    assert trial(EnvRef.of("catch").make(), "catch", seed=0).scale is None


def test_a_first_observation_outside_the_space_is_not_shown():
    env = Endless()
    assert trial(env, "endless", seed=0).first.tolist() == [1.0, 0.0]
    env.first = (10.0, 0.0)
    assert trial(env, "endless", seed=0).first is None


def test_when_time_is_up_only_whole_episodes_count(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", -1.0)
    found = trial(Endless(), "endless", seed=0)
    assert found.stopped
    assert (found.returns, found.lengths, found.action) == ((), (), None)
    assert found.to_json()["microseconds_a_step"] is None


def test_what_goes_wrong_is_told_with_the_step():
    class Falls(Endless):
        def step(self, action):
            raise ValueError("through the ice")

    with pytest.raises(EnvironmentFailed, match=r"step\(.\) of lake, episode 0, step 0, raised ValueError: through"):
        trial(Falls(), "lake", seed=0)
