"""How one moves on a grid: the moves by their names, and what a slip makes of them.

The order of the moves is the order of the actions, and neighbours in it are neighbours in direction: a slip turns a
move into the one before or after it, which is sideways for four moves and half sideways for eight.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Move = tuple[int, int]  # (rows down, columns to the right)

FOUR: Mapping[str, Move] = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1)}
EIGHT: Mapping[str, Move] = {
    "up": (-1, 0), "up-right": (-1, 1), "right": (0, 1), "down-right": (1, 1),
    "down": (1, 0), "down-left": (1, -1), "left": (0, -1), "up-left": (-1, -1),
}  # fmt: skip

SIGNS = {(-1, 0): "↑", (-1, 1): "↗", (0, 1): "→", (1, 1): "↘", (1, 0): "↓", (1, -1): "↙", (0, -1): "←", (-1, -1): "↖"}


def arrow(move: Move) -> str:
    """The character that points where the move goes; a dot for one that goes nowhere."""
    down, right = (int(np.sign(part)) for part in move)
    return SIGNS.get((down, right), "·")


def turns(slip: float) -> list[tuple[int, float]]:
    """[(places further in the list of moves, probability)]: what becomes of a move.

    One draw from [0, 1) picks one of them, its probabilities added up in this order: straight on, to the one side, to
    the other.
    """
    return [(0, 1 - slip), (1, slip / 2), (-1, slip / 2)] if slip else [(0, 1.0)]


def spread(table: npt.NDArray[Any], slip: float) -> npt.NDArray[Any]:
    """[..., moves, K]: for each move the entries of what it may become, in the order of `turns`.

    Args:
      table: [..., moves], such as where each move ends that does not slip.
    """
    return np.stack([np.roll(table, -turn, axis=-1) for turn, _ in turns(slip)], axis=-1)


def checked(moves: Any) -> Mapping[str, Move]:
    """The moves as plain numbers.

    Raises:
      ValueError: where they are not names with two whole numbers each.
    """
    if not isinstance(moves, Mapping) or not moves:
        raise ValueError(f"the moves are {moves!r}, not names with rows and columns; write {{'up': (-1, 0)}}")
    for name, move in moves.items():
        whole = isinstance(move, tuple | list) and all(isinstance(part, int | np.integer) for part in move)
        if not isinstance(name, str) or not whole or len(move) != 2:
            raise ValueError(f"the move {name!r} is {move!r}, not rows and columns, such as (-1, 0) for one up")
    return {name: (int(down), int(right)) for name, (down, right) in moves.items()}
