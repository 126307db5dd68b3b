"""Simon: repeat a tune of lights that grows by one each time.

Observation  Sequence(Discrete(4)): the lights that lit up, in order; one at first.
Actions      Sequence(Discrete(4)): the buttons pressed, in order.
Reward       +1 for the whole tune repeated exactly, 0 for a mistake.
Terminated   by a mistake, or when a tune of eight has been repeated.
Best return  8.
Source       the electronic game of Baer and Morrison (1978).
"""

import numpy as np
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import GREEN, INK, SILVER, SKY, VERMILION, WHITE, YELLOW, mix

from .game import PICTURE_AND_TEXT, Game

Tune = tuple[np.int64, ...]

COLOURS = {"0": GREEN, "1": VERMILION, "2": YELLOW, "3": SKY}
LIGHTS, LONGEST = len(COLOURS), 8

REGISTRATION = {"id": "envkit/Simon-v0", "entry_point": "Simon"}


class Simon(Game[Tune, Tune]):
    SHOWS = "Sequence"
    BEST_RETURN = float(LONGEST)
    metadata = PICTURE_AND_TEXT
    canvas_size = (480, 480)

    def draw(self, canvas: Canvas) -> None:
        canvas.fill(INK)
        for light, (name, colour) in enumerate(COLOURS.items()):
            x, y = 34 + 208 * (light % 2), 24 + 178 * (light // 2)
            lit = light == self.tune[self.length - 1]
            canvas.rect(x, y, 204, 174, colour if lit else mix(colour, INK, 0.62), radius=18)
            canvas.text(name, x + 102, y + 87, size=30, colour=INK if lit else mix(colour, INK, 0.2))
        canvas.circle(240, 200, 46, INK)
        canvas.text(str(self.score), 240, 200, size=40, colour=WHITE)
        for name, lights, y in (("lit", self.tune[: self.length].tolist(), 410), ("pressed", self.pressed, 450)):
            canvas.text(name, 74, y, size=16, colour=SILVER)
            for place, light in enumerate(lights[:LONGEST]):
                canvas.circle(138 + 40 * place, y, 14, list(COLOURS.values())[light])
                canvas.text(str(light), 138 + 40 * place, y, size=15, colour=INK)

    def ansi(self) -> str:
        return f"lights {' '.join(map(str, self.tune[: self.length]))}  pressed {' '.join(map(str, self.pressed))}"

    def __init__(self, *, render_mode: str | None = None):
        self.observation_space = spaces.Sequence(spaces.Discrete(LIGHTS))
        self.action_space = spaces.Sequence(spaces.Discrete(LIGHTS))
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        self.tune = self.np_random.integers(LIGHTS, size=LONGEST)
        self.length, self.score = 1, 0
        self.pressed: list[int] = []

    def play(self, action: Tune) -> tuple[float, bool]:
        self.pressed = [int(button) for button in action]
        if self.pressed != self.tune[: self.length].tolist():
            return 0.0, True
        self.score += 1
        self.length = min(self.length + 1, LONGEST)
        return 1.0, self.score == LONGEST

    def observe(self) -> Tune:
        return tuple(np.int64(light) for light in self.tune[: self.length])

    def best_action(self, observation: Tune) -> Tune:
        return tuple(np.int64(light) for light in observation)
