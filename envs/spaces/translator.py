"""Translator: say each number in the other notation.

Observation  OneOf(Discrete(16), MultiBinary(4)): a number, either as such or as its bits, the smallest first.
Actions      OneOf(Discrete(16), MultiBinary(4)): the same number in the notation that was not used.
Reward       +1 for a right answer, 0 for a wrong one.
Terminated   never.  Truncated by the registered limit of 10 questions.
Best return  10.
Source       made for this tour: values of different kinds, one at a time.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import BLUE, GREEN, PAPER, SLATE, VERMILION, WHITE

from .game import PICTURE_AND_TEXT, Game

Said = tuple[Any, Any]  # which notation, and the number in it

BITS, STEPS = 4, 10
NUMBER, BINARY = 0, 1

REGISTRATION = {"id": "envkit/Translator-v0", "entry_point": "Translator", "max_episode_steps": STEPS}


def write(notation: int, number: int) -> Said:
    """The number in a notation, in new objects."""
    if notation == NUMBER:
        return np.int64(NUMBER), np.int64(number)
    return np.int64(BINARY), np.array([number >> bit & 1 for bit in range(BITS)], np.int8)


def read(said: Said) -> tuple[int, int]:
    """The notation and the number."""
    notation, value = said
    if notation == NUMBER:
        return NUMBER, int(value)
    bits: npt.NDArray[np.int64] = np.asarray(value, np.int64)
    return BINARY, int(bits @ (1 << np.arange(BITS)))


class Translator(Game[Said, Said]):
    SHOWS = "OneOf"
    BEST_RETURN = float(STEPS)
    metadata = PICTURE_AND_TEXT

    def __init__(self, *, render_mode: str | None = None):
        self.observation_space = spaces.OneOf((spaces.Discrete(2**BITS), spaces.MultiBinary(BITS)))
        self.action_space = spaces.OneOf((spaces.Discrete(2**BITS), spaces.MultiBinary(BITS)))
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        self.last: tuple[Said, Said, bool] | None = None  # the question before, what was answered, and whether right
        self._ask()

    def play(self, action: Said) -> tuple[float, bool]:
        notation, number = read(action)
        right = number == self.number and notation != self.notation
        self.last = self.observe(), write(notation, number), right
        self._ask()
        return float(right), False

    def observe(self) -> Said:
        return write(self.notation, self.number)

    def best_action(self, observation: Said) -> Said:
        notation, number = read(observation)
        return write(1 - notation, number)

    def draw(self, canvas: Canvas) -> None:
        canvas.fill(PAPER)
        canvas.text("say in binary" if self.notation == NUMBER else "say as a number", 240, 40, size=20, colour=SLATE)
        canvas.rect(110, 64, 260, 92, BLUE, radius=14)
        canvas.text(_text(self.observe()), 240, 110, size=54, colour=WHITE)
        if self.last:
            asked, said, right = self.last
            expected = _text(self.best_action(asked))  # beside a wrong answer, which may be the question repeated
            answer = f"{_text(asked)} = {expected}" if right else f"{_text(asked)} is {expected}, not {_text(said)}"
            canvas.text("the last answer", 240, 204, size=18, colour=SLATE)
            canvas.text(answer, 240, 250, size=34, colour=GREEN if right else VERMILION)

    def ansi(self) -> str:
        return f"{_text(self.observe())} = ?"

    def _ask(self) -> None:
        self.notation = int(self.np_random.integers(2))
        self.number = int(self.np_random.integers(2**BITS))


def _text(said: Said) -> str:
    """As people write it: bits with the largest first."""
    notation, number = read(said)
    return f"{number:0{BITS}b}" if notation == BINARY else str(number)
