"""What every grid game has in common: where the agent is and what it has picked up, steps, slips, pictures and text.

A state is a cell and what was picked up, numbered `cell + num_cells * taken`, where bit i of `taken` is the i-th item
of `layout.items`. What follows each move is worked out when a state is first met, and is a look-up from then on.

A slip draws one double from `np_random` a step; a step of a game without slips draws nothing.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.error import InvalidAction, ResetNeeded

from envkit.authoring import palette, pictures
from envkit.authoring.arguments import number, whole
from envkit.authoring.board import Board
from envkit.authoring.canvas import Canvas
from envkit.authoring.drawn import DrawnEnv
from envkit.authoring.grid import Layout
from envkit.authoring.grid_drawing import draw_layout, draw_things
from envkit.authoring.legend import marked
from envkit.authoring.moves import FOUR, Move, arrow
from envkit.authoring.state import Restorable, check_number
from envkit.authoring.tiles import Tile
from envkit.core.show import show

FRAME_SIZE, LEAST_CELL = 512, 4  # pixels, of a frame by default and of a cell that can still be seen

ObsT = TypeVar("ObsT")
Row = list[tuple[int, float, bool]]  # for each move: the next state, the reward, whether the episode ends


class Place(NamedTuple):
    """A cell, and the names of all that was picked up, in the order of the cells where it lay."""

    cell: int
    items: tuple[str, ...] = ()


class GridGame(Restorable, DrawnEnv[ObsT, Any]):
    """An agent on a layout; derive from `GridEnv` or `RandomGridEnv`, which say what the agent sees.

    Class attributes for the author: `legend`, {character: tile} (see `envkit.authoring.tiles`); `moves`, {name: (rows
    down, columns to the right)}; `wrap`, whether each edge leads to the opposite one; `step_reward`, what a step pays
    that no tile pays for. Methods where tiles cannot say it: `reward` and `is_over`.

    Args:
      layout: what is played on first.
      slip: the probability that a move turns into the one before or after it in `moves`, half of it each.
      frame_size: pixels of the longer side of a frame; 512 by default, more where cells would get lost in it.
    """

    metadata: dict[str, Any] = {"render_modes": ["human", "rgb_array", "ansi"], "render_fps": 8}  # noqa: RUF012
    STATE: ClassVar[tuple[str, ...]] = ("state",)
    legend: ClassVar[Mapping[str, Tile] | None] = None
    moves: ClassVar[Mapping[str, Move]] = FOUR
    wrap: ClassVar[bool] = False
    step_reward: ClassVar[float] = -1.0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.legend is not None:
            cls.legend = marked(cls.legend)

    def __init__(
        self, layout: Layout, *, slip: float = 0.0, frame_size: int | None = None, render_mode: str | None = None
    ):
        super().__init__(render_mode=render_mode)
        self.slip = number("slip", slip, least=0, most=1)
        needed = LEAST_CELL * max(layout.rows, layout.columns)
        pixels = max(FRAME_SIZE, needed) if frame_size is None else whole("frame_size", frame_size)
        if pixels < needed:
            raise ValueError(f"frame_size is {frame_size}, too small to see anything; it takes {needed} pixels or more")
        self.board = Board(layout.rows, layout.columns, pixels)
        self.canvas_size = self.board.size
        self.action_names = tuple(layout.moves)
        self.action_space = spaces.Discrete(len(self.action_names))
        self.state: int | None = None  # None before the first reset
        self.play_on(layout)

    def play_on(self, layout: Layout) -> None:
        """Takes this layout from now on; a solution laid over the last one is gone."""
        self.layout = layout
        self.values: npt.NDArray[np.float64] | None = None  # [S], shown as an overlay
        self.policy: npt.NDArray[np.int64] | None = None  # [S], likewise
        self._ways: dict[int, list[list[int]]] = {}  # by what was taken: where each move of each cell ends
        self._rows: dict[int | None, Row] = {}  # by state
        self._drawn = 0  # what was taken when the background was drawn
        self.forget_background()

    @property
    def cell(self) -> int | None:
        """Where the agent is; None before the first reset."""
        return None if self.state is None else self.state % self.layout.num_cells

    @cell.setter
    def cell(self, cell: int) -> None:
        self.state = cell + self._taken * self.layout.num_cells

    def set_state(self, state: dict[str, Any]) -> None:
        """As of `Restorable`. Raises ValueError too where it has a number that is no state's."""
        number = state.get("state") if isinstance(state, dict) else None
        if number is not None:  # as it is before the first reset
            check_number(self, number, self.num_states)
        super().set_state(state)

    def put(self, state: int) -> None:
        """Brings the game into a state, by its number."""
        self.state = state

    @property
    def num_states(self) -> int:
        """Cells times what may have been picked up."""
        return self.layout.num_cells << len(self.layout.items)

    def place(self, state: int) -> Place:
        """What a state's number means."""
        taken, cell = divmod(state, self.layout.num_cells)
        return Place(cell, tuple(self.layout.tiles[where].name for where in self._cells_of(taken)) if taken else ())

    def reward(self, before: Place, after: Place) -> float:
        """What a step pays: what the tile says that it ends on, else `step_reward`.

        An item pays when it is picked up, and is free floor from then on.
        """
        tile = self.layout.tiles.get(after.cell)
        if tile is None or tile.reward is None or (tile.item and before.items == after.items):
            return self.step_reward
        return tile.reward

    def is_over(self, place: Place) -> bool:
        """Whether the episode ends with whoever gets to this place: on goals, and on other tiles that end it."""
        return place.cell in self.layout.ends

    @abstractmethod
    def observe(self) -> ObsT:
        """What the agent sees now, in objects that nobody else holds."""

    def layout_of_episode(self, options: Mapping[str, Any]) -> Layout:  # noqa: ARG002 - for games that draw one
        """The layout of the episode that begins; the same in every one unless a game says otherwise."""
        return self.layout

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[ObsT, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        layout = self.layout_of_episode(options or {})
        if layout is not self.layout:
            self.play_on(layout)
        self.state = self._picked(layout.start, 0)
        self.show()
        return self.observe(), {}

    def step(self, action: Any) -> tuple[ObsT, float, bool, bool, dict[str, Any]]:
        if type(action) is not int:
            action = self._plain(action)
        try:
            row = self._rows[self.state]
        except KeyError:
            row = self._row(self.state)
        if not 0 <= action < len(row):
            raise self._no_action(action)
        if self.slip:
            action = self._slide(action)
        self.state, reward, terminated = row[action]
        if self.render_mode is not None:  # not even a call where nobody looks on: that would be a fifth of a step
            self.show()
        return self.observe(), reward, terminated, False, {}

    def overlay(self, *, values: npt.ArrayLike | None = None, policy: npt.ArrayLike | None = None) -> None:
        """Shows a solution in every frame from now on; without arguments, no longer.

        Args:
          values: [S], a number for each state, drawn as heat; NaN where there is none.
          policy: [S], an action for each state, drawn as an arrow; -1 where there is none.
        """
        self.values = None if values is None else self._for_states("values", values).astype(np.float64)
        self.policy = None if policy is None else self._for_states("policy", policy).astype(np.int64)
        known = range(-1, len(self.action_names))
        if self.policy is not None and not np.isin(self.policy, known).all():
            wrong = self.policy[~np.isin(self.policy, known)]
            raise ValueError(f"the policy has the action {wrong[0]}; actions are 0 to {known[-1]}, or -1 for none")
        self.forget_background()

    def ansi(self) -> str:
        """The map, with `@` where the agent is and without what it took, and the overlaid policy on free cells."""
        marks = self.layout.marks()
        for cell in self._cells_of(self._taken):
            marks[cell] = "."
        if self.policy is not None:
            signs = [arrow(move) for move in self.layout.moves.values()]
            arrows = {cell: signs[action] for cell, action in enumerate(self._now(self.policy)) if action >= 0}
            marks = [arrows.get(cell, mark) if mark == "." else mark for cell, mark in enumerate(marks)]
        if self.cell is not None:
            marks[self.cell] = "@"
        width = self.layout.columns
        return "".join(" ".join(marks[row : row + width]) + "\n" for row in range(0, len(marks), width))

    def draw_background(self, canvas: Canvas) -> None:
        values = None if self.values is None else self._now(self.values)
        policy = None if self.policy is None else self._now(self.policy)
        draw_layout(canvas, self.board, self.layout, values=values, policy=policy)

    def draw(self, canvas: Canvas) -> None:
        if self.layout.tiles:
            cells = self._cells_of(self._taken)
            draw_things(canvas, self.board, self.layout, cells, [self.layout.tiles[cell].name for cell in cells])
        cell = self.cell
        if cell is not None:
            sprite = pictures.sprite(pictures.agent, self.board.cell, palette.INK)
            canvas.stamp(sprite, *self.board.corner(cell), bare=not self.layout.tiles)

    def _paint(self) -> Canvas:
        solved = self.values is not None or self.policy is not None
        if solved and self._drawn != self._taken:
            self.forget_background()  # it shows the solution for what was taken
            self._drawn = self._taken
        return super()._paint()

    @property
    def _taken(self) -> int:
        """What was picked up, an item a bit."""
        return (self.state or 0) // self.layout.num_cells

    def _cells_of(self, taken: int) -> list[int]:
        return [cell for bit, cell in enumerate(self.layout.items) if taken >> bit & 1]

    def _picked(self, cell: int, taken: int) -> int:
        """The state of who comes to a cell."""
        if cell in self.layout.items:
            taken |= 1 << self.layout.items.index(cell)
        return cell + taken * self.layout.num_cells

    def _row(self, state: int | None) -> Row:
        """What follows each move that does not slip. After the end, the end remains and nothing is paid."""
        if state is None:
            raise ResetNeeded(f"{type(self).__name__}.step was called before reset: call env.reset(seed=0) first")
        before, taken = self.place(state), state // self.layout.num_cells
        if before.cell in self.layout.walls or self.is_over(before):
            row = [(state, 0.0, True)] * len(self.action_names)
        else:
            if taken not in self._ways:
                self._ways[taken] = self.layout.arrivals(before.items).tolist()
            row = []
            for cell in self._ways[taken][before.cell]:
                following = self._picked(cell, taken)
                after = self.place(following)
                row.append((following, float(self.reward(before, after)), bool(self.is_over(after))))
        self._rows[state] = row
        return row

    def _slide(self, action: int) -> int:
        draw = self.np_random.random()  # in the order of `turns`
        if draw < 1 - self.slip:
            return action
        return (action + (1 if draw < 1 - self.slip + self.slip / 2 else -1)) % len(self.action_names)

    def _plain(self, action: Any) -> int:
        if isinstance(action, np.integer) or self.action_space.contains(action):
            return int(action)
        raise self._no_action(action)

    def _no_action(self, action: Any) -> InvalidAction:
        names = ", ".join(f"{number} {name}" for number, name in enumerate(self.action_names))
        return InvalidAction(f"step({show(action)}) of {type(self).__name__}: the actions are {names}")

    def _now(self, solution: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """[cells]: the part of a solution for what has been picked up."""
        part: npt.NDArray[Any] = solution.reshape(-1, self.layout.num_cells)[self._taken]
        return part

    def _for_states(self, what: str, given: npt.ArrayLike) -> npt.NDArray[Any]:
        array = np.array(given)
        if array.shape != (self.num_states,):
            unit = "states" if self.layout.items else "cells"
            raise ValueError(
                f"{what} has shape {list(array.shape)}, not one entry for each of {self.num_states} {unit}"
            )
        return array
