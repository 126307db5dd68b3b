"""The batch that an environment is registered with, its `vector_entry_point`."""

import inspect
from typing import Any

import gymnasium
from gymnasium.envs.registration import load_env_creator
from gymnasium.vector import AutoresetMode, VectorEnv

from envkit.workflows.benching.kind import Unavailable
from envkit.workflows.benching.subject import Subject


def native(subject: Subject, count: int) -> VectorEnv[Any, Any, Any]:
    """So many environments, resetting in the same step where the batch can be told to.

    Raises:
      Unavailable: the environment has no batch of its own.
    """
    entry: Any = subject.spec.vector_entry_point if subject.spec else None
    if entry is None:
        raise Unavailable("it is not registered with a vector_entry_point")
    takes = inspect.signature(load_env_creator(entry) if isinstance(entry, str) else entry).parameters
    mode = {"autoreset_mode": AutoresetMode.SAME_STEP} if "autoreset_mode" in takes else {}
    kwargs = {**subject.ref.kwargs, **mode}
    return gymnasium.make_vec(subject.spec, count, vectorization_mode="vector_entry_point", **kwargs)  # type: ignore[arg-type]
