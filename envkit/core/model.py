"""The finite model of an environment, where it has one.

An environment offers its model in one of two ways: a method `mdp()` that returns an `MDP` (and, where an observation
is not the state's number, a method `state_of(observation)`), or toy-text's attributes `P` and `initial_state_distrib`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium
from gymnasium import spaces

from envkit.core.errors import EnvironmentFailed, EnvkitError, NoFiniteModel
from envkit.core.finite import decode_of
from envkit.core.mdp import MDP
from envkit.core.show import error_line


@dataclass(frozen=True)
class Model:
    """A finite model, and how it meets the environment.

    Args:
      mdp: the model, its horizon being the spec's time limit where that is sooner.
      state_of: observation -> state number; None when the observation is the number.
      decode: action number -> the environment's action; None when they are the same.
    """

    mdp: MDP
    state_of: Callable[[Any], int] | None = None
    decode: Callable[[int], Any] | None = None


def model_of(env: gymnasium.Env[Any, Any]) -> Model | None:
    """The environment's finite model, or None when it offers none."""
    core = env.unwrapped
    limit = env.spec.max_episode_steps if env.spec else None
    decode = decode_of(env.action_space)
    offered = getattr(core, "mdp", None)
    if callable(offered):
        try:
            mdp = offered()
        except EnvkitError:
            raise
        except Exception as error:
            message = f"mdp() of {type(core).__name__} raised {error_line(error)}"
            raise EnvironmentFailed(message, method="mdp", cause=error) from error
        if mdp is None:
            return None
        return Model(mdp.limited(limit), getattr(core, "state_of", None), decode)
    table, start = getattr(core, "P", None), getattr(core, "initial_state_distrib", None)
    if getattr(core, "fickle_passenger", False):  # Taxi: the passenger who changes their mind is not in its P
        return None
    if isinstance(table, dict) and start is not None and isinstance(env.observation_space, spaces.Discrete):
        return Model(MDP.from_table(table, start, horizon=limit), None, decode)
    return None


def mdp(target: Any, **env_kwargs: Any) -> MDP:
    """The finite model of whatever `EnvRef` can name.

    Raises:
      NoFiniteModel: when the environment offers none.
    """
    from envkit.core.ref import EnvRef

    ref = EnvRef.of(target, **env_kwargs)
    env = ref.make()
    try:
        model = model_of(env)
    finally:
        env.close()
    if model is None:
        raise NoFiniteModel(no_model_text(str(ref)))
    return model.mdp


def no_model_text(name: str) -> str:
    return (
        f"{name} has no finite model: it offers neither a method mdp() nor a toy-text table P; "
        "a learner needs none: --algo qlearning"
    )
