"""Drawing a policy as arrows, where the states of an environment are the cells of a grid.

A grid is recognised by its size: attributes `nrow` and `ncol`, `rows` and `columns`, or `shape`, of the environment or
of its `layout`, whose product is the number of states. Which action goes where is read off the model, so no order of
actions is built in. What a cell is, an environment may tell: in `layout.marks()`, a letter a cell (`.` free, `S` start,
`G` goal, `#` wall, `a` a teleporter to `A`), or as toy text does in `desc`. Else it is read off the model too: where
episodes end, and what is never entered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from envkit.core.mdp import MDP
from envkit.core.model import Model

MOST_ROWS, MOST_COLUMNS = 40, 60
ARROWS = {(-1, 0): "↑", (0, 1): "→", (1, 0): "↓", (0, -1): "←"}
PLAIN = dict(zip("↑→↓←■", "^>v<#", strict=True))  # where a terminal cannot show more than ASCII
NEVER = "■"
FREE = "SF.- "
MEANINGS = {"G": "goal", "H": "hole", "#": "wall", NEVER: "never entered"}


@dataclass(frozen=True)
class Grid:
    """How to draw a policy.

    Args:
      shape: rows and columns.
      arrows: of each action.
      marks: of each cell, row by row. A free cell shows the policy's arrow, an upper-case letter with a partner in
        lower case beside it; any other mark stands for itself.
    """

    shape: tuple[int, int]
    arrows: tuple[str, ...]
    marks: tuple[str, ...]

    def draw(self, action: Sequence[int] | npt.NDArray[np.integer[Any]], *, ascii_only: bool = False) -> list[str]:
        """A line of text for each row of the grid, and one that explains the letters in it."""
        exits = {mark for mark in self.marks if mark.isupper() and mark.lower() in self.marks}
        cells = []
        for mark, chosen in zip(self.marks, action, strict=True):
            arrow = self.arrows[int(chosen)]
            cells.append(arrow if mark in FREE else arrow + mark if mark in exits else mark)
        (rows, columns), width = self.shape, max(map(len, cells))
        padded = [cell.ljust(width) for cell in cells]
        lines = [" ".join(padded[row * columns : (row + 1) * columns]).rstrip() for row in range(rows)]
        legend = [f"{mark} {MEANINGS[mark]}" for mark in dict.fromkeys(self.marks) if mark in MEANINGS]
        legend += [f"{mark.lower()} teleports to {mark}" for mark in sorted(exits)]
        lines += ["", ", ".join(legend)] if legend else []
        return ["".join(PLAIN.get(letter, letter) for letter in line) for line in lines] if ascii_only else lines


def grid_of(env: gymnasium.Env[Any, Any], model: Model) -> Grid | None:
    """How to draw policies of this environment; None where its states are not the cells of a grid."""
    core, mdp = env.unwrapped, model.mdp
    shape = _shape(core) or _shape(getattr(core, "layout", None))
    if shape is None or shape[0] * shape[1] != mdp.num_states or mdp.num_actions != len(ARROWS):
        return None
    if shape[0] > MOST_ROWS or shape[1] > MOST_COLUMNS:
        return None
    arrows = _arrows(mdp, shape)
    return Grid(shape, arrows, _told_marks(core, mdp) or _seen_marks(mdp)) if arrows else None


def _shape(thing: Any) -> tuple[int, int] | None:
    for names in (("nrow", "ncol"), ("rows", "columns")):
        size = tuple(getattr(thing, name, None) for name in names)
        if all(isinstance(n, int | np.integer) for n in size):
            return int(size[0]), int(size[1])  # type: ignore[arg-type]
    shape = getattr(thing, "shape", None)
    if isinstance(shape, tuple) and len(shape) == 2 and all(isinstance(n, int | np.integer) for n in shape):
        return int(shape[0]), int(shape[1])
    return None


def _arrows(mdp: MDP, shape: tuple[int, int]) -> tuple[str, ...]:
    """Each action's arrow: the way in which its steps to a neighbour lead on average. Empty where that is unclear."""
    row, column = np.divmod(mdp.next_state, shape[1])
    own_row, own_column = np.divmod(np.arange(mdp.num_states)[:, None, None], shape[1])
    down, right = row - own_row, column - own_column
    weight = np.where(np.abs(down) + np.abs(right) == 1, mdp.probability, 0.0)
    arrows = []
    for action in range(mdp.num_actions):
        drift = {way: (weight * (down * way[0] + right * way[1]))[:, action].sum() for way in ARROWS}
        arrows.append(ARROWS[max(drift, key=lambda way: drift[way])])
    return tuple(arrows) if len(set(arrows)) == len(ARROWS) else ()


def _told_marks(core: Any, mdp: MDP) -> tuple[str, ...]:
    """The marks that the environment itself tells; empty where it does not."""
    tell = getattr(getattr(core, "layout", None), "marks", None)
    if callable(tell):
        marks = tuple(str(mark) for mark in tell())
    else:
        desc = getattr(core, "desc", None)
        marks = tuple(desc.ravel().astype(str)) if isinstance(desc, np.ndarray) and desc.dtype.kind in "SU" else ()
    return marks if len(marks) == mdp.num_states and all(len(mark) == 1 for mark in marks) else ()


def _seen_marks(mdp: MDP) -> tuple[str, ...]:
    """The marks that follow from the model: the best places to end in are goals, the others holes."""
    # A table may say that who is at the end stays there, for nothing: that is no way to get there.
    stays = mdp.next_state == np.arange(mdp.num_states)[:, None, None]
    arriving = (mdp.probability > 0) & mdp.terminated & ~stays
    ends = np.full(mdp.num_states, -np.inf)  # the most that ending in a cell has paid
    np.maximum.at(ends, mdp.next_state[arriving], mdp.reward[arriving])
    entered = mdp.reachable | np.isfinite(ends)
    best = ends[entered].max()
    kinds = zip(entered, ends, strict=True)
    return tuple(NEVER if not seen else "." if end == -np.inf else "G" if end == best else "H" for seen, end in kinds)
