"""The finite model of an environment, where it has one.

An environment offers its model in one of two ways: a method `mdp()` that returns an `MDP` (and, where an observation
is not the state's number, a method `state_of(observation)`), or toy-text's attributes `P` and `initial_state_distrib`,
with `state_of` likewise.
A wrapper that may change the game hides it, unless it offers a model itself.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces, wrappers

from envkit.core.errors import FOREIGN, EnvironmentFailed, EnvkitError, NoFiniteModel
from envkit.core.finite import MOST_ACTIONS, decode_of, endless_part, size
from envkit.core.layers import layers
from envkit.core.mdp import MDP
from envkit.core.shaping import OwnReturn
from envkit.core.show import error_line, show

HARMLESS = (  # wrappers that take part in the game and change nothing of it; of a time limit the model is told
    wrappers.TimeLimit, wrappers.OrderEnforcing, wrappers.PassiveEnvChecker, wrappers.RecordEpisodeStatistics,
    wrappers.RecordVideo, wrappers.RenderCollection, wrappers.HumanRendering, OwnReturn,
)  # fmt: skip
OWN, EXPLORED, ESTIMATED = "own", "explored", "estimated"  # origins: the last is not exact
MOST_BINNED = 8  # numbers; ten bins of each make a hundred million states


@dataclass(frozen=True)
class Model:
    """A finite model, and how it meets the environment.

    Args:
      mdp: the model, its horizon being the time limit where that is sooner.
      state_of: observation -> state number; None when the observation is the number.
      decode: action number -> the environment's action; None when they are the same.
      origin: where it is from.
    """

    mdp: MDP
    state_of: Callable[[Any], int] | None = None
    decode: Callable[[int], Any] | None = None
    origin: str = OWN


def model_of(env: gymnasium.Env[Any, Any]) -> Model | None:
    """The environment's finite model, or None when it offers none."""
    core, changes = _offering(env)
    if changes:
        return None
    limit = time_limit(env)
    decode = decode_of(env.action_space)
    offered = getattr(core, "mdp", None)
    if callable(offered):
        try:
            mdp = offered()
        except EnvkitError:
            raise
        except FOREIGN as error:
            message = f"mdp() of {type(core).__name__} raised {error_line(error)}"
            raise EnvironmentFailed(message, method="mdp", cause=error) from error
        if mdp is None:
            return None
        if not isinstance(mdp, MDP):
            message = f"mdp() of {type(core).__name__} returned {show(mdp)}, which is no envkit.MDP"
            raise EnvironmentFailed(message, method="mdp")
        return Model(mdp.limited(limit), getattr(core, "state_of", None), decode)
    table, start = getattr(core, "P", None), getattr(core, "initial_state_distrib", None)
    if getattr(core, "fickle_passenger", False):  # Taxi: the passenger who changes their mind is not in its P
        return None
    state_of = getattr(core, "state_of", None)
    numbered = isinstance(env.observation_space, spaces.Discrete) or callable(state_of)
    if isinstance(table, dict) and start is not None and numbered:
        return Model(MDP.from_table(table, start, horizon=limit), state_of, decode)
    return None


def time_limit(env: gymnasium.Env[Any, Any]) -> int | None:
    """Steps after which an episode is truncated: the least limit of the spec and of the wrappers; None without any."""
    limits = [env.spec.max_episode_steps] if env.spec and env.spec.max_episode_steps is not None else []
    limits += [layer._max_episode_steps for layer in layers(env) if isinstance(layer, wrappers.TimeLimit)]
    return min(limits, default=None)


def _offering(env: gymnasium.Env[Any, Any]) -> tuple[gymnasium.Env[Any, Any], str]:
    """What may offer a model: the environment itself, or a wrapper around it; and the wrapper that hides it, if any."""
    while isinstance(env, gymnasium.Wrapper):
        kind = type(env)
        if callable(getattr(kind, "mdp", None)):
            return env, ""
        plays = kind.step is not gymnasium.Wrapper.step or kind.reset is not gymnasium.Wrapper.reset
        if plays and not isinstance(env, HARMLESS):
            return env.unwrapped, kind.__name__
        env = env.env
    return env, ""


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
        if model is None:
            raise NoFiniteModel(no_model_text(str(ref), env))
        return model.mdp
    finally:
        env.close()


def no_model_text(name: str, env: gymnasium.Env[Any, Any]) -> str:
    """Why there is nothing to plan on, and what to do: learn, where a table can hold what is learnt."""
    lacks = hidden_model_text(env) or _unread_table_text(env)
    return (
        f"{name} has no finite model: {lacks}; "
        f"{no_table_text(env) or '--explore builds one by playing, and a learner needs none: --algo qlearning'}"
    )


def _unread_table_text(env: gymnasium.Env[Any, Any]) -> str:
    """Why there is none where nothing hides it."""
    core, _ = _offering(env)
    if not isinstance(getattr(core, "P", None), dict) or getattr(core, "fickle_passenger", False):
        return "it offers neither a method mdp() nor a toy-text table P"
    if getattr(core, "initial_state_distrib", None) is None:
        return "its table P says nothing without the chances of the first states, initial_state_distrib"
    kind = type(env.observation_space).__name__
    return f"its table P numbers the states, and observations are {kind}: add a method state_of(observation)"


def hidden_model_text(env: gymnasium.Env[Any, Any]) -> str:
    """Why the model of the innermost environment is not used; an empty text where it is, or there is none."""
    core, wrapper = _offering(env)
    if not wrapper or not (callable(getattr(core, "mdp", None)) or hasattr(core, "P")):
        return ""
    return f"that of {type(core).__name__} may not hold within {wrapper}, which offers no mdp() of its own"


def no_table_text(env: gymnasium.Env[Any, Any]) -> str:
    """Why no table can hold what is learnt from the environment, and what to do; an empty text where one can."""
    faults, remedies = [], []
    observation, action = env.observation_space, env.action_space
    endless = endless_part(observation, "observation", counted=False)
    if endless:
        where, space = endless
        faults.append(f"its {where} is {_short(space)}")
        how = "wrap it in bins" if isinstance(space, spaces.Box) else "turn it into numbered values"
        ways = ["--bins 10"] if _is_small(observation) else []
        ways += ["gymnasium.wrappers.DiscretizeObservation"] if _has_bounds(observation) else []
        ways.append("an ObservationWrapper to a Discrete space")
        remedies.append(f"{how} ({', or '.join(ways)})")
    endless = endless_part(action, "action", counted=True)
    count = size(action) or 0
    if endless or count > MOST_ACTIONS:
        where, space = endless or ("action", action)
        faults.append(f"its {where} is {_short(space)}" if endless else f"its action has {count:,} values")
        ready = "gymnasium.wrappers.DiscretizeAction, or " if _has_bounds(action) else ""
        remedies.append(f"offer a few actions ({ready}an ActionWrapper from a Discrete space)")
    if not faults:
        return ""
    return f"{' and '.join(faults)}, which no table can hold; {', '.join(remedies)} and name the function: file.py:make"


def _is_small(space: spaces.Space[Any]) -> bool:
    """Whether it has so few numbers that bins of them are of use."""
    return isinstance(space, spaces.Box) and math.prod(space.shape) <= MOST_BINNED


def _has_bounds(space: spaces.Space[Any]) -> bool:
    """Whether Gymnasium's own wrappers can cut it into bins, and few enough to be of use."""
    return isinstance(space, spaces.Box) and space.is_bounded() and _is_small(space)


def _short(space: spaces.Space[Any]) -> str:
    """`continuous, a Box of 4 numbers (float32)`."""
    if not isinstance(space, spaces.Box):
        return f"of the kind {type(space).__name__}"
    sides = " x ".join(map(str, space.shape)) or "1"
    numbers = f"a Box of {sides} number{'' if sides == '1' else 's'} ({space.dtype})"
    return f"continuous, {numbers}" if np.issubdtype(space.dtype, np.floating) else numbers
