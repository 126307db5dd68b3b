"""Pictures of layouts: what stays as it is, what may be picked up, and a solution laid over it."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from envkit.authoring import palette
from envkit.authoring.board import Board, heat_colours
from envkit.authoring.canvas import Canvas
from envkit.authoring.grid import Layout
from envkit.authoring.pictures import sprite

FLOOR = palette.mix(palette.SILVER, palette.MIST, 0.5)

Values = npt.NDArray[np.float64] | None  # [cells]
Policy = npt.NDArray[np.int64] | None  # [cells]


def draw_layout(canvas: Canvas, board: Board, layout: Layout, *, values: Values = None, policy: Policy = None) -> None:
    """All that no step changes, under it the values as heat and over it the policy as arrows."""
    canvas.fill(FLOOR)
    for cell in range(layout.num_cells):
        tile = layout.tile(cell)
        board.tile(canvas, cell, palette.WHITE if tile.goal else tile.colour)
    taken = layout.ends | layout.walls
    free = [cell for cell in range(layout.num_cells) if cell not in taken]
    solved = values is not None or policy is not None
    if values is not None:
        board.heat(canvas, values, free, low=0 if policy is None else 0.28)
    for cell in sorted({*layout.goals, *layout.tiles}):
        tile = layout.tile(cell)
        if tile.goal:
            board.tile(canvas, cell, tile.colour)
        if tile.picture and not tile.item and not tile.key:
            board.picture(canvas, cell, tile.picture, tile.ink)
    for number, start in enumerate(layout.starts):
        if number or not solved:
            board.label(canvas, start, "S" if number == 0 else str(number + 1))
    _draw_teleporters(canvas, board, layout, solved)
    if policy is not None:
        _draw_policy(canvas, board, layout, free, values, policy)


def draw_things(canvas: Canvas, board: Board, layout: Layout, taken: Collection[int], held: Collection[str]) -> None:
    """The items that nobody has taken yet, and the doors that are still locked.

    Args:
      taken: the cells of the items that were.
      held: the names of the items that one holds.
    """
    for cell, tile in layout.tiles.items():
        there = tile.item and cell not in taken
        locked = tile.key is not None and tile.key not in held
        if tile.picture and (there or locked):
            canvas.stamp(sprite(tile.picture, board.cell, tile.ink), *board.corner(cell))


def _draw_teleporters(canvas: Canvas, board: Board, layout: Layout, solved: bool) -> None:
    for index, (exit, letter) in enumerate(layout.letters().items()):
        colour = palette.CYCLE[index % len(palette.CYCLE)]
        ends = [cell for cell, leads_to in layout.teleporters.items() if leads_to == exit]
        for cell in (exit, *ends):
            both = cell == exit and cell in layout.teleporters
            small = solved or both or cell in (*layout.starts, *layout.goals, *layout.tiles)
            board.badge(canvas, cell, letter.upper(), colour, hollow=cell == exit, small=small)


def _draw_policy(
    canvas: Canvas, board: Board, layout: Layout, cells: list[int], values: Values, policy: npt.NDArray[np.int64]
) -> None:
    colours = {} if values is None else heat_colours(values, cells)
    moves = list(layout.moves.values())
    for cell in (cell for cell in cells if policy[cell] >= 0):
        down, right = moves[policy[cell]]
        length = max(abs(down), abs(right)) or 1  # a move of several cells is drawn as one
        ink = palette.readable_on(colours.get(cell, palette.WHITE))
        board.arrow(canvas, cell, (down / length, right / length), ink, low=-0.15 if colours else 0)
