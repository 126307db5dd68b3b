"""Lift: bring the lift to the ground floor, from above or below.

Observation  Discrete(8, start=-2): the floor, from -2 to 5.
Actions      Discrete(3, start=-1): -1 down, 0 wait, 1 up; at either end of the shaft the lift stays.
Reward       -1 a step, and 0 for the step that reaches floor 0.
Terminated   on floor 0.  Truncated by the registered limit of 30 steps.
Best return  -11/7: from floor f it takes |f| steps, and the seven other floors are equally likely.
Source       made for this tour: spaces whose numbers do not begin at 0, and are negative.
"""

import numpy as np
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import GREEN, INK, ORANGE, SILVER, SLATE, WHITE, Colour
from envkit.core.mdp import MDP, Outcome

from .game import PICTURE_AND_TEXT, Game

LOWEST, HIGHEST, GROUND = -2, 5, 0
FLOORS = range(LOWEST, HIGHEST + 1)
SKY_COLOUR: Colour = (214, 232, 245)
EARTH: Colour = (150, 120, 92)
STARTS = tuple(floor for floor in FLOORS if floor != GROUND)

REGISTRATION = {"id": "envkit/Lift-v0", "entry_point": "Lift", "max_episode_steps": 30}


class Lift(Game[np.int64, np.int64]):
    SHOWS = "Discrete, start"
    BEST_RETURN = -11 / 7
    metadata = PICTURE_AND_TEXT
    canvas_size = (320, 480)

    def __init__(self, *, render_mode: str | None = None):
        self.observation_space = spaces.Discrete(len(FLOORS), start=LOWEST)
        self.action_space = spaces.Discrete(3, start=-1)
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        self.floor = int(self.np_random.choice(STARTS))

    def play(self, action: np.int64) -> tuple[float, bool]:
        self.floor, reward, arrived = move(self.floor, int(action))
        return reward, arrived

    def observe(self) -> np.int64:
        return np.int64(self.floor)

    def best_action(self, observation: np.int64) -> np.int64:
        return np.int64(-np.sign(observation))

    def draw(self, canvas: Canvas) -> None:
        canvas.fill(SKY_COLOUR)
        canvas.rect(0, 300, 320, 180, EARTH)
        canvas.rect(60, 18, 200, 444, WHITE)
        canvas.rect(130, 18, 60, 444, SLATE)
        for floor in FLOORS:
            top = _top(floor)
            canvas.rect(60, top + 54, 200, 2, SILVER)
            label = "G" if floor == GROUND else str(floor)
            canvas.text(label, 96, top + 28, size=20, colour=GREEN if floor == GROUND else SLATE)
        canvas.rect(208, _top(GROUND) + 12, 30, 42, GREEN, radius=3)
        canvas.line([(160, 18), (160, _top(self.floor) + 6)], INK, 2)
        canvas.rect(136, _top(self.floor) + 5, 48, 47, ORANGE, radius=4)
        canvas.line([(160, _top(self.floor) + 8), (160, _top(self.floor) + 50)], INK, 1.5)

    def ansi(self) -> str:
        rows = (
            f"{floor:3} {'[#]' if floor == self.floor else ' | '}{' <' if floor == GROUND else ''}" for floor in FLOORS
        )
        return "\n".join(reversed(list(rows)))

    def state_of(self, observation: np.int64) -> int:
        return int(observation) - LOWEST

    def mdp(self) -> MDP:
        """The exact model; state 0 is the lowest floor, action 0 is down."""
        return MDP.from_outcomes(
            [(1 / len(STARTS), floor) for floor in STARTS],
            lambda floor, action: [] if floor == GROUND else [Outcome(1.0, *move(floor, action - 1))],
            3,
            states=FLOORS,
            name=lambda floor: f"floor {floor}",
            action_names=("down", "wait", "up"),
        )


def move(floor: int, way: int) -> tuple[int, float, bool]:
    """The floor that the lift comes to, the reward, and whether it has arrived."""
    there = min(max(floor + way, LOWEST), HIGHEST)
    return there, (0.0 if there == GROUND else -1.0), there == GROUND


def _top(floor: int) -> int:
    """The y of a floor's ceiling in the picture."""
    return 22 + 55 * (HIGHEST - floor)
