"""What is odd in an evaluation is said, and stops nothing."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import envkit
from envkit.core.drive import holds
from envkit.core.errors import EnvironmentFailed


class Lever(gymnasium.Env):
    """Four steps; whatever is done is taken as it comes. The third observation may be spoilt."""

    observation_space = spaces.Box(-1, 1, (2,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self, spoilt=0.0):
        self.spoilt = spoilt

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        return np.zeros(2, np.float32), {}

    def step(self, action):
        self.time += 1
        return np.array([0, self.spoilt if self.time == 3 else 0], np.float32), 1.0, self.time == 4, False, {}


class Strict(Lever):
    def step(self, action):
        return super().step({0: 0, 1: 1}[action])


class Calls:
    """A function that answers 5 when it is asked for the third time."""

    def __init__(self):
        self.times = 0

    def __call__(self, observation):
        self.times += 1
        return 5 if self.times == 3 else 1


def oddities(policy, n_envs=1, **given):
    judged = envkit.evaluate(policy, Lever, env_kwargs=given, episodes=2, n_envs=n_envs)
    assert judged.evaluation.returns.tolist() == [4, 4]
    return judged


def test_actions_outside_the_space_are_counted_and_the_first_is_shown():
    judged = oddities(Calls())
    (told,) = judged.oddities
    assert told.startswith("1 of 8 actions were not in Discrete(2), the first 5 in episode 0, step 2: what ")
    assert told in str(judged)
    assert told in judged.to_json()["notes"]


@pytest.mark.parametrize("spoilt", [np.nan, np.inf])
@pytest.mark.parametrize("n_envs", [1, 2])
def test_observations_that_are_no_numbers_are_told_with_their_place(spoilt, n_envs):
    (told,) = oddities(lambda _: 1, n_envs, spoilt=spoilt).oddities
    assert "episode 0, step 2, returned an observation with" in told
    assert f"{spoilt:g} at [1]" in told
    assert told.endswith("; so did 1 later call")


@pytest.mark.parametrize("n_envs", [1, 2])
def test_nothing_is_said_of_what_is_as_it_should_be(n_envs):
    assert oddities(lambda _: np.int64(1), n_envs).oddities == ()


class Alone(Lever):
    """There can be only one of it at a time."""

    made = 0

    def __init__(self, spoilt=0.0):
        super().__init__(spoilt)
        Alone.made += 1
        assert Alone.made == 1

    def close(self):
        Alone.made -= 1


def test_an_environment_is_never_made_while_another_one_plays():
    assert envkit.evaluate(lambda _: 1, Alone, episodes=2).mean_return == 4


def test_an_error_of_the_environment_says_that_the_action_was_none():
    with pytest.raises(EnvironmentFailed, match=r"raised KeyError: 7; that is no action of Discrete\(2\)"):
        envkit.evaluate(lambda _: 7, Strict, episodes=1)


@pytest.mark.parametrize(
    ("space", "action", "is_held"),
    [
        (spaces.Discrete(3), 2, True),
        (spaces.Discrete(3), np.int64(2), True),
        (spaces.Discrete(3), 3, False),
        (spaces.Discrete(3), 1.5, False),
        (spaces.Discrete(3), None, False),
        (spaces.Box(-1, 1, (2,), np.float32), np.array([0.5, -1.0]), True),
        (spaces.Box(-1, 1, (2,), np.float32), [0.5, 1], True),
        (spaces.Box(-1, 1, (2,), np.float32), np.array([0.5, -1.5]), False),
        (spaces.Box(-1, 1, (2,), np.float32), np.array([0.5, np.nan]), False),
        (spaces.Box(-1, 1, (2,), np.float32), 0.5, False),
        (spaces.Box(-1, 1, (2,), np.float32), "left!", False),
        (spaces.Box(-1, 1, (2,), np.float32), [[0], [0, 1]], False),
        (spaces.Dict(x=spaces.Discrete(2)), {"x": 1}, True),
        (spaces.Dict(x=spaces.Discrete(2)), {"y": 1}, False),
    ],
)
def test_what_a_space_holds(space, action, is_held):
    assert holds(space, action) is is_held
