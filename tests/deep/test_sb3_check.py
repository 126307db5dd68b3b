"""stable-baselines3's own checker accepts the bundled environments, warning of nothing that they could avoid."""

import re
import warnings

import pytest

env_checker = pytest.importorskip("stable_baselines3.common.env_checker", reason="needs the extra deep")

from envkit.core import catalogue  # noqa: E402
from envkit.core.resolve import make  # noqa: E402

# What a space of the tour cannot avoid, for stable-baselines3 does not take that kind of space.
UNAVOIDABLE = re.compile(
    "|".join(
        [
            "observation space .* not supported", "action space .* not supported", "isn't supported", "is not supported",
            "nested", "Nested", "unconventional shape", "start", "non zero start", "Sequence", "Graph", "OneOf", "Text",
            "must be one of", "minimal resolution",
        ]
    )
)  # fmt: skip


@pytest.mark.parametrize("id", list(catalogue.bundled_ids()))
def test_the_checker_of_stable_baselines3_has_nothing_to_say(id):
    env = make(id, render_mode="rgb_array")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        env_checker.check_env(env.unwrapped, warn=True)
    env.close()
    said = [str(warning.message) for warning in caught]
    assert [text for text in said if not UNAVOIDABLE.search(text)] == []
