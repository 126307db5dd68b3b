"""What a row of the table is made of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from envkit.workflows.benching.subject import Subject

STEP, FRAME, RESET, MAKE = "step", "frame", "reset", "make"  # what is counted


class Unavailable(Exception):
    """The row cannot be measured here; the text says why."""


class Player(Protocol):
    """Something to be timed, which goes on where it stopped."""

    def play(self, calls: int) -> None:
        """Does it so many times: nothing else is on the clock."""

    def counted(self) -> int:
        """How many of what is counted the last `play` did."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Offer:
    """A row to be measured.

    Args:
      name: in the table.
      make: opens it; raises Unavailable where it cannot be.
      num_envs: of a vectorised one.
      unit: what is counted.
      about: the wrapper that is outermost.
      inner: it is no row of the table, but a layer of wrappers, which the shares are worked out from.
      needed: without it there is nothing to say about the environment.
    """

    name: str
    make: Callable[[], Player]
    num_envs: int | None = None
    unit: str = STEP
    about: str = ""
    inner: bool = False
    needed: bool = False

    @property
    def key(self) -> str:
        return self.name if self.num_envs is None else f"{self.name} x {self.num_envs}"


@dataclass(frozen=True)
class Kind:
    """A file of `rows`: what it offers for an environment, and its place in the table."""

    place: int
    offers: Callable[[Subject], Iterator[Offer]]
