"""Attributes and methods of the environments in a batch, as far as there are any.

Gymnasium's own batches hold single environments, here or in worker processes. Any other batch is one object: what it
has belongs to all its environments alike, and can be set and called for all of them only.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv, VectorEnv

Batch = VectorEnv[Any, Any, Any]
ASKED_OF_SOME = "action_masks"  # tells something and changes nothing, so calling it for all of them does no harm


def has(env: Batch, name: str) -> bool:
    """Whether all environments, or the batch that they are, have the attribute."""
    if isinstance(env.unwrapped, SyncVectorEnv | AsyncVectorEnv):
        # Asked in this way, for a worker that is asked for what it lacks ends, and all the others with it.
        return all(env.unwrapped.call("has_wrapper_attr", name))
    return _holder(env, name) is not None


def get(env: Batch, name: str, places: Sequence[int]) -> list[Any]:
    _expect(env, name)
    if isinstance(env.unwrapped, SyncVectorEnv):
        return [env.unwrapped.envs[place].get_wrapper_attr(name) for place in places]
    if isinstance(env.unwrapped, AsyncVectorEnv):
        values = env.unwrapped.get_attr(name)
        return [values[place] for place in places]
    return [getattr(_holder(env, name), name)] * len(places)


def put(env: Batch, name: str, value: Any, places: Sequence[int]) -> None:
    if isinstance(env.unwrapped, SyncVectorEnv):
        for place in places:
            env.unwrapped.envs[place].set_wrapper_attr(name, value)
        return
    _expect_all(env, f"set {name!r} of", places)
    if isinstance(env.unwrapped, AsyncVectorEnv):
        env.unwrapped.set_attr(name, [value] * env.num_envs)
    else:
        setattr(_holder(env, name) or env.unwrapped, name, value)


def call(
    env: Batch, name: str, places: Sequence[int], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> list[Any]:
    """What the method returns for each of these environments; one object's answer of their number is split."""
    _expect(env, name)
    if isinstance(env.unwrapped, SyncVectorEnv):
        return [env.unwrapped.envs[place].get_wrapper_attr(name)(*arguments, **keywords) for place in places]
    if name != ASKED_OF_SOME:
        _expect_all(env, f"call {name!r} of", places)
    if isinstance(env.unwrapped, AsyncVectorEnv):
        values: Any = env.unwrapped.call(name, *arguments, **keywords)
    else:
        values = getattr(_holder(env, name), name)(*arguments, **keywords)
    batched = isinstance(values, np.ndarray | list | tuple) and len(values) == env.num_envs
    return [values[place] if batched else values for place in places]


def wrapped(env: Batch, wrapper: type, place: int) -> bool:
    """Whether the single environment there is in such a wrapper; False where there is none to look at."""
    inner: Any = env.unwrapped.envs[place] if isinstance(env.unwrapped, SyncVectorEnv) else None
    while inner is not None and inner is not inner.unwrapped:
        if isinstance(inner, wrapper):
            return True
        inner = inner.env
    return False


def _holder(env: Any, name: str) -> Any:
    """The outermost of the batch and its wrappers that has the attribute; None where none has."""
    while env is not None:
        if name in vars(env) or hasattr(type(env), name):
            return env
        env = vars(env).get("env")
    return None


def _expect(env: Batch, name: str) -> None:
    if not has(env, name):
        raise AttributeError(f"{type(env.unwrapped).__name__} and its environments have no {name!r}")


def _expect_all(env: Batch, what: str, places: Sequence[int]) -> None:
    if list(places) != list(range(env.num_envs)):
        raise ValueError(
            f"cannot {what} environments {list(places)} alone: the batch {type(env.unwrapped).__name__} does it "
            f"for all {env.num_envs} together; leave indices out"
        )
