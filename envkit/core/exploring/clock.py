"""The time limit of an environment that is to be explored, which is taken off for that and given to the model."""

from typing import Any

import gymnasium
from gymnasium import wrappers

from envkit.core.errors import NoFiniteModel
from envkit.core.exploring.player import Env
from envkit.core.layers import layers
from envkit.core.model import HARMLESS, time_limit

PLAIN = (gymnasium.Wrapper, gymnasium.ObservationWrapper, gymnasium.ActionWrapper, gymnasium.RewardWrapper)


def limit_of(env: Env, name: str) -> int | None:
    """The time limit. Raises NoFiniteModel where a wrapper may make more of one below it than passing it on."""
    above = ""
    for layer in layers(env):
        if isinstance(layer, wrappers.TimeLimit) and above:
            raise NoFiniteModel(
                f"{name} cannot be explored: what {above} makes of the time limit of {layer._max_episode_steps} steps "
                "below it is not known; learn without a model, --algo qlearning, or leave that limit out, "
                "--env-kwargs max_episode_steps=-1, and put one around it, --wrap max-steps=N"
            )
        if isinstance(layer, gymnasium.Wrapper) and not _keeps_time(layer):
            above = above or type(layer).__name__
    return time_limit(env)


def _keeps_time(wrapper: gymnasium.Wrapper[Any, Any, Any, Any]) -> bool:
    """Whether a step of it is one step of what it wraps, and truncation does nothing but end the episode."""
    known = isinstance(wrapper, (*HARMLESS, wrappers.FrameStackObservation))
    inherited = type(wrapper).step in [kind.step for kind in PLAIN]
    return known or inherited or getattr(type(wrapper), "keeps_time", False)
