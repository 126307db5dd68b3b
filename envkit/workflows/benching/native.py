"""The batch that an environment is registered with, to be timed."""

from typing import Any

from gymnasium.vector import VectorEnv

from envkit.core.batches import batch
from envkit.core.errors import UsageError
from envkit.workflows.benching.kind import Unavailable
from envkit.workflows.benching.subject import Subject


def native(subject: Subject, count: int) -> VectorEnv[Any, Any, Any]:
    """So many environments, resetting in the same step where the batch can be told to.

    Raises:
      Unavailable: the environment has no batch of its own.
    """
    try:
        return batch(subject.ref, count)
    except UsageError as error:
        raise Unavailable(str(error)) from error
