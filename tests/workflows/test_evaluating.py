import sys

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.errors import EnvironmentFailed
from envkit.core.policy import FunctionPolicy, RandomPolicy, TablePolicy
from envkit.core.ref import EnvRef
from envkit.workflows.evaluate import evaluate


class Coin(gymnasium.Env):
    """Three steps; each pays 1 with probability one half."""

    observation_space = spaces.Discrete(4)
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        return 0, {}

    def step(self, action):
        self.time += 1
        return self.time, float(self.np_random.random() < 0.5), self.time == 3, False, {}


ALWAYS_0 = TablePolicy(np.zeros(4, int))


def test_returns_are_sums_over_whole_episodes():
    found = evaluate(ALWAYS_0, EnvRef.of(Coin), episodes=400, seed=0)
    assert found.lengths.tolist() == [3] * 400
    assert found.mean == pytest.approx(1.5, abs=0.2)
    assert found.std == pytest.approx(np.sqrt(0.75), abs=0.1)
    assert found.cut == 0


def test_the_same_seed_plays_the_same_episodes():
    runs = [
        evaluate(RandomPolicy(Coin.action_space), EnvRef.of(Coin), episodes=20, seed=seed).returns for seed in (1, 1, 2)
    ]
    assert runs[0].tolist() == runs[1].tolist() != runs[2].tolist()


def test_an_episode_that_nothing_ends_is_cut_and_counted():
    class Endless(Coin):
        def step(self, action):
            return 0, 1.0, False, False, {}

    found = evaluate(ALWAYS_0, EnvRef.of(Endless), episodes=2, seed=0, cap=50)
    assert (found.cut, found.returns.tolist()) == (2, [50.0, 50.0])


@pytest.mark.parametrize("method", ["reset", "step"])
def test_what_the_environment_raises_is_told_with_its_place(method):
    class Breaks(Coin):
        def reset(self, *, seed=None, options=None):
            if method == "reset":
                raise ValueError("broken")
            return super().reset(seed=seed)

        def step(self, action):
            if self.time == 2:
                raise ValueError("broken")
            return super().step(action)

    place = r"reset\(seed=4\) of .* in episode 0" if method == "reset" else r"step\(0\) of .*, episode 0, step 2,"
    with pytest.raises(EnvironmentFailed) as caught:
        evaluate(ALWAYS_0, EnvRef.of(Breaks), episodes=2, seed=4)
    assert caught.value.method == method
    assert caught.match(place.partition(" in ")[0])
    assert "raised ValueError: broken" in str(caught.value)


@pytest.mark.parametrize("method", ["__init__", "reset", "step"])
def test_an_environment_that_calls_sys_exit_has_failed(method):
    class Leaves(Coin):
        def __init__(self):
            if method == "__init__":
                sys.exit(0)

        def reset(self, *, seed=None, options=None):
            if method == "reset":
                sys.exit("bye")
            return super().reset(seed=seed)

        def step(self, action):
            sys.exit()

    with pytest.raises(EnvironmentFailed, match="raised SystemExit") as caught:
        evaluate(ALWAYS_0, EnvRef.of(Leaves), episodes=2, seed=4)
    assert caught.value.method == method


@pytest.mark.parametrize(
    ("paid", "told"),
    [
        (np.nan, "the reward nan, which is no finite number"),
        (-np.inf, "the reward -inf, which is no finite number"),
        (1e300, "the reward 1e[+]300, too large to reckon with: returns are squared"),
        (None, "the reward None, which is no number"),
    ],
)
@pytest.mark.parametrize("n_envs", [1, 2])
def test_a_reward_of_which_no_return_can_be_made_is_told(paid, told, n_envs):
    class Pays(Coin):
        def step(self, action):
            observation, reward, *rest = super().step(action)
            return observation, paid if self.time == 2 else reward, *rest

    with pytest.raises(EnvironmentFailed, match=rf"step\(0\) of .*, episode 0, step 1, returned {told}$"):
        evaluate(ALWAYS_0, EnvRef.of(Pays), episodes=2, seed=0, n_envs=n_envs)


@pytest.mark.parametrize("n_envs", [1, 2])
def test_an_observation_of_another_shape_is_told_as_one(n_envs):
    class Shrinks(Coin):
        observation_space = spaces.Box(-1, 1, (3,))

        def reset(self, **given):
            _, info = super().reset(**given)
            return np.zeros(3, np.float32), info

        def step(self, action):
            _, *rest = super().step(action)
            return np.zeros(2, np.float32), *rest

    policy = FunctionPolicy(lambda seen: int(seen[2]))
    with pytest.raises(EnvironmentFailed, match=r"shows, which is an observation of shape \(2,\), not \(3,\)$"):
        evaluate(policy, EnvRef.of(Shrinks), episodes=2, seed=0, n_envs=n_envs)


def test_an_observation_that_the_model_does_not_know_is_told():
    class Strays(Coin):
        def step(self, action):
            return 99, 0.0, False, False, {}

    with pytest.raises(
        EnvironmentFailed, match=r"cannot act upon the observation 99 of .* in episode 0, step 1: IndexErr"
    ):
        evaluate(ALWAYS_0, EnvRef.of(Strays), episodes=1, seed=0)


class Kettle(Coin):
    metadata = {"render_modes": [], "metrics": {"heat": "degrees C"}}  # noqa: RUF012

    def step(self, action):
        observation, reward, terminated, truncated, _ = super().step(action)
        return observation, reward, terminated, truncated, {"heat": 10 * self.time}


def test_declared_metrics_are_summed_up_by_episodes():
    found = evaluate(ALWAYS_0, EnvRef.of(Kettle), episodes=2, seed=0)
    assert found.units == {"heat": "degrees C"}
    assert found.metrics["heat"].tolist() == [[30, 20, 10, 30]] * 2
    assert evaluate(ALWAYS_0, EnvRef.of(Coin), episodes=2, seed=0).metrics == {}


def test_a_metric_that_is_declared_and_missing_is_the_environments_fault():
    class Cold(Coin):
        metadata = Kettle.metadata

    with pytest.raises(EnvironmentFailed, match="the info of step 0 of .*Cold, episode 0, lacks 'heat'"):
        evaluate(ALWAYS_0, EnvRef.of(Cold), episodes=1, seed=0)
