"""The batch that an environment is registered with, its `vector_entry_point`."""

import contextlib
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode, VectorEnv

from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef
from envkit.core.resolve import locate, wrappers


def without_batch(ref: EnvRef) -> str:
    """Why there is no such batch; empty where there is one."""
    if ref.parts[1]:
        why: str = wrappers().without_batch(ref)
        return why
    source = locate(ref)
    if isinstance(source, EnvSpec) and source.vector_entry_point is not None:
        return ""
    return f"{ref} has no batch of its own: it is not registered with a vector_entry_point"


def batch(ref: EnvRef, count: int) -> VectorEnv[Any, Any, Any]:
    """So many environments as one batch, resetting in the same step where it can be told to.

    Raises:
      UsageError: the environment has no batch of its own.
    """
    why = without_batch(ref)
    if why:
        raise UsageError(why)
    if ref.parts[1]:
        made: VectorEnv[Any, Any, Any] = wrappers().batch(ref, count)
        return made
    source = locate(ref)
    assert isinstance(source, EnvSpec)
    with contextlib.suppress(TypeError):  # it takes no such argument, and resets as it does
        return _made(ref, source, count, autoreset_mode=AutoresetMode.SAME_STEP)
    return _made(ref, source, count)


def _made(ref: EnvRef, spec: EnvSpec, count: int, **extra: Any) -> VectorEnv[Any, Any, Any]:
    kwargs = {**ref.kwargs, **extra}
    return gymnasium.make_vec(spec, count, vectorization_mode="vector_entry_point", **kwargs)
