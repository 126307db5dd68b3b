"""Mooring: bring a drifting boat to its buoy, gently.

Observation  Box, (5,), float32:
             - 0: place along x, in [-1, 1] like the next three
             - 1: place along y
             - 2: speed along x
             - 3: speed along y
             - 4: share of the time that is left, in [0, 1]
Actions      Box(-1, 1, (2,), float32):
             - 0: thrust along x
             - 1: thrust along y
Reward       minus the squared distance from the buoy after the move, minus 0.2 times the squared thrust.
Terminated   after 20 steps; the observation holds the clock.
Best return  about -0.346, exactly -2 P/12, where P is the cost of starting at distance 1 (`cost_and_gains`).
Source       the linear quadratic regulator: Bertsekas, Dynamic Programming and Optimal Control, volume 1, section 3.1.

The quay stops the boat at -1 and 1. Whoever touches it has paid 1 for that step, and the best play from the farthest
start, half way out and at rest, costs 0.52: so the regulator, which knows of no quay and here never asks for a thrust
beyond 0.8, is the best policy of the game with its quay and its limits.
"""

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import INK, VERMILION, WHITE, YELLOW, Colour

from .game import Game

Vector = npt.NDArray[np.float32]

WATER: Colour = (88, 156, 196)
LIGHTER: Colour = (118, 178, 212)
QUAY: Colour = (170, 160, 148)
STEPS, THRUST, EFFORT, FARTHEST = 20, 0.1, 0.2, 0.5

REGISTRATION = {"id": "envkit/Mooring-v0", "entry_point": "Mooring"}


def cost_and_gains() -> tuple[float, npt.NDArray[np.float64]]:
    """The least cost of one axis that starts at distance 1 and at rest, and the gains [STEPS, 2] that reach it.

    Row t holds the factors of place and speed when t + 1 steps are left. (Riccati's recursion.)
    """
    move, push = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([THRUST, THRUST])
    cost, gains = np.zeros((2, 2)), np.zeros((STEPS, 2))
    for left in range(STEPS):
        ahead = cost + np.diag([1.0, 0.0])
        gains[left] = push @ ahead @ move / (EFFORT + push @ ahead @ push)
        closed = move - np.outer(push, gains[left])
        cost = closed.T @ ahead @ closed + EFFORT * np.outer(gains[left], gains[left])
    return float(cost[0, 0]), gains


COST, GAINS = cost_and_gains()


class Mooring(Game[Vector, Vector]):
    SHOWS = "Box, vector"
    BEST_RETURN = -2 * COST * FARTHEST**2 / 3  # the mean square of a place drawn evenly from [-d, d] is d * d / 3
    canvas_size = (480, 480)

    def draw_background(self, canvas: Canvas) -> None:
        canvas.fill(QUAY)
        canvas.rect(16, 16, 448, 448, WATER, radius=10)
        for radius in (200, 150, 100, 50):
            canvas.circle(240, 240, radius, LIGHTER, outline=1.5)

    def draw(self, canvas: Canvas) -> None:
        canvas.line([_pixel(place) for place in self.wake], WHITE, 2)
        canvas.circle(240, 240, 11, VERMILION)
        canvas.circle(240, 240, 5, WHITE)
        x, y = _pixel(self.place)
        canvas.circle(x, y, 13, INK)
        canvas.circle(x, y, 10, YELLOW)
        canvas.arrow((x, y), (x + 90 * self.thrust[0], y + 90 * self.thrust[1]), INK, 3)
        canvas.rect(16, 468, 448 * self.left / STEPS, 6, INK, radius=3)

    def __init__(self, *, render_mode: str | None = None):
        low = np.array([-1, -1, -1, -1, 0], np.float32)
        self.observation_space = spaces.Box(low, np.ones(5, np.float32), dtype=np.float32)
        self.action_space = spaces.Box(-1, 1, (2,), np.float32)
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        self.place = self.np_random.uniform(-FARTHEST, FARTHEST, 2)
        self.speed, self.thrust = np.zeros(2), np.zeros(2)
        self.left = STEPS
        self.wake = [self.place]

    def play(self, action: Vector) -> tuple[float, bool]:
        self.thrust = np.array(action, np.float64)
        self.speed = self.speed + THRUST * self.thrust
        aim = self.place + self.speed
        self.place = np.clip(aim, -1, 1)
        self.speed = np.where(self.place == aim, self.speed, 0.0)
        self.left -= 1
        self.wake = [*self.wake, self.place]
        cost = np.square(self.place).sum() + EFFORT * np.square(self.thrust).sum()
        return -float(cost), self.left == 0

    def observe(self) -> Vector:
        return np.array([*self.place, *self.speed, self.left / STEPS], np.float32)

    def best_action(self, observation: Vector) -> Vector:
        left = max(round(float(observation[4]) * STEPS), 1)
        for_place, for_speed = GAINS[left - 1]
        thrust = -for_place * observation[:2] - for_speed * observation[2:4]
        return np.array(np.clip(thrust, -1, 1), np.float32)


def _pixel(place: npt.NDArray[np.float64]) -> tuple[float, float]:
    """From the harbour to the picture; 210 pixels to the quay."""
    return 240 + 210 * float(place[0]), 240 + 210 * float(place[1])
