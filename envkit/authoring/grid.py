"""The layout of a grid to walk on: starts, goals, walls, teleporters and tiles, from arguments or from a text map.

In a map, `S` is the start, `G` the goal, `#` a wall, `.` a free cell. Any other lower-case letter is a teleporter to
the cell with the same letter in upper case; several may share an exit. (`s` and `g` are taken by start and goal.)

    S.a
    .##
    A.G

A legend of one's own adds to these characters or changes them: hazards, items, doors, further goals, the places where
other agents start (see `envkit.authoring.tiles`). A letter of the legend is no teleporter, in neither case.

Walking against a wall, a locked door or the edge keeps the place; edges never wrap around unless told so. Stepping onto
a teleporter puts one on its exit in the same step, and a jump is one jump: who lands on another teleporter stays there.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from string import ascii_lowercase

import numpy as np
import numpy.typing as npt

from envkit.authoring.legend import check_marks, complete, starts_of
from envkit.authoring.moves import FOUR, Move, arrow, checked, spread, turns
from envkit.authoring.textmap import TextMap
from envkit.authoring.tiles import FLOOR, USUAL, WALL, Tile, goal, start

MOVES = tuple(FOUR.values())
ACTION_NAMES = tuple(FOUR)
ARROWS = "".join(map(arrow, MOVES))
LETTERS = [letter for letter in ascii_lowercase if letter not in "sg"]


@dataclass(frozen=True)
class Layout:
    """Where things are, and where one gets from each cell; cells are numbered row by row.

    Args:
      start: where the first agent starts.
      goal: the first goal; None for a game without any.
      teleporters: {from: to}.
      walls: cells that nobody enters.
      starts: where each agent starts; the first alone unless told otherwise.
      goals: every goal; the first alone unless told otherwise.
      tiles: what else there is, as {cell: tile}; a goal without a tile is a plain one.
      moves: {name: (rows down, columns to the right)}, in the order of the actions.
      wrap: whether who leaves at one edge comes in at the opposite one.

    Raises:
      ValueError: where two things are in one place, something is off the grid, or no goal is in reach.
    """

    rows: int
    columns: int
    start: int
    goal: int | None
    teleporters: Mapping[int, int]
    walls: frozenset[int]
    starts: tuple[int, ...] = ()
    goals: tuple[int, ...] = ()
    tiles: Mapping[int, Tile] = field(default_factory=dict)
    moves: Mapping[str, Move] = field(default_factory=lambda: dict(FOUR))
    wrap: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "moves", checked(self.moves))
        object.__setattr__(self, "starts", self.starts or (self.start,))
        object.__setattr__(self, "goals", self.goals or (() if self.goal is None else (self.goal,)))
        if self.rows < 1 or self.columns < 1 or self.rows * self.columns < 2:
            raise ValueError(f"a grid of {self.rows} x {self.columns} cells has no room for a start and a goal")
        self._check_places()
        self._check_keys()
        if self.goals and not any(self.distances[cell] >= 0 for cell in self.goals):
            goals = ", ".join(str(cell) for cell in self.goals)
            which = f"the goal, cell {goals}" if len(self.goals) == 1 else f"any of the goals, cells {goals}"
            raise ValueError(f"no way leads from the start, cell {self.start}, to {which}")

    @classmethod
    def from_map(
        cls,
        text: str,
        legend: Mapping[str, Tile] | None = None,
        *,
        moves: Mapping[str, Move] = FOUR,
        wrap: bool = False,
    ) -> "Layout":
        """Reads a map; the module's text says what its characters mean.

        Args:
          legend: {character: tile}, beside or instead of the usual ones. Without it there is exactly one goal; with it
            there may be any number, and none where a game ends in other ways.
        """
        tiles, known = TextMap.parse(text), complete(legend)
        letters = check_marks(tiles, known)
        teleporters = {
            entrance: tiles.only(letter.upper(), f"exit of teleporter {letter!r}")
            for letter in letters
            for entrance in tiles.cells(letter)
        }
        what = {cell: known[mark] for cell, mark in enumerate("".join(tiles.lines)) if mark in known}
        starts = starts_of(tiles, known)
        goals = tuple(cell for cell, tile in what.items() if tile.goal)
        if legend is None:
            goals = (tiles.only("G", "goal"),)
        plain = {FLOOR, WALL, start(), goal()}  # what a layout says without a tile
        return cls(
            tiles.rows,
            tiles.columns,
            starts[0],
            goals[0] if goals else None,
            teleporters,
            frozenset(cell for cell, tile in what.items() if tile.wall),
            starts,
            goals,
            {cell: tile for cell, tile in what.items() if tile not in plain},
            moves,
            wrap,
        )

    @property
    def num_cells(self) -> int:
        return self.rows * self.columns

    @cached_property
    def items(self) -> tuple[int, ...]:
        """The cells where there is something to pick up."""
        return tuple(sorted(cell for cell, tile in self.tiles.items() if tile.item))

    @cached_property
    def ends(self) -> frozenset[int]:
        """The cells where an episode ends."""
        return frozenset(self.goals) | {cell for cell, tile in self.tiles.items() if tile.ends}

    def tile(self, cell: int) -> Tile:
        """What a cell is."""
        if cell in self.tiles:
            return self.tiles[cell]
        return WALL if cell in self.walls else USUAL["G"] if cell in self.goals else FLOOR

    def marks(self) -> list[str]:
        """Every cell's character in a map; where a cell is both, the entrance of a teleporter goes before an exit."""
        marks = ["."] * self.num_cells
        letters = self.letters()
        for exit, letter in letters.items():
            marks[exit] = letter.upper()
        for entrance, exit in self.teleporters.items():
            marks[entrance] = letters[exit]
        for cell in self.walls:
            marks[cell] = "#"
        for cell in self.goals:
            marks[cell] = "G"
        for number, cell in enumerate(self.starts):
            marks[cell] = "S" if number == 0 else str(number + 1)
        for cell, tile in self.tiles.items():
            marks[cell] = tile.mark or tile.name[0]
        return marks

    def letters(self) -> dict[int, str]:
        """{exit: the letter that it and its entrances are known by}, of those that no tile uses as its mark."""
        taken = {tile.mark.lower() for tile in self.tiles.values()}
        free = [letter for letter in LETTERS if letter not in taken] or LETTERS
        return {exit: free[number % len(free)] for number, exit in enumerate(self.exits())}

    def exits(self) -> list[int]:
        """The cells that teleporters lead to, each once, in the order of their first entrances."""
        return list(dict.fromkeys(self.teleporters[entrance] for entrance in sorted(self.teleporters)))

    def place(self, cell: int) -> str:
        """Where a cell is, for messages."""
        return f"row {cell // self.columns}, column {cell % self.columns}"

    def arrivals(self, held: Collection[str] = ()) -> npt.NDArray[np.int64]:
        """int64 [cells, moves]: where each move ends that does not slip; from where an episode ends, nowhere else.

        Args:
          held: the names of the items that one holds, which open doors.
        """
        here = np.arange(self.num_cells)
        row, column = np.divmod(here, self.columns)
        jump = here.copy()
        for entrance, exit in self.teleporters.items():
            jump[entrance] = exit
        shut = np.zeros(self.num_cells, bool)
        shut[[*self.walls, *(c for c, tile in self.tiles.items() if tile.key and tile.key not in held)]] = True
        one_way = {cell: tile.enter for cell, tile in self.tiles.items() if tile.enter is not None}
        arrivals = np.empty((self.num_cells, len(self.moves)), np.int64)
        for action, (down, right) in enumerate(self.moves.values()):
            to_row, to_column = row + down, column + right
            if self.wrap:
                to_row, to_column = to_row % self.rows, to_column % self.columns
            inside = (to_row >= 0) & (to_row < self.rows) & (to_column >= 0) & (to_column < self.columns)
            cell = np.where(inside, to_row * self.columns + to_column, 0)
            against = shut.copy()
            against[[way for way, enter in one_way.items() if enter != (down, right)]] = True
            free = inside & (cell != here) & ~against[cell]
            arrivals[:, action] = self._slid(np.where(free, jump[cell], here))
        over = np.array([*self.ends, *self.walls], np.int64)
        arrivals[over] = over[:, None]
        return arrivals

    def outcomes(
        self, cell: int, action: int, *, slip: float = 0.0, held: Collection[str] = ()
    ) -> list[tuple[float, int]]:
        """[(probability, cell)]: where a move may end, each cell once.

        Args:
          slip: the probability of turning into the move before or after it in the list, half of it each.
        """
        ends = spread(self.arrivals(held)[cell], slip)[action]
        chances: dict[int, float] = {}
        for end, (_, chance) in zip(ends.tolist(), turns(slip), strict=True):
            chances[end] = chances.get(end, 0.0) + chance
        return [(chance, end) for end, chance in chances.items() if chance > 0]

    def transitions(
        self, *, slip: float = 0.0, held: Collection[str] = ()
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """(where moves may end, int64 [cells, moves, K]; how probable each is, float64 [K])."""
        return spread(self.arrivals(held), slip), np.array([chance for _, chance in turns(slip)])

    @cached_property
    def distances(self) -> npt.NDArray[np.int64]:
        """int64 [cells]: the least number of moves from the start, with doors opened by keys fetched; -1 out of reach.

        A breadth-first search over cells and the keys held; other items open nothing and need no telling apart.
        """
        doors = sorted({tile.key for tile in self.tiles.values() if tile.key})
        if not doors:
            return self._distances_without_doors()
        bit = {cell: 1 << doors.index(self.tiles[cell].name) for cell in self.items if self.tiles[cell].name in doors}
        ways: dict[int, list[list[int]]] = {}  # by the keys held
        first = (bit.get(self.start, 0), self.start)
        steps = {first: 0}
        queue = [first]
        for keys, cell in queue:  # grows while it is walked
            if keys not in ways:
                ways[keys] = self.arrivals([name for number, name in enumerate(doors) if keys >> number & 1]).tolist()
            for arrival in ways[keys][cell]:
                following = (keys | bit.get(arrival, 0), arrival)
                if following not in steps:
                    steps[following] = steps[keys, cell] + 1
                    queue.append(following)
        nearest = np.full(self.num_cells, -1, np.int64)
        for (_, cell), count in reversed(steps.items()):  # the nearest of a cell's states comes first
            nearest[cell] = count
        nearest.flags.writeable = False
        return nearest

    def _distances_without_doors(self) -> npt.NDArray[np.int64]:
        """As `distances`, ring by ring."""
        arrivals, nearest = self.arrivals(), np.full(self.num_cells, -1, np.int64)
        ring, steps = np.array([self.start]), 0
        while len(ring):
            nearest[ring] = steps
            following = arrivals[ring].ravel()
            ring, steps = np.unique(following[nearest[following] < 0]), steps + 1
        nearest.flags.writeable = False
        return nearest

    def _slid(self, to: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Where steps of one move end once nothing slides any more; who slides in a circle stops after a round."""
        slick = np.zeros(self.num_cells, bool)
        slick[[cell for cell, tile in self.tiles.items() if tile.slides]] = True
        single = to
        for _ in range(self.num_cells if slick.any() else 0):
            further = np.where(slick[to], single[to], to)
            if (further == to).all():
                break
            to = further
        return to

    def _check_places(self) -> None:
        for cell in self.starts:
            self._check("start", cell)
        for cell in self.goals:
            self._check("goal", cell)
        for wall in self.walls:
            self._check("wall", wall, in_wall=True)
        for cell, tile in self.tiles.items():
            self._check(tile.name, cell, in_wall=tile.wall)
        for entrance, exit in self.teleporters.items():
            self._check("teleporter", entrance)
            self._check(f"exit of teleporter {entrance}", exit)
            if entrance == exit:
                raise ValueError(f"teleporter {entrance} leads to itself; give it another cell to lead to")
        if self.start != self.starts[0] or (self.goals and self.goal != self.goals[0]):
            raise ValueError("start and goal are the first of starts and goals; give them in this order")
        for cell in self.starts:
            if cell in self.goals:
                raise ValueError(f"start and goal are both cell {cell}; they must differ")
        for cell in self.goals:
            if cell in self.teleporters:
                raise ValueError(f"the goal, cell {cell}, is also a teleporter; nobody would ever stand on it")

    def _check_keys(self) -> None:
        names = {self.tiles[cell].name for cell in self.items}
        for cell, tile in self.tiles.items():
            if tile.key and tile.key not in names:
                raise ValueError(
                    f"the {tile.name} at {self.place(cell)} opens with {tile.key!r}, but there is no such item; "
                    + (f"there are {', '.join(sorted(names))}" if names else f"add item({tile.key!r}) to the legend")
                )

    def _check(self, what: str, cell: int, *, in_wall: bool = False) -> None:
        if not isinstance(cell, int) or not 0 <= cell < self.num_cells:
            raise ValueError(
                f"the {what} is cell {cell!r}, but the cells of a {self.rows} x {self.columns} grid are "
                f"numbered from 0 to {self.num_cells - 1}"
            )
        if not in_wall and cell in self.walls:
            raise ValueError(f"the {what} is cell {cell}, where there is a wall")
