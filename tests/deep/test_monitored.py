"""An environment in training is brought back to where it was, whatever its wrappers draw."""

import json

import pytest

from envkit.core.errors import ArtifactRefused
from envkit.core.resolve import make
from envkit.deep.monitored import Monitored

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
