"""The layout of a grid to walk on: start, goal, walls and teleporters, from arguments or from a text map.

In a map, `S` is the start, `G` the goal, `#` a wall, `.` a free cell. Any other lower-case letter is a teleporter to
the cell with the same letter in upper case; several may share an exit. (`s` and `g` are taken by start and goal.)

    S.a
    .##
    A.G

Walking against a wall or the edge keeps the place; edges never wrap around. Stepping onto a teleporter puts one on its
exit in the same step, and a jump is one jump: who lands on another teleporter stays there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np
import numpy.typing as npt

from envkit.authoring.textmap import TextMap

MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left as (rows, columns)
ACTION_NAMES = ("up", "right", "down", "left")
ARROWS = "↑→↓←"
LETTERS = [letter for letter in ascii_lowercase if letter not in "sg"]


@dataclass(frozen=True)
class Layout:
    """Where things are; cells are numbered row by row.

    Raises:
      ValueError: where two things are in one place, something is off the grid, or the goal is out of reach.
    """

    rows: int
    columns: int
    start: int
    goal: int
    teleporters: Mapping[int, int]
    walls: frozenset[int]

    def __post_init__(self) -> None:
        if self.rows < 1 or self.columns < 1 or self.rows * self.columns < 2:
            raise ValueError(f"a grid of {self.rows} x {self.columns} cells has no room for a start and a goal")
        self._check("start", self.start)
        self._check("goal", self.goal)
        for wall in self.walls:
            self._check("wall", wall, in_wall=True)
        for entrance, exit in self.teleporters.items():
            self._check("teleporter", entrance)
            self._check(f"exit of teleporter {entrance}", exit)
            if entrance == exit:
                raise ValueError(f"teleporter {entrance} leads to itself; give it another cell to lead to")
        if self.start == self.goal:
            raise ValueError(f"start and goal are both cell {self.goal}; they must differ")
        if self.goal in self.teleporters:
            raise ValueError(f"the goal, cell {self.goal}, is also a teleporter; nobody would ever stand on it")
        if not self._goal_in_reach():
            raise ValueError(f"no way leads from the start, cell {self.start}, to the goal, cell {self.goal}")

    @classmethod
    def from_map(cls, text: str) -> "Layout":
        """Reads a map; the module's text says what its characters mean."""
        tiles = TextMap.parse(text)
        for cell, tile in enumerate("".join(tiles.lines)):
            if tile not in "SG#." and (tile.lower() not in LETTERS or not tile.isascii()):
                raise ValueError(
                    f"the map has {tile!r} at {tiles.place(cell)}, which means nothing; known are S start, G goal, "
                    "# wall, . free, and a letter other than s and g: a teleporter from a to A"
                )
            if tile not in "SG" and tile.isupper() and not tiles.cells(tile.lower()):
                raise ValueError(f"the map has the exit {tile!r} at {tiles.place(cell)} but no {tile.lower()!r}")
        teleporters = {
            entrance: tiles.only(letter.upper(), f"exit of teleporter {letter!r}")
            for letter in LETTERS
            for entrance in tiles.cells(letter)
        }
        start, goal = tiles.only("S", "start"), tiles.only("G", "goal")
        return cls(tiles.rows, tiles.columns, start, goal, teleporters, frozenset(tiles.cells("#")))

    @property
    def num_cells(self) -> int:
        return self.rows * self.columns

    def marks(self) -> list[str]:
        """Every cell's character in a map; where a cell is both, the entrance of a teleporter goes before an exit."""
        marks = ["."] * self.num_cells
        exits = {exit: LETTERS[number % len(LETTERS)] for number, exit in enumerate(self.exits())}
        for exit, letter in exits.items():
            marks[exit] = letter.upper()
        for entrance, exit in self.teleporters.items():
            marks[entrance] = exits[exit]
        for wall in self.walls:
            marks[wall] = "#"
        marks[self.start], marks[self.goal] = "S", "G"
        return marks

    def exits(self) -> list[int]:
        """The cells that teleporters lead to, each once, in the order of their first entrances."""
        return list(dict.fromkeys(self.teleporters[entrance] for entrance in sorted(self.teleporters)))

    def arrivals(self) -> npt.NDArray[np.int64]:
        """int64 [cells, 4]: where each move ends that does not slip; from the goal, nowhere else."""
        row, column = np.divmod(np.arange(self.num_cells), self.columns)
        jump = np.arange(self.num_cells)
        for entrance, exit in self.teleporters.items():
            jump[entrance] = exit
        arrivals = np.empty((self.num_cells, len(MOVES)), np.int64)
        for action, (down, right) in enumerate(MOVES):
            to_row, to_column = row + down, column + right
            free = (to_row >= 0) & (to_row < self.rows) & (to_column >= 0) & (to_column < self.columns)
            cell = np.where(free, to_row * self.columns + to_column, 0)
            free &= ~np.isin(cell, list(self.walls))
            arrivals[:, action] = np.where(free, jump[cell], np.arange(self.num_cells))
        arrivals[[self.goal, *self.walls]] = np.array([self.goal, *self.walls])[:, None]
        return arrivals

    def _check(self, what: str, cell: int, *, in_wall: bool = False) -> None:
        if not isinstance(cell, int) or not 0 <= cell < self.num_cells:
            raise ValueError(
                f"the {what} is cell {cell!r}, but the cells of a {self.rows} x {self.columns} grid are "
                f"numbered from 0 to {self.num_cells - 1}"
            )
        if not in_wall and cell in self.walls:
            raise ValueError(f"the {what} is cell {cell}, where there is a wall")

    def _goal_in_reach(self) -> bool:
        arrivals, seen = self.arrivals(), np.zeros(self.num_cells, bool)
        frontier = np.array([self.start])
        while len(frontier) and not seen[self.goal]:
            seen[frontier] = True
            frontier = np.unique(arrivals[frontier])
            frontier = frontier[~seen[frontier]]
        return bool(seen[self.goal])
