"""The table of `envkit spaces` against Stable-Baselines3 itself: it takes exactly what the table says it takes."""

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.wrappers import FlattenObservation

sb3 = pytest.importorskip("stable_baselines3")

from envkit.workflows.spaces import DEEP, as_action, as_observation, tour  # noqa: E402 - after the skip

STOPS = {stop.alias: stop for stop in tour()}
SOUND = sorted(STOPS.keys() - {"lift"})  # a Discrete that does not start at 0 is taken, and then goes wrong
ACTIONS = {"DQN": spaces.Discrete(2), "PPO": spaces.Discrete(2), "A2C": spaces.Discrete(2)}


class Still(gymnasium.Env):
    """Any observation space with any action space; nothing happens in it."""

    def __init__(self, observation_space, action_space):
        self.observation_space, self.action_space = observation_space, action_space

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.observation_space.seed(0)
        return self.observation_space.sample(), {}

    def step(self, action):
        return self.observation_space.sample(), 0.0, False, False, {}


def accepts(name, env):
    """Whether the algorithm can be made for the environment, and acts on its observations."""
    policy = "MultiInputPolicy" if isinstance(env.observation_space, spaces.Dict) else "MlpPolicy"
    small = {"buffer_size": 10} if name in ("DQN", "DDPG", "SAC", "TD3") else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            learner = getattr(sb3, name)(policy, env, device="cpu", **small)
            action, _ = learner.predict(env.reset()[0])
    except (AssertionError, NotImplementedError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return bool(env.action_space.contains(np.asarray(action).astype(env.action_space.dtype)))


@pytest.mark.parametrize("alias", SOUND)
@pytest.mark.parametrize("name", DEEP)
def test_it_takes_observations_as_they_are_exactly_where_the_table_says_so(name, alias):
    space = STOPS[alias].observation_space
    env = Still(space, ACTIONS.get(name, spaces.Box(-1, 1, (1,), np.float32)))
    fit = as_observation(space)[name]
    assert accepts(name, env) == (fit == "")
    if fit == "FlattenObservation":
        assert accepts(name, FlattenObservation(env))


@pytest.mark.parametrize("alias", SOUND)
@pytest.mark.parametrize("name", DEEP)
def test_it_takes_actions_as_they_are_exactly_where_the_table_says_so(name, alias):
    space = STOPS[alias].observation_space
    assert accepts(name, Still(spaces.Box(-1, 1, (2,), np.float32), space)) == (as_action(space)[name] == "")
