"""Catch: run with the basket to where the apple will fall.

Observation  Box(0, 255, (48, 48, 3), uint8): the sky, the apple and the basket, eight by eight cells of six pixels.
Actions      Discrete(3): run left, stay, run right.
Reward       +1 for an apple in the basket, -1 for one on the grass, 0 while it falls.
Terminated   when the apple is down, after seven steps.
Best return  1: in seven steps the basket gets from anywhere to anywhere.
Source       the game of Mnih et al., Recurrent Models of Visual Attention (2014), section 4.2, in colour.
"""

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.core.mdp import MDP, Outcome

from .game import Game

Image = npt.NDArray[np.uint8]
State = tuple[int, int, int]  # row and column of the apple, column of the basket

CELLS, PIXELS = 8, 6
SKY, GRASS, APPLE, BASKET = (150, 205, 240), (110, 175, 90), (215, 50, 45), (130, 85, 45)
RIM = (96, 60, 30)

REGISTRATION = {"id": "envkit/Catch-v0", "entry_point": "Catch"}


def picture(state: State) -> Image:
    """The observation: a new array uint8 [48, 48, 3]."""
    row, column, basket = state
    image = np.full((CELLS * PIXELS, CELLS * PIXELS, 3), SKY, np.uint8)
    image[-2:] = GRASS
    image[-PIXELS + 1 : -1, basket * PIXELS : (basket + 1) * PIXELS] = BASKET
    top, left = row * PIXELS, column * PIXELS
    image[top + 1 : top + 5, left + 1 : left + 5] = APPLE
    return image


class Catch(Game[Image, np.int64]):
    SHOWS = "Box, image"
    BEST_RETURN = 1.0
    canvas_size = (480, 480)

    def __init__(self, *, render_mode: str | None = None):
        self.observation_space = spaces.Box(0, 255, (CELLS * PIXELS, CELLS * PIXELS, 3), np.uint8)
        self.action_space = spaces.Discrete(3)
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        column, basket = self.np_random.integers(CELLS, size=2)
        self.state: State = (0, int(column), int(basket))

    def play(self, action: np.int64) -> tuple[float, bool]:
        self.state, reward, over = move(self.state, int(action))
        return reward, over

    def observe(self) -> Image:
        return picture(self.state)

    def best_action(self, observation: Image) -> np.int64:
        _, column, basket = seen(observation)
        return np.int64(np.sign(column - basket) + 1)

    def draw(self, canvas: Canvas) -> None:
        row, column, basket = self.state
        canvas.fill(SKY)
        canvas.rect(0, 452, 480, 28, GRASS)
        x, y = 60 * basket + 30, 462
        caught = row == CELLS - 1 and column == basket
        self._draw_apple(canvas, 60 * column + 30, 60 * row + (4 if caught else 30))
        canvas.polygon([(x - 28, y - 42), (x + 28, y - 42), (x + 20, y), (x - 20, y)], BASKET)
        canvas.line([(x - 27, y - 40), (x + 27, y - 40)], RIM, 6)
        canvas.line([(x - 22, y - 20), (x + 22, y - 20)], RIM, 2)

    @staticmethod
    def _draw_apple(canvas: Canvas, x: int, y: int) -> None:
        canvas.line([(x, y - 14), (x + 4, y - 27)], RIM, 3)
        canvas.circle(x - 6, y, 15, APPLE)
        canvas.circle(x + 6, y, 15, APPLE)
        canvas.circle(x - 9, y - 6, 4, (245, 150, 140))

    def state_of(self, observation: Image) -> int:
        row, column, basket = seen(observation)
        return (row * CELLS + column) * CELLS + basket

    def mdp(self) -> MDP:
        """The exact model, of 512 states."""
        return MDP.from_outcomes(
            [(1 / CELLS**2, (0, column, basket)) for column in range(CELLS) for basket in range(CELLS)],
            lambda state, action: [] if state[0] == CELLS - 1 else [Outcome(1.0, *move(state, action))],
            3,
            states=[tuple(map(int, state)) for state in np.ndindex(CELLS, CELLS, CELLS)],
            action_names=("left", "stay", "right"),
        )


def move(state: State, action: int) -> tuple[State, float, bool]:
    """The next state, the reward, and whether the apple is down."""
    row, column, basket = state
    basket = min(max(basket + action - 1, 0), CELLS - 1)
    down = row + 1 == CELLS - 1
    reward = (1.0 if basket == column else -1.0) if down else 0.0
    return (row + 1, column, basket), reward, down


def seen(image: Image) -> State:
    """Finds the apple and the basket in the picture."""
    apples = (image[2::PIXELS, 2::PIXELS] == APPLE).all(axis=2)
    row, column = np.argwhere(apples)[0]
    basket = np.flatnonzero((image[-PIXELS + 1, ::PIXELS] == BASKET).all(axis=1))[0]
    return int(row), int(column), int(basket)
