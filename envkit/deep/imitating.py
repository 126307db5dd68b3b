"""Demonstrations as Stable-Baselines3's models take them: in their view of observations, and in their memories."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from envkit.core.errors import UsageError
from envkit.deep.demonstrations import Demonstrations, rows_of
from envkit.deep.normalizer import running


def as_seen(vec: Any, observations: Any) -> Any:
    """As a policy sees them: scaled, if its environments scale, by what is shown; pictures with the channels first."""
    from stable_baselines3.common.vec_env import unwrap_vec_normalize

    scaling = unwrap_vec_normalize(vec)
    if scaling is not None and scaling.norm_obs:
        for name, one in running(scaling).items():
            one.update(observations[name] if isinstance(observations, Mapping) else observations)
        observations = scaling.normalize_obs(observations)
    return _turned(vec, observations)


def fill(model: Any, found: Demonstrations) -> None:
    """Puts them into a model's replay memory, as if its environments had played them.

    Each environment gets a part of them in their order, so that what sums up several steps finds them together.

    Raises:
      UsageError: there are fewer steps than environments.
    """
    buffer, vec = model.replay_buffer, model.get_env()
    each = len(found) // buffer.n_envs
    if not each:
        raise UsageError(f"{len(found)} demonstrated steps are too few for {buffer.n_envs} environments")
    observations, following = _turned(vec, found.observations), _turned(vec, found.following)
    is_continuous = hasattr(model.action_space, "low")
    actions = model.policy.scale_action(found.actions) if is_continuous else found.actions
    for row in range(each):
        places = np.arange(buffer.n_envs) * each + row
        over = found.terminated[places]
        cut = ~over & (
            found.truncated[places] | (row + 1 == each)
        )  # its own steps, which follow, are of another episode
        buffer.add(
            rows_of(observations, places), rows_of(following, places), actions[places], found.rewards[places],
            over | cut, [{"TimeLimit.truncated": bool(one)} for one in cut],
        )  # fmt: skip


def _turned(vec: Any, observations: Any) -> Any:
    from stable_baselines3.common.vec_env import VecTransposeImage

    return vec.transpose_observations(observations) if isinstance(vec, VecTransposeImage) else observations
