"""GridWorld: walk to the goal, around walls and through teleporters.

Observation  Discrete(rows * columns): the number of the cell, counted row by row from 0.
Actions      Discrete(4): 0 up, 1 right, 2 down, 3 left.
Reward       -1 a step, 0 on the step that reaches the goal.
End          Terminated at the goal. Truncated by the registered limit of 200 steps.
Arguments    rows, columns  the size, 9 x 9 unless told otherwise.
             start, goal    cell numbers; the first and the last cell by default.
             teleporters    {from: to}, any number; stepping onto `from` puts you on `to` in the same step. By default
                            {18: 54, 63: 14} on an empty 9 x 9 grid, which makes 12 moves of 16, and none elsewhere.
             walls          cell numbers that nobody enters.
             slip           the probability of sliding sideways instead, half of it to each side.
             map            a text that says all of the above but slip, instead of it; see below.
             frame_size     pixels of the longer side of a frame; 512 by default, more where cells would get lost in it.
Best return  -11 on the default grid: 12 moves, of which the last costs nothing.
Source       the grid worlds of Sutton and Barto (2018), chapters 3 and 4, with the magic squares of a popular tutorial.

Walking against a wall or the edge keeps the place and costs the step; edges never wrap around. A jump is one jump: who
lands on another teleporter stays there, and who bumps while standing on one does too.

In a map, `S` is the start, `G` the goal, `#` a wall, `.` a free cell. Any other lower-case letter is a teleporter to
the cell with the same letter in upper case; several may share an exit. (`s` and `g` are taken by start and goal.)

    S.a
    .##
    A.G
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from envkit.authoring.arguments import several, whole
from envkit.authoring.finite import FiniteBatch
from envkit.authoring.grid import Layout
from envkit.authoring.grid_drawing import FLOOR
from envkit.authoring.grid_env import GridEnv, Place, Tables
from envkit.authoring.moves import turns
from envkit.core.mdp import check_room
from envkit.core.show import show

__all__ = ["FLOOR", "REGISTRATION", "GridWorld", "GridWorldBatch"]

REGISTRATION = {
    "id": "envkit/GridWorld-v0",
    "entry_point": "GridWorld",
    "vector_entry_point": "GridWorldBatch",
    "max_episode_steps": 200,
}

TUTORIAL = {18: 54, 63: 14}  # the teleporters of the default grid

Teleporters = Mapping[Any, int] | Iterable[tuple[int, int]]


class GridWorld(GridEnv):
    """A grid, a goal, and shortcuts."""

    def __init__(
        self,
        rows: int = 9,
        columns: int = 9,
        *,
        start: int = 0,
        goal: int | None = None,
        teleporters: Teleporters | None = None,
        walls: Iterable[int] = (),
        slip: float = 0.0,
        map: str | None = None,
        frame_size: int | None = None,
        render_mode: str | None = None,
    ):
        if map is None:
            layout = _layout(rows, columns, start, goal, teleporters, walls)
        elif (rows, columns, start, goal, teleporters, walls) == (9, 9, 0, None, None, ()):
            layout = Layout.from_map(map)
        else:
            raise ValueError("a map says it all: give either the map or rows, columns, start, goal, teleporters, walls")
        super().__init__(layout, slip=slip, frame_size=frame_size, render_mode=render_mode)

    def reward(self, before: Place, after: Place) -> float:  # noqa: ARG002 - where it ends says it all
        return 0.0 if after.cell == self.layout.goal else -1.0

    def tables(self) -> Tables:
        """The same for all cells at once, which large grids need."""
        check_room(self.num_states, len(self.action_names), len(turns(self.slip)))
        arrivals, goal = self.layout.arrivals(), self.layout.goal
        closed = np.isin(np.arange(len(arrivals)), [*self.layout.goals, *self.layout.walls])
        terminated = (arrivals == goal) | closed[:, None]
        return arrivals, np.where(terminated, 0.0, -1.0), terminated


class GridWorldBatch(FiniteBatch):
    """Many grids of one kind, stepped as arrays."""

    single = GridWorld


def _layout(rows: int, columns: int, start: int, goal: int | None, teleporters: Any, walls: Any) -> Layout:
    rows, columns = whole("rows", rows, least=1), whole("columns", columns, least=1)
    walls = [whole("a wall", wall) for wall in several("walls", walls)]
    if teleporters is None:
        teleporters = TUTORIAL if (rows, columns, walls) == (9, 9, []) else {}
    pairs = teleporters.items() if isinstance(teleporters, Mapping) else several("teleporters", teleporters)
    last = rows * columns - 1 if goal is None else whole("goal", goal)
    return Layout(rows, columns, whole("start", start), last, dict(map(_pair, pairs)), frozenset(walls))


def _pair(pair: Any) -> tuple[int, int]:
    """The two ends of a teleporter. The keys of a JSON object are texts, so that a text of digits will do."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(f"teleporters has {show(pair)}, not a pair of cells; write {{18: 54}}")
    entrance, exit = pair
    if isinstance(entrance, str) and entrance.isdecimal():
        entrance = int(entrance)
    return whole("a teleporter", entrance), whole("an exit", exit)
