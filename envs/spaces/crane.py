"""Crane: carry a crate across the yard and set it down on the lorry.

Observation  MultiDiscrete([5 5 5 5 2]):
             - 0: row of the hook
             - 1: column of the hook
             - 2: row of the crate
             - 3: column of the crate
             - 4: whether it hangs
Actions      MultiDiscrete([3 3 2]): up, stay, down; left, stay, right; hook open, hook closed.
Reward       -1 a step, and 0 for the step that sets the crate on the lorry, in the last row and column.
Terminated   when the crate stands on the lorry.  Truncated by the registered limit of 50 steps.
Best return  -21/5: the moves to the crate (at least one) and on to the lorry, less one, over all 600 starts.
Source       made for this tour.

The hook moves first, then opens or closes. Closed, it takes the crate that is below it; open, it lets it go.
"""

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import BLUE, INK, ORANGE, SILVER, SLATE, VERMILION, WHITE, YELLOW
from envkit.core.mdp import MDP, Outcome

from .game import Game

Numbers = npt.NDArray[np.int64]
State = tuple[int, int, int, int, int]  # as observed

SIDE = 5
LORRY = (SIDE - 1, SIDE - 1)
STATES = (SIDE, SIDE, SIDE, SIDE, 2)
ACTIONS = (3, 3, 2)

REGISTRATION = {"id": "envkit/Crane-v0", "entry_point": "Crane", "max_episode_steps": 50}


class Crane(Game[Numbers, Numbers]):
    SHOWS = "MultiDiscrete"
    BEST_RETURN = -21 / 5
    canvas_size = (480, 480)

    def draw_background(self, canvas: Canvas) -> None:
        canvas.fill(SLATE)
        for row, column in np.ndindex(SIDE, SIDE):
            canvas.rect(22 + 88 * column, 22 + 88 * row, 84, 84, SILVER, radius=4)
        x, y = _pixel(LORRY)
        canvas.rect(x - 40, y - 30, 62, 60, BLUE, radius=4)
        canvas.rect(x + 24, y - 24, 17, 48, INK, radius=4)

    def draw(self, canvas: Canvas) -> None:
        (x, y), (crate_x, crate_y) = _pixel(self.state[:2]), _pixel(self.state[2:4])
        canvas.rect(crate_x - 26, crate_y - 26, 52, 52, ORANGE, radius=3)
        for corner in (-22, 22):
            canvas.line([(crate_x - 22, crate_y - corner), (crate_x + 22, crate_y + corner)], WHITE, 3)
        canvas.rect(14, y - 5, 452, 10, YELLOW, radius=4)
        canvas.rect(x - 19, y - 13, 38, 26, INK, radius=6)
        canvas.circle(x, y, 9, VERMILION if self.closed else WHITE)

    def __init__(self, *, render_mode: str | None = None):
        self.observation_space = spaces.MultiDiscrete(list(STATES))
        self.action_space = spaces.MultiDiscrete(list(ACTIONS))
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        hook, crate = self.np_random.integers(SIDE * SIDE), self.np_random.integers(SIDE * SIDE - 1)  # last: the lorry
        self.state: State = (*divmod(int(hook), SIDE), *divmod(int(crate), SIDE), 0)
        self.closed = False

    def play(self, action: Numbers) -> tuple[float, bool]:
        down, right, closed = (int(number) for number in action)
        self.closed = bool(closed)
        self.state, reward, delivered = move(self.state, (down, right, closed))
        return reward, delivered

    def observe(self) -> Numbers:
        return np.array(self.state, np.int64)

    def best_action(self, observation: Numbers) -> Numbers:
        hook, crate, hangs = observation[:2], observation[2:4], bool(observation[4])
        way = (np.array(LORRY) if hangs else crate) - hook
        move = np.sign(way)
        closed = not (hangs and (way == move).all())  # the last move of the carry opens the hook
        return np.array([*(move + 1), closed], np.int64)

    def state_of(self, observation: Numbers) -> int:
        return int(np.ravel_multi_index(tuple(observation), STATES))

    def mdp(self) -> MDP:
        """The exact model, of 1250 states and 18 actions."""
        states = [tuple(map(int, state)) for state in np.ndindex(*STATES)]
        starts = [state for state in states if state[2:4] != LORRY and not state[4]]
        return MDP.from_outcomes(
            [(1 / len(starts), state) for state in starts],
            lambda state, action: [] if delivered(state) else [Outcome(1.0, *move(state, unnumbered(action)))],
            18,
            states=states,
        )


def move(state: State, action: tuple[int, int, int]) -> tuple[State, float, bool]:
    """The next state, the reward, and whether the crate is delivered."""
    *hook, crate_row, crate_column, hangs = state
    row, column = (min(max(place + way - 1, 0), SIDE - 1) for place, way in zip(hook, action, strict=False))
    crate = (row, column) if hangs else (crate_row, crate_column)
    after = (row, column, *crate, int(action[2] and (row, column) == crate))
    return after, (0.0 if delivered(after) else -1.0), delivered(after)


def delivered(state: State) -> bool:
    return state[2:4] == LORRY and not state[4]


def unnumbered(action: int) -> tuple[int, int, int]:
    """An action of the model as one of the game."""
    down, right, closed = np.unravel_index(action, ACTIONS)
    return int(down), int(right), int(closed)


def _pixel(cell: npt.ArrayLike) -> tuple[int, int]:
    """The middle (x, y) of a cell in the picture."""
    row, column = np.asarray(cell)
    return 64 + 88 * int(column), 64 + 88 * int(row)
