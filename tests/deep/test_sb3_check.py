"""stable-baselines3's own checker accepts the bundled environments, warning of nothing that they could avoid."""

import re
import warnings

import gymnasium
import pytest
from gymnasium import spaces

env_checker = pytest.importorskip("stable_baselines3.common.env_checker", reason="needs the extra deep")

from envkit.check.api import check  # noqa: E402 - after the skip
from envkit.core import catalogue  # noqa: E402 - after the skip
from envkit.core.resolve import make  # noqa: E402 - after the skip

# The tour shows every kind of space, those too that stable-baselines3 does not take; it says so in these words.
NOT_TAKEN = re.compile("not supported by Stable.Baselines ?3|action space is not based off a numpy array")
# A board of numbers it does take, and flattens; but it would rather have a vector.
LIKED_LESS = {"envkit/Maze-v0": re.compile("has an unconventional shape")}


def beyond_its_checker(env):
    """Whether the checker itself falls over a kind of space, instead of saying that it does not take it."""
    return isinstance(env.observation_space, spaces.Text) or isinstance(env.action_space, spaces.Tuple)


class Five(gymnasium.Env):
    """Terminates at the very step at which the time is over as well, of which its vector environment tells one."""

    observation_space, action_space = spaces.Discrete(6), spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return 0, {}

    def step(self, action):
        self.steps += 1
        return self.steps, 1.0, self.steps == 5, self.steps == 5, {}


def test_an_end_in_two_ways_at_once_is_no_fault_of_the_environment():
    report = check(Five, budget="thorough", select=["EK851"], isolation=False)
    assert report.findings == ()


@pytest.mark.parametrize("id", list(catalogue.bundled_ids()))
def test_the_checker_of_stable_baselines3_has_nothing_to_say(id):
    env = make(id, render_mode="rgb_array")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if beyond_its_checker(env):
            with pytest.raises((AssertionError, ValueError), match="numpy array|inhomogeneous"):
                env_checker.check_env(env.unwrapped, warn=True)
        else:
            env_checker.check_env(env.unwrapped, warn=True)
    env.close()
    said = [str(warning.message) for warning in caught]
    expected = [NOT_TAKEN, *([LIKED_LESS[id]] if id in LIKED_LESS else [])]
    assert [text for text in said if not any(pattern.search(text) for pattern in expected)] == []
