"""Whack: hit every mole that is up, and nothing else.

Observation  MultiBinary(5): which of the five holes have a mole in them.
Actions      MultiBinary(5): on which of the holes the hammers fall.
Reward       (moles hit - hammers on empty holes) / moles that were up.
Terminated   never.  Truncated by the registered limit of 10 steps.
Best return  10: each step pays 1 at most.
Source       the fairground game, made for this tour.

A mole that was missed stays, and others join it: after each step at least one is up.
"""

from collections import Counter

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import INK, ROSE, WHITE, Colour
from envkit.core.mdp import MDP, Outcome

from .game import Game

Bits = npt.NDArray[np.int8]
Holes = tuple[int, ...]

LAWN: Colour = (92, 148, 84)
EARTH: Colour = (122, 88, 60)
FUR: Colour = (160, 126, 98)
HOLES, STEPS = 5, 10
SHAPE = (2,) * HOLES
SETS: list[Holes] = [tuple(map(int, holes)) for holes in np.ndindex(SHAPE)]

REGISTRATION = {"id": "envkit/Whack-v0", "entry_point": "Whack", "max_episode_steps": STEPS}


class Whack(Game[Bits, Bits]):
    SHOWS = "MultiBinary"
    BEST_RETURN = float(STEPS)

    def __init__(self, *, render_mode: str | None = None):
        self.observation_space = spaces.MultiBinary(HOLES)
        self.action_space = spaces.MultiBinary(HOLES)
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        self.up = self._newcomers()
        self.before, self.hammers = np.zeros(HOLES, np.int8), np.zeros(HOLES, np.int8)
        self.score = 0.0

    def play(self, action: Bits) -> tuple[float, bool]:
        self.before, self.hammers = self.up, np.array(action, np.int8)
        self.up = (self.up & (1 - self.hammers)) | self._newcomers()
        self.score += pay(self.before, self.hammers)
        return pay(self.before, self.hammers), False

    def observe(self) -> Bits:
        return self.up.copy()

    def best_action(self, observation: Bits) -> Bits:
        return np.array(observation, np.int8)

    def draw(self, canvas: Canvas) -> None:
        canvas.fill(LAWN)
        canvas.text(f"score {self.score:.2f}", 240, 34, size=22, colour=WHITE)
        for hole in range(HOLES):
            x = 48 + 96 * hole
            canvas.circle(x, 236, 38, EARTH)
            canvas.circle(x, 240, 30, INK)
            if self.up[hole]:
                canvas.circle(x, 212, 27, FUR)
                canvas.rect(x - 27, 212, 54, 38, FUR, radius=8)
                for side in (-9, 9):
                    canvas.circle(x + side, 206, 4, INK)
                canvas.circle(x, 217, 6, ROSE)
            if self.hammers[hole]:
                canvas.line([(x + 8, 132), (x + 34, 92)], EARTH, 6)
                canvas.line([(x - 10, 124), (x + 20, 142)], INK, 22)
            sign = "" if self.hammers[hole] == self.before[hole] == 0 else "hit" if self.hammers[hole] else "missed"
            wrong = self.hammers[hole] and not self.before[hole]
            canvas.text("empty" if wrong else sign, x, 292, size=16, colour=WHITE)

    def state_of(self, observation: Bits) -> int:
        return int(np.ravel_multi_index(tuple(observation), SHAPE))

    def mdp(self) -> MDP:
        """The exact model; state and action count the holes as bits, the first hole being the largest."""
        starts = [(1 / (len(SETS) - 1), moles) for moles in SETS[1:]]
        return MDP.from_outcomes(starts, lambda up, action: outcomes(up, SETS[action]), len(SETS), states=SETS)

    def _newcomers(self) -> Bits:
        """Any set of holes but none, each as likely as the others."""
        return np.array(SETS[int(self.np_random.integers(1, len(SETS)))], np.int8)


def pay(up: npt.ArrayLike, hammers: npt.ArrayLike) -> float:
    moles, blows = np.asarray(up, bool), np.asarray(hammers, bool)
    return float((moles & blows).sum() - (~moles & blows).sum()) / float(moles.sum())


def outcomes(up: Holes, hammers: Holes) -> list[Outcome]:
    """What may happen; nothing where no mole is up, which never comes to be."""
    if not any(up):
        return []
    missed = [mole and not hammer for mole, hammer in zip(up, hammers, strict=True)]
    after = Counter(tuple(int(a or b) for a, b in zip(missed, others, strict=True)) for others in SETS[1:])
    return [Outcome(count / (len(SETS) - 1), holes, pay(up, hammers)) for holes, count in after.items()]
