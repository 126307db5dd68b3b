"""How far a long job is, as it is told to whoever waits for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """What is told now and then.

    Args:
      done, total: episodes, or whatever else is counted.
      steps: environment steps so far.
      mean_return: lately; nan before there is one.
      policy: what has been learnt, when called; None where there is nothing to show.
      gap: how far that is from the exact optimum, when called, for it takes a moment; None where nobody knows.
      about: what is going on, where it is not the job itself; then `total` means nothing.
      notice: a line that is worth a place of its own; then nothing else is told.
    """

    done: int
    total: int
    steps: int
    mean_return: float
    policy: Callable[[], Any] | None = None
    gap: Callable[[], float | None] | None = None
    about: str = ""
    notice: str = ""


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Reports nothing."""
