"""Golf: choose a club and a swing for the distance and the wind.

Observation  Tuple(Discrete(3), Box(0, 1, (1,), float32)):
             - 0: wind, which is against, none or with
             - 1: distance to the hole
Actions      Tuple(Discrete(3), Box(-1, 1, (1,), float32)):
             - 0: club, which is a putter, an iron or a driver
             - 1: swing, soft to full
Reward       -1 for a stroke that misses, 0 for one that sinks the ball.
Terminated   when the ninth ball is sunk.  Truncated by the registered limit of 60 strokes.
Best return  0: nine holes in one; every distance is within reach of a club, whatever the wind.
Source       made for this tour: a choice, and a number that means something else with each choice.
"""

from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import INK, SLATE, VERMILION, WHITE, Colour

from .game import Game

Seen = tuple[Any, ...]  # wind, distance
Stroke = tuple[Any, ...]  # club, swing

CLUBS = {"putter": (0.0, 0.25), "iron": (0.2, 0.5), "driver": (0.4, 1.0)}  # the carry of the softest and the full swing
CARRY = np.array(list(CLUBS.values()))
WINDS = {"headwind": 0.9, "calm": 1.0, "tailwind": 1.1}  # factors of the carry
WIND = np.array(list(WINDS.values()))
HOLES, CUP = 9, 0.01
SKY_COLOUR: Colour = (206, 228, 244)
GRASS: Colour = (102, 158, 88)
NEAREST, FARTHEST = 0.1, 0.9

REGISTRATION = {"id": "envkit/Golf-v0", "entry_point": "Golf", "max_episode_steps": 60}


class Golf(Game[Seen, Stroke]):
    SHOWS = "Tuple"
    BEST_RETURN = 0.0

    def __init__(self, *, render_mode: str | None = None):
        self.observation_space = spaces.Tuple((spaces.Discrete(len(WIND)), spaces.Box(0, 1, (1,), np.float32)))
        self.action_space = spaces.Tuple((spaces.Discrete(len(CLUBS)), spaces.Box(-1, 1, (1,), np.float32)))
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        self.sunk, self.strokes, self.said = 0, 0, ""
        self.wind, self.distance = self._tee()

    def play(self, action: Stroke) -> tuple[float, bool]:
        club, swing = int(action[0]), float(action[1][0])
        softest, full = CARRY[club]
        carry = WIND[self.wind] * (softest + (swing + 1) / 2 * (full - softest))
        self.strokes += 1
        miss = abs(self.distance - carry)
        self.said = f"{list(CLUBS)[club]}, carry {carry:.2f}" + (": in the hole!" if miss <= CUP else "")
        if miss > CUP:
            self.distance = min(miss, 1.0)  # past the hole counts as well; a fence stands at 1
            return -1.0, False
        self.sunk += 1
        if self.sunk < HOLES:
            self.wind, self.distance = self._tee()
        else:
            self.distance = 0.0
        return 0.0, self.sunk == HOLES

    def observe(self) -> Seen:
        return np.int64(self.wind), np.array([self.distance], np.float32)

    def best_action(self, observation: Seen) -> Stroke:
        calm = float(observation[1][0]) / WIND[int(observation[0])]  # the carry that it takes without wind
        club = min(int(np.searchsorted(CARRY[:, 1], calm)), len(CARRY) - 1)  # the shortest that reaches it
        softest, full = CARRY[club]
        swing = 2 * (calm - softest) / (full - softest) - 1
        return np.int64(club), np.clip([swing], -1, 1).astype(np.float32)

    def draw(self, canvas: Canvas) -> None:
        canvas.fill(SKY_COLOUR)
        canvas.rect(0, 210, 480, 110, GRASS)
        title = f"hole {min(self.sunk + 1, HOLES)} of {HOLES}, stroke {self.strokes + 1}"
        canvas.text(title, 24, 34, size=22, anchor="left")
        canvas.text(self.said, 24, 64, size=16, colour=SLATE, anchor="left")
        for mark in range(11):
            canvas.line([(40 + 40 * mark, 232), (40 + 40 * mark, 238)], WHITE, 2)
        canvas.text(f"distance {self.distance:.2f}", 240, 270, size=18, colour=WHITE)
        hole = 40 + 400 * self.distance
        canvas.circle(hole, 222, 7, INK)
        canvas.line([(hole, 222), (hole, 140)], INK, 3)
        canvas.polygon([(hole + 1, 140), (hole + 34, 151), (hole + 1, 162)], VERMILION)
        canvas.circle(40, 219, 6, WHITE)
        name, along = list(WINDS)[self.wind], 28 * (self.wind - 1)
        canvas.text(name, 410, 34, size=18)
        canvas.arrow((410 - along, 62), (410 + along, 62), INK, 4)

    def _tee(self) -> tuple[int, float]:
        return int(self.np_random.integers(len(WIND))), float(self.np_random.uniform(NEAREST, FARTHEST))
