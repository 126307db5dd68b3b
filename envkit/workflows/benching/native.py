"""The batch that an environment is registered with, its `vector_entry_point`."""

import contextlib
from typing import Any

import gymnasium
from gymnasium.vector import AutoresetMode, VectorEnv

from envkit.workflows.benching.kind import Unavailable
from envkit.workflows.benching.subject import Subject


def native(subject: Subject, count: int) -> VectorEnv[Any, Any, Any]:
    """So many environments, resetting in the same step where the batch can be told to.

    Raises:
      Unavailable: the environment has no batch of its own.
    """
    if subject.spec is None or subject.spec.vector_entry_point is None:
        raise Unavailable("it is not registered with a vector_entry_point")
    with contextlib.suppress(TypeError):  # it takes no such argument, and resets as it does
        return _made(subject, count, autoreset_mode=AutoresetMode.SAME_STEP)
    return _made(subject, count)


def _made(subject: Subject, count: int, **extra: Any) -> VectorEnv[Any, Any, Any]:
    kwargs = {**subject.ref.kwargs, **extra}
    return gymnasium.make_vec(subject.spec, count, vectorization_mode="vector_entry_point", **kwargs)  # type: ignore[arg-type]
