"""Random layouts that can always be solved, drawn from a generator.

Cells are taken away from an empty grid in random order, walls first, then the goal, hazards and the entrances of
teleporters, but never one without which the rest would fall apart. What is left hangs together, touches everything
that was taken for a purpose, and has room for the start, the exits and the items: so all of it is in reach, with
nothing to be tried again for the walls and the goal. `Layout` proves it once more by search.

A connected region of two cells or more has a cell to spare, so any number of walls can be had that leaves enough cells.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from envkit.authoring.arguments import number, several, whole
from envkit.authoring.grid import Layout
from envkit.authoring.moves import FOUR
from envkit.authoring.tiles import Tile, hazard
from envkit.core.show import count, show

TRIES = 50  # with other walls, where teleporters or hazards find no place beside these


def random_layout(
    rng: np.random.Generator,
    rows: int,
    columns: int,
    *,
    walls: float = 0.25,
    teleporters: int = 0,
    hazards: int | Iterable[Tile] = 0,
    items: Iterable[Tile] = (),
    **walking: Any,
) -> Layout:
    """A layout whose goal and items can be reached from the start by steps to the four sides.

    The goal is drawn first, and the start from the farther half of the cells, so that there is a way to go.

    Args:
      rng: the source of every draw; the same state gives the same layout.
      walls: the share of all cells that are walls, to the nearest whole cell.
      teleporters: pairs of an entrance and an exit.
      hazards: how many, or the tiles.
      items: the tiles, such as [item("key"), item("coin")].
      **walking: `moves` and `wrap`, as of `Layout`.

    Raises:
      ValueError: where so much finds no room.
    """
    rows, columns = whole("rows", rows, least=1), whole("columns", columns, least=1)
    teleporters = whole("teleporters", teleporters, least=0)
    spoilt = [hazard()] * whole("hazards", hazards, least=0) if _is_number(hazards) else several("hazards", hazards)
    things = several("items", items)
    for tile in (*spoilt, *things):
        if not isinstance(tile, Tile):
            raise ValueError(f"hazards and items have {show(tile)}, not a tile such as item('key')")
    cells = rows * columns
    num_walls = int(number("walls", walls, least=0, most=1) * cells + 0.5)
    needed = 2 + 2 * teleporters + len(spoilt) + len(things)
    if cells - num_walls < needed:
        most = (cells - needed) / cells
        remedy = f"walls={most:.2g} leaves enough" if most >= 0 else "make it larger"
        raise ValueError(
            f"walls={walls:g} leaves {count(cells - num_walls, 'cell')} of a {rows} x {columns} grid free, but start, "
            f"goal, teleporters, hazards and items take {needed}; {remedy}"
        )
    for _ in range(TRIES):
        region = _Region(rows, columns)
        blocked = region.take(rng, num_walls)
        touched = region.take(rng, 1 + len(spoilt) + teleporters, touching=True)
        if len(touched) == 1 + len(spoilt) + teleporters:
            break
    else:
        raise ValueError(
            f"{count(teleporters, 'teleporter')} and {count(len(spoilt), 'hazard')} found no place beside "
            f"{count(num_walls, 'wall')} in a {rows} x {columns} grid; ask for fewer of them, or for a larger grid"
        )
    goal, entrances = touched[0], touched[1 + len(spoilt) :]
    far = region.by_distance(goal)
    far = far[: max(1, len(far) // 2)]
    start = far[_below(rng, len(far))]
    others = _shuffled(rng, [cell for cell in region.cells if cell != start])
    tiles = dict(zip(touched[1:], spoilt, strict=False))
    tiles |= dict(zip(others[teleporters:], things, strict=False))
    jumps = dict(zip(entrances, others, strict=False))
    walking.setdefault("moves", FOUR)
    return Layout(rows, columns, start, goal, jumps, frozenset(blocked), tiles=tiles, **walking)


class _Region:
    """The cells that are still free; at all times they hang together.

    They are kept with a border of taken cells around them, so that every cell has eight others around it.
    """

    def __init__(self, rows: int, columns: int):
        self.columns, self.width = columns, columns + 2
        self.free = bytearray(self.width * (rows + 2))
        for row in range(rows):
            begin = self._inside(row * columns)
            self.free[begin : begin + columns] = b"\1" * columns
        self.beside = (-self.width, 1, self.width, -1)
        self.around = (
            -self.width, 1 - self.width, 1, 1 + self.width, self.width, self.width - 1, -1, -1 - self.width,
        )  # fmt: skip

    @property
    def cells(self) -> list[int]:
        return [
            (place // self.width - 1) * self.columns + place % self.width - 1
            for place, free in enumerate(self.free)
            if free
        ]

    def take(self, rng: np.random.Generator, wanted: int, *, touching: bool = False) -> list[int]:
        """Takes cells away in random order, and again from the first while any can be spared.

        Args:
          touching: whether each cell that is taken stays beside a free one.
        """
        taken: list[int] = []
        order = _shuffled(rng, self.cells)
        before = -1
        while before < len(taken) < wanted:
            before = len(taken)
            for cell in order:
                place = self._inside(cell)
                if self.free[place] and self._spared(place) and not (touching and self._lonely(taken, place)):
                    self.free[place] = 0
                    taken.append(cell)
                    if len(taken) == wanted:
                        break
        return taken

    def by_distance(self, cell: int) -> list[int]:
        """The free cells, those first that are the most steps from a cell, which is not among them."""
        order, left = [self._inside(cell)], bytearray(self.free)
        for place in order:  # grows while it is walked
            for step in self.beside:
                if left[place + step]:
                    left[place + step] = 0
                    order.append(place + step)
        return [(place // self.width - 1) * self.columns + place % self.width - 1 for place in order[:0:-1]]

    def _inside(self, cell: int) -> int:
        return cell + self.width + 1 + 2 * (cell // self.columns)

    def _spared(self, place: int) -> bool:
        """Whether the rest hangs together without the cell."""
        near = [place + step for step in self.beside if self.free[place + step]]
        if len(near) < 2:
            return bool(near)
        ring = [self.free[place + step] for step in self.around]
        gaps = sum(ring[side] and not (ring[side + 1] and ring[(side + 2) % 8]) for side in (0, 2, 4, 6))
        if gaps < 2:  # the neighbours hang together around the cell itself, as most often
            return True
        left = bytearray(self.free)
        left[place] = left[near[0]] = 0
        stack = [near[0]]
        while stack:
            one = stack.pop()
            for step in self.beside:
                if left[one + step]:
                    left[one + step] = 0
                    stack.append(one + step)
        return not any(left[other] for other in near)

    def _lonely(self, taken: list[int], place: int) -> bool:
        """Whether one of the cells that were taken would have nothing free beside it without this one."""
        places = [place, *map(self._inside, taken)]
        return any(not any(self.free[one + step] and one + step != place for step in self.beside) for one in places)


def _shuffled(rng: np.random.Generator, cells: list[int]) -> list[int]:
    return [cells[place] for place in np.argsort(rng.random(len(cells)), kind="stable")]


def _below(rng: np.random.Generator, limit: int) -> int:
    """A whole number from 0 to limit - 1, from one double."""
    return int(rng.random() * limit)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number)
