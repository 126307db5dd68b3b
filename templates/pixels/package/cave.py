"""The cave: the bat, the rock and the moths, without any picture of them.

Lengths are in cells: the cave is seen through a window of 64 x 64 of them, which moves on by `SPEED` with every step.
Rows are counted from the top. All chance comes from the generator that is handed in.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SIZE = 64  # of the window, in cells each way
SPEED = 2  # cells a step
CLIMB = 2  # rows a step
BAT = 12  # the bat's column; the window moves, the bat does not
WINGS, BODY = 3, 1  # how far the bat reaches from its middle: columns each way, and rows
NARROW, WIDE = 22, 34  # the height of the passage
EDGE = 4  # rows of rock that always stay above and below
MOTH_CHANCE = 0.12  # of one in a step
REACH = 4  # within which a moth is caught, rows and columns


@dataclass
class Cave:
    """What is in the window.

    Args:
      ceiling: int64 [SIZE], the first free row of each column.
      floor: int64 [SIZE], the first row of rock below it.
      bat: the row of its middle.
      moths: [row, column] each.
    """

    ceiling: npt.NDArray[np.int64]
    floor: npt.NDArray[np.int64]
    bat: int
    moths: list[list[int]]

    @classmethod
    def entrance(cls, rng: np.random.Generator) -> "Cave":
        """Straight and wide as far as one sees, the bat in the middle."""
        top = int(rng.integers(EDGE + 4, SIZE - WIDE - EDGE - 4))
        return cls(np.full(SIZE, top), np.full(SIZE, top + WIDE), top + WIDE // 2, [])

    def fly(self, climb: int, rng: np.random.Generator) -> int:
        """A step: the bat moves by `climb` * CLIMB rows, upwards if positive. Returns how many moths it caught."""
        self.bat -= climb * CLIMB
        self._move_on(rng)
        near = [moth for moth in self.moths if abs(moth[0] - self.bat) <= REACH and abs(moth[1] - BAT) <= REACH]
        self.moths = [moth for moth in self.moths if moth not in near and moth[1] >= 0]
        return len(near)

    def touches_rock(self) -> bool:
        """Whether any part of the bat is where rock is."""
        columns = slice(BAT - WINGS, BAT + WINGS + 1)
        above, below = self.ceiling[columns].max(), self.floor[columns].min()
        return bool(self.bat - BODY < above or self.bat + BODY >= below)

    def _move_on(self, rng: np.random.Generator) -> None:
        """New columns come in on the right. The passage climbs or falls more gently than the bat can."""
        top, height = int(self.ceiling[-1]), int(self.floor[-1] - self.ceiling[-1])
        tops, bottoms = [], []
        for _ in range(SPEED):
            height = int(np.clip(height + rng.integers(-1, 2), NARROW, WIDE))
            top = int(np.clip(top + rng.integers(-1, 2), EDGE, SIZE - EDGE - height))
            tops.append(top)
            bottoms.append(top + height)
        self.ceiling = np.append(self.ceiling[SPEED:], tops)
        self.floor = np.append(self.floor[SPEED:], bottoms)
        self.moths = [[row, column - SPEED] for row, column in self.moths]
        if rng.random() < MOTH_CHANCE:
            self.moths.append([int(rng.integers(top + 6, top + height - 6)), SIZE - 2])
