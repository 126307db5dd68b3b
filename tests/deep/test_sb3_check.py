"""stable-baselines3's own checker accepts the bundled environments, warning of nothing that they could avoid."""

import re
import warnings

import pytest
from gymnasium import spaces

env_checker = pytest.importorskip("stable_baselines3.common.env_checker", reason="needs the extra deep")

from envkit.core import catalogue  # noqa: E402 - after the skip
from envkit.core.resolve import make  # noqa: E402 - after the skip

# The tour shows every kind of space, those too that stable-baselines3 does not take; it says so in these words.
NOT_TAKEN = re.compile("not supported by Stable.Baselines ?3|action space is not based off a numpy array")
# A board of numbers it does take, and flattens; but it would rather have a vector.
LIKED_LESS = {"envkit/Maze-v0": re.compile("has an unconventional shape")}


def beyond_its_checker(env):
    """Whether the checker itself falls over a kind of space, instead of saying that it does not take it."""
    return isinstance(env.observation_space, spaces.Text) or isinstance(env.action_space, spaces.Tuple)


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
