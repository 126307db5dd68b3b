"""Grid games in a few lines: an author gives a map and says what pays, and the rest follows.

    class Cave(GridEnv):
        map = '''
            S.#..
            ..D.G
            kX#.o
        '''
        legend = {"k": item("key"), "D": door("key"), "X": hazard(reward=-10), "o": item("coin", reward=5)}

That is a whole environment: spaces, steps and slips, frames and text, the exact model, an overlay for solutions. Where
tiles cannot say what pays or what ends an episode, the methods `reward` and `is_over` do.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.error import ResetNeeded

from envkit.authoring.arguments import whole
from envkit.authoring.canvas import Frame
from envkit.authoring.grid import Layout
from envkit.authoring.grid_game import GridGame, Place
from envkit.authoring.moves import spread, turns
from envkit.core.mdp import MDP, ModelError
from envkit.core.show import show

__all__ = ["GridEnv", "Place", "RandomGridEnv"]

MOST_STATES = 2_000_000  # of a model that is written out

# Each [states, moves]: next state int64, reward float64, terminated bool.
Tables = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.bool_]]


class GridEnv(GridGame[Any]):
    """A game on one layout. The agent sees the number of its state: the cell, where there are no items.

    Class attributes beside those of `GridGame`: `map`, the text that is played on unless another layout is given.

    Args:
      layout: a layout, or a map to be read with the game's legend.
      slip, frame_size, render_mode: as of `GridGame`.
    """

    map: ClassVar[str | None] = None

    def __init__(
        self,
        layout: Layout | str | None = None,
        *,
        slip: float = 0.0,
        frame_size: int | None = None,
        render_mode: str | None = None,
    ):
        given = self.map if layout is None else layout
        if given is None:
            raise ValueError(f"{type(self).__name__} has no map: set the class attribute map, such as map = 'S.G'")
        if not isinstance(given, Layout):
            given = Layout.from_map(given, self.legend, moves=self.moves, wrap=self.wrap)
        super().__init__(given, slip=slip, frame_size=frame_size, render_mode=render_mode)
        self.observation_space = spaces.Discrete(self.num_states)

    def observe(self) -> Any:
        return self.state

    def mdp(self) -> MDP:
        """The exact model: a state is a cell and what was picked up, and walls are states that nobody reaches.

        The outcomes of a move stand in the order of the draw that picks one.
        """
        states, names = range(self.num_states), self.action_names
        arrivals, paid, over = self.tables()
        next_state = spread(arrivals, self.slip)
        chances = [chance for _, chance in turns(self.slip)]
        return MDP(
            next_state=next_state,
            probability=np.broadcast_to(chances, next_state.shape).copy(),
            reward=spread(paid, self.slip),
            terminated=spread(over, self.slip),
            available=np.ones((len(states), len(names)), bool),
            start=(np.arange(len(states)) == self._picked(self.layout.start, 0)).astype(float),
            state_names=[self._name(self.place(state)) for state in states],
            action_names=names,
        )

    def tables(self) -> Tables:
        """What follows each move that does not slip. Asks `reward` and `is_over` about every state and move.

        Raises:
          ModelError: there are too many states.
        """
        if self.num_states > MOST_STATES:
            raise ModelError(
                f"{len(self.layout.items)} items on {self.layout.num_cells} cells make {self.num_states:,} states, "
                f"more than {MOST_STATES:,}; use fewer items, or learn without a model"
            )
        rows = [self._row(state) for state in range(self.num_states)]
        next_state = np.array([[following for following, _, _ in row] for row in rows], np.int64)
        reward = np.array([[paid for _, paid, _ in row] for row in rows], np.float64)
        return next_state, reward, np.array([[over for _, _, over in row] for row in rows], np.bool_)

    def _name(self, place: Place) -> str:
        cell = str(divmod(place.cell, self.layout.columns))
        return f"{cell} {', '.join(place.items)}" if place.items else cell


class RandomGridEnv(GridGame[npt.NDArray[np.uint8]]):
    """A game that draws a layout for every episode. The agent sees all of it, as numbers.

    An observation is the map as it is now, each character as its place in `symbols`. `@` is the agent, who hides what
    it stands on; `.` is free, also where it started and where something was picked up. There is no finite model.

    Class attributes beside those of `GridGame`: `symbols`, every character that a layout may have.

    Args:
      rows, columns: the size of every layout.
      slip, frame_size, render_mode: as of `GridGame`.

    The reset option `map`, a text of that size, is played on instead of a drawn layout.
    """

    STATE = ("ground", "state")
    symbols: str = ".#@G"

    def __init__(
        self,
        rows: int,
        columns: int,
        *,
        slip: float = 0.0,
        frame_size: int | None = None,
        render_mode: str | None = None,
    ):
        rows, columns = whole("rows", rows, least=1), whole("columns", columns, least=1)
        empty = Layout(rows, columns, 0, None, {}, frozenset(), moves=self.moves, wrap=self.wrap)
        super().__init__(empty, slip=slip, frame_size=frame_size, render_mode=render_mode)
        self.observation_space = spaces.Box(0, len(self.symbols) - 1, (rows, columns), np.uint8)

    @abstractmethod
    def new_layout(self) -> Layout:
        """The layout of an episode, of the game's size; every draw comes from `self.np_random`."""

    @property
    def ground(self) -> Layout:
        """The layout of this episode, as a part of the state."""
        return self.layout

    @ground.setter
    def ground(self, layout: Layout) -> None:
        self.play_on(layout)

    def layout_of_episode(self, options: Mapping[str, Any]) -> Layout:
        text = options.get("map")
        if text is None:
            return self.new_layout()
        layout = Layout.from_map(text, self.legend, moves=self.moves, wrap=self.wrap)
        if (layout.rows, layout.columns) != (self.board.rows, self.board.columns):
            raise ValueError(
                f"the map has {layout.rows} x {layout.columns} cells, but this {type(self).__name__} shows "
                f"{self.board.rows} x {self.board.columns}; make one with rows={layout.rows}, columns={layout.columns}"
            )
        return layout

    def play_on(self, layout: Layout) -> None:
        super().play_on(layout)
        marks = layout.marks()
        marks[layout.start] = "."
        unknown = [mark for mark in marks if mark not in self.symbols]
        if unknown:
            where = layout.place(marks.index(unknown[0]))
            raise ValueError(
                f"the layout has {unknown[0]!r} at {where}, which {type(self).__name__} has no number for; "
                f"its symbols are {show(self.symbols)}"
            )
        self._codes = np.array([self.symbols.index(mark) for mark in marks], np.uint8)  # without the agent

    def observe(self) -> npt.NDArray[np.uint8]:
        """uint8 [rows, columns]."""
        seen = self._codes.copy()
        seen[self._cells_of(self._taken)] = self.symbols.index(".")
        seen[self.cell] = self.symbols.index("@")
        return seen.reshape(self.board.rows, self.board.columns)

    def render(self) -> Frame | str | list[Any] | None:
        if self.state is None:
            raise ResetNeeded(f"{type(self).__name__}.render was called before reset: call env.reset(seed=0) first")
        return super().render()
