"""Chance for a batch of environments: for each row the very numbers that an environment of its own would draw.

A single environment draws with `self.np_random.random()`. A row of a batch has a generator that is seeded the same way,
and takes the same numbers from it, many at a time: a block of them costs little more than one. So a batch plays the
same episodes as single environments with the same seeds, as long as both draw uniform numbers only. (A normal number
takes a varying number of draws, and `integers` keeps half a draw for later: neither can be taken by the block.)

`Generator.uniform(low, high)` is `low + (high - low) * random()`, so that a single environment may call it as well.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.utils import seeding

Rows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
BLOCK = 128  # numbers drawn ahead; 4,096 rows then take 4 MB


class Dice:
    """A stream of uniform numbers for each row.

    Args:
      size: how many rows.
      block: how many numbers are drawn ahead; 1 keeps a generator that somebody else looks at in step.
    """

    def __init__(self, size: int, *, block: int = BLOCK):
        self.block = block
        self.seeds: list[int | None] = [None] * size
        self.generators: list[np.random.Generator | None] = [None] * size  # made when a row is first rolled
        self.numbers = np.empty((size, block))
        self.used = np.full(size, block)  # of each row's block
        self.resting: npt.NDArray[np.bool_] | None = None  # rows that draw nothing for now, bool [size]
        self._all = np.arange(size)

    def seed(self, row: int, seed: int) -> None:
        """Begins the row's stream anew, as `reset(seed=seed)` of a single environment does."""
        self.seeds[row], self.generators[row] = seed, None
        self.used[row] = self.block

    def follow(self, row: int, generator: np.random.Generator) -> None:
        """Takes the row's numbers from this generator from now on."""
        self.generators[row] = generator
        self.used[row] = self.block

    def get_state(self) -> dict[str, Any]:
        """All that the coming numbers depend on, in copies."""
        return {
            "seeds": list(self.seeds),
            "generators": [None if one is None else one.bit_generator.state for one in self.generators],
            "used": self.used.copy(),
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes back to what `get_state` returned of dice of as many rows and as large a block."""
        self.seeds, self.used = list(state["seeds"]), np.array(state["used"])
        for row, kept in enumerate(state["generators"]):
            generator = self.generators[row] = None if kept is None else seeding.np_random(0)[0]
            if generator is None:
                continue
            bits: Any = generator.bit_generator
            bits.state = kept
            if self.used[row] < self.block:  # the block that was begun was drawn before
                bits.advance(-self.block)
                generator.random(out=self.numbers[row])

    def roll(self, rows: Rows | None = None) -> Numbers:
        """float64 [rows] from 0 inclusive to 1 exclusive, of all rows by default; 0 for rows that are resting."""
        if self.resting is None:
            return self._take_all() if rows is None else self._take(rows)
        asked = self._all if rows is None else rows
        awake = ~self.resting[asked]
        numbers = np.zeros(len(asked))
        numbers[awake] = self._take(asked[awake])
        return numbers

    def uniform(self, low: float, high: float, rows: Rows | None = None) -> Numbers:
        """float64 [rows] from `low` to `high`."""
        return low + (high - low) * self.roll(rows)

    def integers(self, low: int, high: int, rows: Rows | None = None) -> npt.NDArray[np.int64]:
        """int64 [rows] from `low` up to but not `high`; in a single one, `low + int((high - low) * random())`."""
        return low + ((high - low) * self.roll(rows)).astype(np.int64)

    def _take_all(self) -> Numbers:
        if self.used.max() == self.block:
            empty = np.flatnonzero(self.used == self.block)
            self._refill(empty)
            self.used[empty] = 0
        numbers = self.numbers[self._all, self.used]
        self.used += 1
        return np.asarray(numbers)

    def _take(self, rows: Rows) -> Numbers:
        used = self.used[rows]
        empty = used == self.block
        if empty.any():
            self._refill(rows[empty])
            used[empty] = 0
        self.used[rows] = used + 1
        return np.asarray(self.numbers[rows, used])

    def _refill(self, rows: Rows) -> None:
        for row in rows.tolist():
            generator = self.generators[row]
            if generator is None:
                generator = self.generators[row] = seeding.np_random(self.seeds[row])[0]
            generator.random(out=self.numbers[row])


def seeds_of(seed: int | Sequence[int | None] | None, size: int) -> list[int | None]:
    """A seed for each row, as Gymnasium's own vector environments count them: `seed + row`, or those of a list.

    Raises:
      ValueError: a list of another length.
    """
    if seed is None:
        return [None] * size
    if isinstance(seed, int | np.integer):
        return [int(seed) + row for row in range(size)]
    if len(seed) != size:
        raise ValueError(f"reset was given {len(seed)} seeds for {size} environments; give one seed, or {size}")
    return [None if one is None else int(one) for one in seed]
