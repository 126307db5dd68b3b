"""Stopping in the middle of learning, and going on from there as if nothing had happened.

What is kept is the whole course: the tables, where the loop stood, the random numbers that were drawn and not yet used,
and the state of their generator. On a model that is all there is, so any moment will do. The real environment has a
state of its own, which nobody can save; so every `ROUND` episodes it is reset with a seed of its own, and only there
the course is kept. What follows then depends on nothing that came before, if the environment keeps the contract of
`reset(seed=...)`.

What is kept is plain arrays, by name.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from envkit.core.errors import EnvkitError
from envkit.runs.arrays import Arrays

ROUND = 16  # episodes of a real environment between two moments at which it can be stopped
EVERY = 60.0  # seconds between two copies that are written just in case


class Stopped(EnvkitError):
    """Learning was interrupted, and is kept."""

    def __init__(self, episodes: int, total: int):
        super().__init__(f"stopped after {episodes:,} of {total:,} episodes")


def never() -> bool:
    return False


def nowhere(arrays: Arrays) -> None:
    """Keeps nothing."""


@dataclass(frozen=True)
class Keeper:
    """Where a course is kept.

    Args:
      kept: of an earlier run, from which to go on; None for a fresh start.
      save: writes it.
      asked: whether somebody wants it to stop.
    """

    kept: Arrays | None = None
    save: Callable[[Arrays], None] = field(default=nowhere)
    asked: Callable[[], bool] = field(default=never)


def generator_text(rng: np.random.Generator) -> str:
    """The state of a generator as JSON."""
    return json.dumps(rng.bit_generator.state, default=lambda value: value.tolist())


def set_generator(rng: np.random.Generator, text: str) -> None:
    state = json.loads(text)
    inner = state["state"]
    state["state"] = {
        name: np.array(value, np.uint64) if isinstance(value, list) else value for name, value in inner.items()
    }
    rng.bit_generator.state = state


def frozen(value: Any) -> Any:
    """A key as it was before JSON made lists of its tuples."""
    return tuple(map(frozen, value)) if isinstance(value, list) else value
