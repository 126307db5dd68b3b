"""Nim: whoever takes the last match wins.

Observation  Discrete(16): the matches that are left.
Actions      Discrete(3): take 1, 2 or 3 matches; taking more than there are takes them all.
Reward       +1 for winning, -1 for losing, 0 otherwise.
Terminated   when no match is left.
Best return  1: an episode begins with 13, 14 or 15 matches, and whoever leaves a multiple of four wins.
Source       Bouton, Nim, a game with a complete mathematical theory (1901), here with one heap and at most three taken.

The opponent takes the winning number where there is one, and otherwise 1, 2 or 3 at random.
"""

import numpy as np
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import MIST, PAPER, SLATE, VERMILION, Colour
from envkit.core.mdp import MDP, Outcome

from .game import PICTURE_AND_TEXT, Game

STARTS = (13, 14, 15)
MOST = 3
WOOD: Colour = (214, 178, 124)

REGISTRATION = {"id": "envkit/Nim-v0", "entry_point": "Nim"}


def replies(matches: int) -> list[tuple[float, int]]:
    """(probability, matches left) after the opponent's move."""
    winning = matches % (MOST + 1)
    takes = [winning] if winning else list(range(1, min(MOST, matches) + 1))
    return [(1 / len(takes), matches - take) for take in takes]


class Nim(Game[np.int64, np.int64]):
    SHOWS = "Discrete"
    BEST_RETURN = 1.0
    metadata = PICTURE_AND_TEXT

    def __init__(self, *, render_mode: str | None = None):
        self.observation_space = spaces.Discrete(max(STARTS) + 1)
        self.action_space = spaces.Discrete(MOST)
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        self.matches = int(self.np_random.choice(STARTS))
        self.said = "Your move"

    def play(self, action: np.int64) -> tuple[float, bool]:
        left = max(self.matches - int(action) - 1, 0)
        self.matches = self._reply(left) if left else 0
        self.said = f"I take {left - self.matches}"
        if self.matches == 0:
            self.said = "I take the last: you lose" if left else "You take the last: you win!"
        return (0.0 if self.matches else -1.0 if left else 1.0), self.matches == 0

    def _reply(self, left: int) -> int:
        chances, rests = zip(*replies(left), strict=True)
        return int(self.np_random.choice(rests, p=chances))

    def observe(self) -> np.int64:
        return np.int64(self.matches)

    def best_action(self, observation: np.int64) -> np.int64:
        return np.int64((observation % (MOST + 1) or 1) - 1)

    def draw(self, canvas: Canvas) -> None:
        canvas.fill(PAPER)
        canvas.text(self.said, 240, 56, size=26)
        canvas.text(f"{self.matches} left", 240, 278, size=20, colour=SLATE)
        for match in range(max(STARTS)):
            x = 46 + 24 * match + 16 * (match // (MOST + 1))  # a gap after every fourth
            there = match < self.matches
            canvas.line([(x, 130), (x, 230)], WOOD if there else MIST, 8)
            canvas.line([(x, 120), (x, 132)], VERMILION if there else MIST, 11)

    def ansi(self) -> str:
        return f"{'|' * self.matches:{max(STARTS)}}  {self.matches} left. {self.said}"

    def state_of(self, observation: np.int64) -> int:
        return int(observation)

    def mdp(self) -> MDP:
        """The exact model; a state is the number of matches."""
        return MDP.from_outcomes(
            [(1 / len(STARTS), matches) for matches in STARTS],
            outcomes,
            MOST,
            states=range(max(STARTS) + 1),
            action_names=("take 1", "take 2", "take 3"),
        )


def outcomes(matches: int, action: int) -> list[Outcome]:
    """What may happen between two moves of the player; nothing once the game is over."""
    if matches == 0:
        return []
    left = max(matches - action - 1, 0)
    if left == 0:
        return [Outcome(1.0, 0, 1.0, True)]
    return [Outcome(chance, rest, -1.0 if rest == 0 else 0.0, rest == 0) for chance, rest in replies(left)]
