"""An environment in training is brought back to where it was, whatever its wrappers draw."""

import json

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.errors import ArtifactRefused
from envkit.core.resolve import make
from envkit.deep.monitored import FAILURE, Monitored, misshapen

NOISY = "CartPole-v1 with noise=0.1 end-penalty=-5"


def monitored(name=NOISY):
    return Monitored(make(name), name, 0)


def left_in_an_episode(steps=3):
    """In its second episode, which nobody has seeded."""
    env = monitored()
    env.reset(seed=4)
    env.step(0)
    env.reset()
    for number in range(steps):
        env.step(number % 2)
    return env


def test_noise_is_brought_back_too():
    env, twin = left_in_an_episode(), monitored()
    twin.restore(json.loads(json.dumps(env.mark())))
    for action in (0, 1, 1):
        assert (env.step(action)[0] == twin.step(action)[0]).all()
    assert (env.reset()[0] == twin.reset()[0]).all()


def test_a_seeded_episode_is_brought_back_by_its_seed():
    env, twin = monitored(), monitored()
    env.reset(seed=4)
    env.step(1)
    twin.restore(env.mark())
    assert (env.step(0)[0] == twin.step(0)[0]).all()


def test_what_leads_elsewhere_is_refused():
    mark = left_in_an_episode().mark() | {"actions": [1, 1, 1]}
    with pytest.raises(ArtifactRefused, match="shows something else now than it did then"):
        monitored().restore(mark)


def test_an_episode_s_end_tells_the_shaped_return_and_the_environment_s_own():
    env = monitored()
    env.reset(seed=0)
    over = False
    while not over:
        *_, terminated, truncated, info = env.step(0)
        over = terminated or truncated
    assert info["episode"]["r"] == info["episode"]["l"] - 5
    assert info["episode"]["own"] == info["episode"]["l"]


FOUR, PARTS = spaces.Box(-1, 1, (4,), np.float32), spaces.Dict(a=spaces.Discrete(3), b=spaces.Box(0, 1, (2, 2)))


@pytest.mark.parametrize(
    ("space", "observation", "why"),
    [
        (FOUR, np.zeros(4), ""),
        (FOUR, [0.0] * 4, ""),
        (FOUR, np.zeros(1), "an observation of shape (1,), not (4,)"),
        (FOUR, np.zeros((4, 1)), "an observation of shape (4, 1), not (4,)"),
        (FOUR, None, "an observation of shape (), not (4,)"),
        (FOUR, [[1.0], [1.0, 2.0]], "[[1], [1, 2]], which is no array of shape (4,)"),
        (spaces.Discrete(3), np.int64(2), ""),
        (spaces.Discrete(3), None, "None, not a whole number"),
        (spaces.Discrete(3), np.zeros(2), "an observation of shape (2,), not ()"),
        (PARTS, {"a": 1, "b": np.zeros((2, 2))}, ""),
        (PARTS, {"a": 1, "b": np.zeros(2)}, "an observation of shape (2,), not (2, 2) under the key 'b'"),
        (PARTS, {"a": 1}, "{'a': 1}, not a dictionary of a, b"),
        (PARTS, np.zeros(2), "array([0, 0], float64), not a dictionary of a, b"),
    ],
)
def test_what_has_another_shape_than_its_space_is_told(space, observation, why):
    assert misshapen(space, observation) == why


@pytest.mark.parametrize("when", ["reset", "step"])
def test_a_buffer_never_gets_what_does_not_fit_into_it(when):
    class Short(gymnasium.Env):
        observation_space, action_space = FOUR, spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            return np.zeros(1 if when == "reset" else 4, np.float32), {}

        def step(self, action):
            return np.zeros(1, np.float32), 0.0, False, False, {}

    env = Monitored(Short(), "short", 2)
    observation, info = env.reset(seed=0)
    assert observation.shape == (4,)
    if when == "step":
        observation, _, _, truncated, info = env.step(1)
        assert truncated
        assert observation.shape == (4,)
    call = "reset()" if when == "reset" else "step(1)"
    shape = "an observation of shape (1,), not (4,)"
    assert info[FAILURE] == f"{call} of short, environment 2, episode 0, step 0, returned {shape}"
