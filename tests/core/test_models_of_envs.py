from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import envkit
from envkit.core.errors import EnvironmentFailed, NoFiniteModel
from envkit.core.mdp import MDP
from envkit.core.model import hidden_model_text, model_of, no_model_text


class Lever(gymnasium.Env):
    """One step: pulling both levers pays 3."""

    observation_space = spaces.Box(0, 1, (1,))
    action_space = spaces.MultiBinary(2)

    def reset(self, *, seed=None, options=None):
        return np.zeros(1, np.float32), {}

    def step(self, action):
        return np.zeros(1, np.float32), float(2 * action[0] + action[1]), True, False, {}

    def mdp(self):
        return MDP.from_outcomes([(1.0, 0)], lambda state, action: [(1.0, 0, float(action), True)], 4)

    def state_of(self, observation):
        return 0


def test_a_toy_text_table_is_a_model_with_the_limit_of_the_spec():
    model = model_of(gymnasium.make("FrozenLake-v1"))
    assert (model.mdp.num_states, model.mdp.horizon, model.state_of, model.decode) == (16, 100, None, None)


class Tabled(Lever):
    """The same by a table of numbered states, which its observations are not."""

    action_space = spaces.Discrete(4)
    P = {0: {action: [(1.0, 0, float(action), True)] for action in range(4)}}  # noqa: RUF012 - as toy text has it
    initial_state_distrib = np.ones(1)

    def step(self, action):
        return np.zeros(1, np.float32), float(action), True, False, {}


def test_a_table_is_a_model_where_state_of_says_which_state_an_observation_is():
    class Unnumbered(Tabled):
        mdp = state_of = None

    class Numbered(Unnumbered):
        def state_of(self, observation):
            return 0

    solved = envkit.solve(Numbered, "value-iteration", run_dir=False, eval_episodes=3)
    assert (solved.mean_return, solved.gap) == (3.0, 0)
    with pytest.raises(NoFiniteModel, match=r"numbers the states, and observations are Box: add a method state_of"):
        envkit.mdp(Unnumbered)
    Unnumbered.initial_state_distrib = None
    with pytest.raises(NoFiniteModel, match="says nothing without the chances of the first states"):
        envkit.mdp(Unnumbered)


def test_a_model_of_ones_own_meets_the_environment_through_state_of_and_decode():
    solved = envkit.solve(Lever, "value-iteration", run_dir=False, eval_episodes=3)
    assert solved.mean_return == 3.0
    assert solved.gap == 0


def test_taxis_passenger_who_changes_their_mind_is_not_in_its_table():
    assert model_of(gymnasium.make("Taxi-v4", is_rainy=True)) is not None
    assert model_of(gymnasium.make("Taxi-v4", fickle_passenger=True)) is None


def test_an_environment_without_a_model_is_told_what_to_use():
    with pytest.raises(NoFiniteModel, match=r"CartPole-v1 has no finite model: .*wrap it in bins"):
        envkit.mdp("CartPole-v1")


def test_a_model_that_raises_is_the_environments_fault():
    class Broken(Lever):
        def mdp(self):
            raise ZeroDivisionError("by zero")

    with pytest.raises(EnvironmentFailed, match=r"mdp\(\) of Broken raised ZeroDivisionError: by zero"):
        envkit.mdp(Broken)


class Doubled(gymnasium.RewardWrapper):
    def reward(self, reward):
        return 2 * reward


class Told(Doubled):
    """The same, which says what has become of the model."""

    def mdp(self):
        inner = MDP.from_table(self.unwrapped.P, self.unwrapped.initial_state_distrib)
        return replace(inner, reward=2 * inner.reward)


class Framed(gymnasium.Wrapper):
    """Plays no part in the game."""

    def render(self):
        return None


def test_a_wrapper_that_may_change_the_game_hides_the_model():
    cliff = gymnasium.make("CliffWalking-v1")
    assert model_of(Doubled(cliff)) is None
    assert "that of CliffWalkingEnv may not hold within Doubled, which offers no mdp()" in no_model_text(
        "it", Doubled(cliff)
    )
    assert model_of(Framed(cliff)).mdp.num_states == 48
    assert model_of(gymnasium.wrappers.RecordEpisodeStatistics(cliff)).mdp.num_states == 48
    assert hidden_model_text(Doubled(gymnasium.make("CartPole-v1"))) == ""


def test_a_wrapper_may_offer_a_model_itself():
    told = model_of(Told(gymnasium.make("CliffWalking-v1"))).mdp
    assert told.reward.min() == -200
    assert told.reward.max() == -2
