"""Truncates an episode after so many steps."""

from gymnasium.wrappers import TimeLimit

from envkit.authoring.wrapping import Env, Wrapping, whole
from envkit.core.errors import UsageError
from envkit.core.model import time_limit


def make(env: Env, steps: int) -> Env:
    limit = time_limit(env)
    if limit is not None and steps > limit:
        raise UsageError(
            f"max-steps={steps} changes nothing, for episodes are truncated after {limit} steps already; "
            f"a longer limit is --env-kwargs max_episode_steps={steps}"
        )
    return TimeLimit(env, steps)


WRAPPER = Wrapping("max-steps", "truncated after N steps", "N", "200", whole, make)
