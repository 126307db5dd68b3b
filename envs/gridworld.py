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
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.error import InvalidAction, ResetNeeded

from envkit.authoring import palette
from envkit.authoring.arguments import number, several, whole
from envkit.authoring.board import Board, heat_colours
from envkit.authoring.canvas import Canvas, Sprite
from envkit.authoring.drawn import DrawnEnv
from envkit.authoring.finite import FiniteBatch
from envkit.authoring.grid import ACTION_NAMES, ARROWS, LETTERS, MOVES, Layout
from envkit.authoring.state import Restorable
from envkit.core.mdp import MDP
from envkit.core.show import show

REGISTRATION = {
    "id": "envkit/GridWorld-v0",
    "entry_point": "GridWorld",
    "vector_entry_point": "GridWorldBatch",
    "max_episode_steps": 200,
}

TUTORIAL = {18: 54, 63: 14}  # the teleporters of the default grid
FRAME_SIZE, LEAST_CELL = 512, 4  # pixels, of a frame by default and of a cell that can still be seen
FLOOR = palette.mix(palette.SILVER, palette.MIST, 0.5)

Teleporters = Mapping[Any, int] | Iterable[tuple[int, int]]


class GridWorld(Restorable, DrawnEnv[Any, Any]):
    """A grid, a goal, and shortcuts."""

    metadata = {"render_modes": ["human", "rgb_array", "ansi"], "render_fps": 8}  # noqa: RUF012
    STATE = ("cell",)

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
        super().__init__(render_mode=render_mode)
        if map is None:
            self.layout = _layout(rows, columns, start, goal, teleporters, walls)
        elif (rows, columns, start, goal, teleporters, walls) == (9, 9, 0, None, None, ()):
            self.layout = Layout.from_map(map)
        else:
            raise ValueError("a map says it all: give either the map or rows, columns, start, goal, teleporters, walls")
        self.slip = number("slip", slip, least=0, most=1)
        needed = LEAST_CELL * max(self.layout.rows, self.layout.columns)
        pixels = max(FRAME_SIZE, needed) if frame_size is None else whole("frame_size", frame_size)
        self.board = Board(self.layout.rows, self.layout.columns, pixels)
        if pixels < needed:
            raise ValueError(f"frame_size is {frame_size}, too small to see anything; it takes {needed} pixels or more")
        self.canvas_size = self.board.size
        self.observation_space = spaces.Discrete(self.layout.num_cells)
        self.action_space = spaces.Discrete(len(MOVES))
        self.values: npt.NDArray[np.float64] | None = None  # [S], shown as an overlay
        self.policy: npt.NDArray[np.int64] | None = None  # [S], likewise
        self.cell: int | None = None  # None before the first reset
        self._arrivals: list[list[int]] = self.layout.arrivals().tolist()  # lists: a step is two plain look-ups

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.cell = self.layout.start
        self.show()
        return self.cell, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        if type(action) is not int:
            action = self._plain(action)
        cell, goal = self.cell, self.layout.goal
        if cell is None:
            raise ResetNeeded("GridWorld.step was called before reset: call env.reset(seed=0) first")
        if not 0 <= action < 4:
            raise self._no_action(action)
        if self.slip:
            action = self._slide(action)
        self.cell = cell = self._arrivals[cell][action]
        self.show()
        if cell == goal:  # after the end too, where a further step costs nothing and is still the end
            return cell, 0.0, True, False, {}
        return cell, -1.0, False, False, {}

    def mdp(self) -> MDP:
        """The exact model; a state is a cell, and walls are states that nobody reaches."""
        layout = self.layout
        arrivals = layout.arrivals()  # [S, A]
        turns = [(0, 1 - self.slip), (1, self.slip / 2), (-1, self.slip / 2)] if self.slip else [(0, 1.0)]
        next_state = np.stack([np.roll(arrivals, -turn, axis=1) for turn, _ in turns], axis=2)
        closed = np.isin(np.arange(layout.num_cells), [layout.goal, *layout.walls])[:, None, None]
        terminated = (next_state == layout.goal) | closed
        return MDP(
            next_state=next_state,
            probability=np.broadcast_to([chance for _, chance in turns], next_state.shape).copy(),
            reward=np.where(terminated, 0.0, -1.0),
            terminated=terminated,
            available=np.ones(arrivals.shape, bool),
            start=(np.arange(layout.num_cells) == layout.start).astype(float),
            state_names=[str(divmod(cell, layout.columns)) for cell in range(layout.num_cells)],
            action_names=ACTION_NAMES,
        )

    def put(self, cell: int) -> None:
        """Sets the agent down in a cell, which is also the model's number of the state."""
        self.cell = cell

    def overlay(self, *, values: npt.ArrayLike | None = None, policy: npt.ArrayLike | None = None) -> None:
        """Shows a solution in every frame from now on; without arguments, no longer.

        Args:
          values: [S], a number for each cell, drawn as heat; NaN where there is none.
          policy: [S], an action for each cell, drawn as an arrow; -1 where there is none.
        """
        self.values = None if values is None else self._for_cells("values", values).astype(np.float64)
        self.policy = None if policy is None else self._for_cells("policy", policy).astype(np.int64)
        if self.policy is not None and not np.isin(self.policy, range(-1, len(MOVES))).all():
            wrong = self.policy[~np.isin(self.policy, range(-1, len(MOVES)))]
            raise ValueError(f"the policy has the action {wrong[0]}; actions are 0 to 3, or -1 for none")
        self.forget_background()

    def ansi(self) -> str:
        """The map, with `@` where the agent is, and the overlaid policy as arrows on free cells."""
        marks = self.layout.marks()
        if self.policy is not None:
            arrows = {cell: ARROWS[action] for cell, action in enumerate(self.policy) if action >= 0}
            marks = [arrows.get(cell, mark) if mark == "." else mark for cell, mark in enumerate(marks)]
        if self.cell is not None:
            marks[self.cell] = "@"
        width = self.layout.columns
        return "".join(" ".join(marks[row : row + width]) + "\n" for row in range(0, len(marks), width))

    def draw_background(self, canvas: Canvas) -> None:
        layout, board = self.layout, self.board
        canvas.fill(FLOOR)
        for cell in range(layout.num_cells):
            board.tile(canvas, cell, palette.SLATE if cell in layout.walls else palette.WHITE)
        taken = {layout.goal, *layout.walls}
        free = [cell for cell in range(layout.num_cells) if cell not in taken]
        solved = self.values is not None or self.policy is not None
        if self.values is not None:
            board.heat(canvas, self.values, free, low=0 if self.policy is None else 0.28)
        board.tile(canvas, layout.goal, palette.mix(palette.GREEN, palette.WHITE, 0.75))
        board.flag(canvas, layout.goal)
        if not solved:
            board.label(canvas, layout.start, "S")
        for index, exit in enumerate(layout.exits()):
            colour = palette.CYCLE[index % len(palette.CYCLE)]
            letter = LETTERS[index % len(LETTERS)].upper()
            ends = [cell for cell, leads_to in layout.teleporters.items() if leads_to == exit]
            for cell in (exit, *ends):
                both = cell == exit and cell in layout.teleporters
                small = solved or both or cell in (layout.start, layout.goal)
                board.badge(canvas, cell, letter, colour, hollow=cell == exit, small=small)
        if self.policy is not None:
            colours = {} if self.values is None else heat_colours(self.values, free)
            for cell in (cell for cell in free if self.policy[cell] >= 0):
                ink = palette.readable_on(colours.get(cell, palette.WHITE))
                board.arrow(canvas, cell, MOVES[self.policy[cell]], ink, low=-0.15 if colours else 0)

    def draw(self, canvas: Canvas) -> None:
        if self.cell is not None:
            x, y = self.board.corner(self.cell)
            canvas.stamp(_agent(self.board.cell), x, y)

    def _slide(self, action: int) -> int:
        draw = self.np_random.random()  # as the model's outcomes stand: straight on, to the one side, to the other
        if draw < 1 - self.slip:
            return action
        return (action + (1 if draw < 1 - self.slip + self.slip / 2 else -1)) % len(MOVES)

    def _plain(self, action: Any) -> int:
        if isinstance(action, np.integer) or self.action_space.contains(action):
            return int(action)
        raise self._no_action(action)

    def _no_action(self, action: Any) -> InvalidAction:
        return InvalidAction(f"step({show(action)}) of GridWorld: the actions are 0 up, 1 right, 2 down, 3 left")

    def _for_cells(self, what: str, given: npt.ArrayLike) -> npt.NDArray[Any]:
        array = np.array(given)
        if array.shape != (self.layout.num_cells,):
            raise ValueError(
                f"{what} has shape {list(array.shape)}, not one entry for each of {self.layout.num_cells} cells"
            )
        return array


class GridWorldBatch(FiniteBatch):
    """Many grids of one kind, stepped as arrays."""

    single = GridWorld


@lru_cache(maxsize=8)
def _agent(cell: int) -> Sprite:
    """A round fellow with two eyes, as large as a cell."""

    def draw(canvas: Canvas) -> None:
        middle = cell / 2
        canvas.circle(middle, middle, cell * 0.34, palette.WHITE)
        canvas.circle(middle, middle, cell * 0.29, palette.INK)
        for side in (-1, 1):
            canvas.circle(middle + side * cell * 0.1, middle - cell * 0.05, cell * 0.055, palette.WHITE)

    return Sprite.of(cell, cell, draw)


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
