"""Cipher: read what a spy has written with every letter moved on by three.

Observation  Text(1, 8), small letters: a word in cipher, such as "jdugh" for "garde".
Actions      Text(1, 8), small letters: the word in clear.
Reward       the share of letters that are right and in their place; a missing or an extra letter is wrong.
Terminated   never.  Truncated by the registered limit of 10 words.
Best return  10: each word pays 1 at most.
Source       Suetonius, The Life of the Deified Julius, section 56.
"""

from string import ascii_lowercase

from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import GREEN, INK, PAPER, SLATE, VERMILION, WHITE, Colour

from .game import PICTURE_AND_TEXT, Game

WORDS = (
    "anchor", "bridge", "castle", "dawn", "eagle", "fox", "garden", "harbour", "island", "jury", "key", "lantern",
    "midnight", "north", "orchard", "puzzle", "queen", "river", "shadow", "tower", "umbrella", "village", "window",
    "yes", "zero",
)  # fmt: skip
LONGEST, KEY, STEPS = 8, 3, 10
ENCIPHER = str.maketrans(ascii_lowercase, ascii_lowercase[KEY:] + ascii_lowercase[:KEY])
DECIPHER = {cipher: clear for clear, cipher in ENCIPHER.items()}

REGISTRATION = {"id": "envkit/Cipher-v0", "entry_point": "Cipher", "max_episode_steps": STEPS}


class Cipher(Game[str, str]):
    SHOWS = "Text"
    BEST_RETURN = float(STEPS)
    metadata = PICTURE_AND_TEXT

    def __init__(self, *, render_mode: str | None = None):
        self.observation_space = spaces.Text(LONGEST, charset=ascii_lowercase)
        self.action_space = spaces.Text(LONGEST, charset=ascii_lowercase)
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        self.word = self._next()
        self.last: tuple[str, str] | None = None  # the word before and what was answered

    def play(self, action: str) -> tuple[float, bool]:
        right = sum(said == meant for said, meant in zip(action, self.word, strict=False))
        reward = right / max(len(action), len(self.word))
        self.last, self.word = (self.word, str(action)), self._next()
        return reward, False

    def observe(self) -> str:
        return self.word.translate(ENCIPHER)

    def best_action(self, observation: str) -> str:
        return observation.translate(DECIPHER)

    def draw(self, canvas: Canvas) -> None:
        canvas.fill(PAPER)
        canvas.text("in cipher", 240, 34, size=18, colour=SLATE)
        _tiles(canvas, self.observe(), 60, [INK] * LONGEST)
        if self.last:
            meant, said = self.last
            right = [
                GREEN if letter == clear else VERMILION
                for letter, clear in zip(said, meant.ljust(LONGEST), strict=False)
            ]
            canvas.text("the last answer", 240, 158, size=18, colour=SLATE)
            _tiles(canvas, said, 182, right)
            canvas.text(f"meant: {meant}", 240, 268, size=18, colour=SLATE)

    def ansi(self) -> str:
        return self.observe() + (f"  (last answer {self.last[1]}, meant {self.last[0]})" if self.last else "")

    def _next(self) -> str:
        return WORDS[int(self.np_random.integers(len(WORDS)))]


def _tiles(canvas: Canvas, word: str, top: int, colours: list[Colour]) -> None:
    for place, letter in enumerate(word):
        x = 240 + 54 * (place - len(word) / 2)
        canvas.rect(x + 3, top, 48, 56, colours[place], radius=6)
        canvas.text(letter, x + 27, top + 28, size=30, colour=WHITE)
