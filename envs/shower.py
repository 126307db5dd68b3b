"""Shower: keep the water comfortable for a minute.

Observation  Box(-1, 1, (2,), float32):
             - 0: distance from the middle of the comfort band, where d degrees appear as d / (|d| + 3), so that 0 is
               perfect, one degree is 0.25 and three are 0.5
             - 1: share of the shower that is left, 1 at the start and 0 at the end
             The raw temperature, a number around 38 without bounds, would say the same (`state_of` turns it back) but
             is badly scaled for a network; and without the clock the end would come as a surprise.
Actions      Discrete(3): 0 colder, 1 hold, 2 warmer, by one degree each second.
             With tap="continuous" Box(-1, 1, (1,), float32), the degrees themselves.
Reward       +1 for each second in the comfort band, its ends included; else `outside_reward`.
End          Never terminated. Truncated after `length` seconds, by the environment itself.
Arguments    length          seconds, 60.
             start_spread    the first temperature is 38 plus a whole number from -3 to 3.
             comfort         the band, (37, 39).
             outside_reward  for a second outside the band, -1.
             noise           "none"; or the other tenants turn their taps too, by a whole number from -1 to 1 each
                             second, "after" the reward of that second or "before" it.
             tap             "buttons" or "continuous".
Best return  59.4286 on average; 59.1429 with noise after the reward, 59.0000 with noise before it. Steering to 38 is
             optimal each time. Always holding gets -8.57, -28.32 and -28.82.
Source       the custom environment of many an introduction to Gymnasium, its clock made a truncation.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.error import InvalidAction, ResetNeeded

from envkit.authoring import palette
from envkit.authoring.arguments import interval, number, one_of, whole
from envkit.authoring.batch import BatchOf, Infos, Mask, Rewards
from envkit.authoring.canvas import Canvas
from envkit.authoring.dice import Rows
from envkit.authoring.drawn import DrawnEnv
from envkit.authoring.instruments import Chart, Thermometer
from envkit.authoring.state import Restorable
from envkit.core.mdp import MDP, Outcome
from envkit.core.show import show

REGISTRATION = {"id": "envkit/Shower-v0", "entry_point": "ShowerEnv", "vector_entry_point": "ShowerBatch"}

START = 38
ACTION_NAMES = ("colder", "hold", "warmer")
NOISES = ("none", "after", "before")
TAPS = ("buttons", "continuous")
SOFTNESS = 3.0  # degrees from the middle at which the observation is half way to its bound
FARTHEST = 5000  # degrees from the middle that float32 still tells apart after squashing

TILE, JOINT, SKIN = (222, 234, 242), (238, 244, 248), (240, 200, 170)
LUKEWARM = (92, 188, 196)

Observation = npt.NDArray[np.float32]


class ShowerEnv(Restorable, DrawnEnv[Any, Any]):
    """A tap, a thermometer, and a minute of warm water."""

    metadata = {  # noqa: RUF012
        "render_modes": ["human", "rgb_array"],
        "render_fps": 8,
        "metrics": {"temperature": "degrees C"},
    }
    canvas_size = (600, 400)
    STATE = ("temperature", "history")

    def __init__(
        self,
        length: int = 60,
        *,
        start_spread: int = 3,
        comfort: Sequence[float] = (37, 39),
        outside_reward: float = -1.0,
        noise: str = "none",
        tap: str = "buttons",
        render_mode: str | None = None,
    ):
        super().__init__(render_mode=render_mode)
        self.length = whole("length", length, least=1)
        self.start_spread = whole("start_spread", start_spread, least=0)
        self.comfort = interval("comfort", comfort)
        self.outside_reward = number("outside_reward", outside_reward)
        self.noise = one_of("noise", noise, NOISES)
        self.tap = one_of("tap", tap, TAPS)
        self.middle = sum(self.comfort) / 2
        self.reach = self.start_spread + self.length * (
            1 if noise == "none" else 2
        )  # degrees from START at the very most
        if self.reach + abs(START - self.middle) > FARTHEST:
            raise ValueError(
                f"length {length} and start_spread {start_spread} allow for {self.reach} degrees on either side of "
                f"{START}, but an observation tells only {FARTHEST} apart; take a shorter shower"
            )
        self.observation_space = spaces.Box(-1, 1, (2,), np.float32)
        self.action_space = spaces.Discrete(3) if tap == "buttons" else spaces.Box(-1, 1, (1,), np.float32)
        self.temperature: float = START
        self.history: list[float] = []  # of temperatures, one a second and the first; empty before the first reset

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        degrees = START - self.start_spread + int((2 * self.start_spread + 1) * self.np_random.random())
        self.temperature = degrees if self.tap == "buttons" else float(degrees)
        self.history = [self.temperature]
        self.show()
        return self._observation(), self._info()

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        turn = self._turn(action)
        if not self.history:
            raise ResetNeeded("ShowerEnv.step was called before reset: call env.reset(seed=0) first")
        if self.seconds_left == 0:  # a step after the end changes and pays nothing
            return self._observation(), 0.0, False, True, self._info()
        tenants = 0 if self.noise == "none" else int(3 * self.np_random.random()) - 1
        turned = self.temperature + turn
        self.temperature = turned + tenants
        felt = self.temperature if self.noise == "before" else turned
        self.history.append(self.temperature)
        self.show()
        return self._observation(), self._reward(felt), False, self.seconds_left == 0, self._info()

    @property
    def seconds_left(self) -> int:
        return self.length - max(len(self.history) - 1, 0)

    def mdp(self) -> MDP | None:
        """The exact model, a state being a whole temperature; None with the continuous tap, which has none."""
        if self.tap == "continuous":
            return None
        return MDP.from_outcomes(
            list(self._starts()),
            self._outcomes,
            len(ACTION_NAMES),
            states=range(START - self.reach, START + self.reach + 1),
            name=lambda temperature: f"{temperature} C",
            action_names=ACTION_NAMES,
            horizon=self.length,
        )

    def state_of(self, observation: Observation) -> int:
        """The model's state that an observation shows: `env.mdp().state_names` names it."""
        squashed = float(observation[0])
        degrees = SOFTNESS * squashed / (1 - abs(squashed))
        return round(self.middle + degrees) - (START - self.reach)

    def _starts(self) -> Iterator[tuple[float, int]]:
        count = 2 * self.start_spread + 1
        for offset in range(-self.start_spread, self.start_spread + 1):
            yield 1 / count, START + offset

    def _outcomes(self, temperature: int, action: int) -> list[Outcome]:
        turned = temperature + action - 1
        if self.noise == "none":
            return [Outcome(1.0, self._kept(turned), self._reward(turned))]
        return [
            Outcome(1 / 3, self._kept(turned + other), self._reward(turned + other * (self.noise == "before")))
            for other in (-1, 0, 1)
        ]

    def _kept(self, temperature: int) -> int:
        """Within the model's states. Nobody gets beyond them in `length` seconds, so this changes no episode."""
        return min(max(temperature, START - self.reach), START + self.reach)

    def _reward(self, temperature: float) -> float:
        low, high = self.comfort
        return 1.0 if low <= temperature <= high else self.outside_reward

    def _turn(self, action: Any) -> float:
        """The degrees that an action adds: a plain number, so that nothing of the caller's is kept."""
        if self.tap == "buttons":
            if isinstance(action, int | np.integer) and 0 <= action <= 2:
                return int(action) - 1
            if isinstance(action, np.ndarray) and self.action_space.contains(action):
                return int(action) - 1
            raise InvalidAction(f"step({show(action)}) of ShowerEnv: the actions are 0 colder, 1 hold, 2 warmer")
        turn = np.asarray(action)
        if turn.shape == (1,) and turn.dtype.kind in "fiu" and -1 <= turn[0] <= 1:
            return float(turn[0])
        raise InvalidAction(
            f"step({show(action)}) of ShowerEnv: the continuous tap takes an array of one number from -1 to 1, "
            "such as np.array([0.5], np.float32)"
        )

    def _observation(self) -> Observation:
        degrees = self.temperature - self.middle
        return np.array([degrees / (abs(degrees) + SOFTNESS), self.seconds_left / self.length], np.float32)

    def _info(self) -> dict[str, Any]:
        return {"temperature": self.temperature, "seconds_left": self.seconds_left}

    @property
    def _instruments(self) -> tuple[Thermometer, Chart]:
        span = max(6.0, self.comfort[1] - self.middle + 4)
        low, high = self.middle - span, self.middle + span
        return (
            Thermometer(x=318, top=58, bottom=318, low=low, high=high),
            Chart(x=412, y=160, width=164, height=190, last=self.length, low=low, high=high),
        )

    def draw_background(self, canvas: Canvas) -> None:
        canvas.fill(palette.PAPER)
        _bathroom(canvas)
        shade = palette.mix(palette.GREEN, palette.WHITE, 0.7)
        thermometer, chart = self._instruments
        low, high = math.ceil(thermometer.low), math.floor(thermometer.high)
        degrees = range(low, high + 1, max(1, (high - low) // 12))
        thermometer.scale(canvas, band=self.comfort, shade=shade, ticks=degrees)
        chart.scale(canvas, band=self.comfort, shade=shade, ticks=degrees[::2])
        canvas.text("0", chart.x, chart.y + chart.height + 12, size=11, colour=palette.GREY)
        canvas.text(
            f"{self.length} s", chart.x + chart.width, chart.y + chart.height + 12, size=11, colour=palette.GREY
        )

    def draw(self, canvas: Canvas) -> None:
        degrees = self.temperature - self.middle
        colour, water, word = palette.GREEN, LUKEWARM, "just right"
        if self.temperature > self.comfort[1]:
            colour, water, word = (
                palette.VERMILION,
                palette.mix(palette.ORANGE, palette.VERMILION, degrees / 5),
                "too hot",
            )
        elif self.temperature < self.comfort[0]:
            colour, water, word = palette.BLUE, palette.mix(palette.SKY, palette.BLUE, -degrees / 5), "too cold"
        _water(canvas, water, self.length - self.seconds_left)
        _person(canvas, word)
        thermometer, chart = self._instruments
        thermometer.reading(canvas, self.temperature, water)
        canvas.text(f"{round(self.temperature, 1):g} °C", 494, 50, size=44, colour=colour)
        canvas.text(word, 494, 86, size=16, colour=palette.SLATE)
        canvas.rect(412, 112, 164, 8, palette.MIST, radius=4)
        canvas.rect(412, 112, 164 * self.seconds_left / self.length, 8, palette.SLATE, radius=4)
        canvas.text(f"{self.seconds_left} s left", 494, 133, size=12, colour=palette.SLATE)
        if self.history:
            chart.line(canvas, self.history, palette.INK)


class ShowerBatch(BatchOf):
    """Many showers, stepped as arrays; the arguments are those of `BatchOf` and of `ShowerEnv`."""

    single = ShowerEnv
    fields: ClassVar[Mapping[str, npt.DTypeLike]] = {"temperature": float}
    temperature: npt.NDArray[np.float64]

    def __init__(self, num_envs: int = 1, **options: Any):
        super().__init__(num_envs, **options)
        seen = self.one.length + 1 if self.render_mode else 0
        self.history = np.zeros((self.num_envs, seen))  # of temperatures, for the chart in a picture

    @property
    def own_limit(self) -> int:
        length: int = self.one.length
        return length

    def begin(self, rows: Rows) -> None:
        spread = self.one.start_spread
        self.temperature[rows] = self.dice.integers(START - spread, START + spread + 1, rows)
        if self.render_mode:
            self.history[rows, 0] = self.temperature[rows]

    def advance(self, actions: npt.NDArray[Any]) -> tuple[Rewards, Mask]:
        noise = self.one.noise
        turned = self.temperature + (actions - 1 if self.one.tap == "buttons" else actions[:, 0].astype(float))
        self.temperature = turned if noise == "none" else turned + self.dice.integers(-1, 2)
        felt = self.temperature if noise == "before" else turned
        if self.render_mode:
            self.history[np.arange(self.num_envs), np.minimum(self.steps + 1, self.one.length)] = self.temperature
        low, high = self.one.comfort
        rewards = np.where((felt >= low) & (felt <= high), 1.0, self.one.outside_reward)
        return rewards, np.zeros(self.num_envs, bool)

    def observe(self) -> Observation:
        degrees = self.temperature - self.one.middle
        seen = np.empty((self.num_envs, 2), np.float32)
        seen[:, 0] = degrees / (np.abs(degrees) + SOFTNESS)
        seen[:, 1] = (self.one.length - self.steps) / self.one.length
        return seen

    def info(self) -> Infos:
        buttons = self.one.tap == "buttons"
        temperature = self.temperature.astype(np.int64) if buttons else self.temperature.copy()
        return {"temperature": temperature, "seconds_left": self.one.length - self.steps}

    def pose(self, painter: ShowerEnv, row: int) -> None:
        painter.history = self.history[row, : self.steps[row] + 1].tolist()
        painter.temperature = painter.history[-1]


def _bathroom(canvas: Canvas) -> None:
    canvas.rect(16, 16, 248, 368, TILE, radius=14)
    for line in range(31, 248, 31):
        canvas.rect(16 + line, 16, 2, 368, JOINT)
    for line in range(31, 368, 31):
        canvas.rect(16, 16 + line, 248, 2, JOINT)
    canvas.line([(56, 300), (56, 60), (64, 52), (140, 52), (140, 66)], palette.GREY, 8)
    canvas.polygon([(130, 64), (150, 64), (176, 84), (104, 84)], palette.SLATE)
    canvas.circle(56, 230, 13, palette.SILVER)
    canvas.circle(56, 230, 6, palette.GREY)
    canvas.rect(108, 200, 64, 130, palette.ROSE, radius=24)  # a bathing suit with somebody in it
    canvas.line([(114, 222), (94, 262), (112, 284)], SKIN, 13)
    canvas.line([(166, 222), (186, 262), (168, 284)], SKIN, 13)
    canvas.rect(132, 186, 16, 24, SKIN, radius=6)
    canvas.rect(34, 296, 212, 66, palette.WHITE, radius=26)
    canvas.rect(26, 290, 228, 14, palette.WHITE, radius=7)
    canvas.rect(34, 304, 212, 3, palette.MIST)
    for foot in (64, 216):
        canvas.circle(foot, 366, 7, palette.GREY)


def _water(canvas: Canvas, colour: palette.Colour, seconds: int) -> None:
    """Drops that fall a little further each second."""
    for column in range(7):
        for drop in range(5):
            fall = (drop * 40 + column * 17 + seconds * 13) % 196
            canvas.rect(109 + column * 10, 90 + fall, 3, 11, colour, radius=1.5)


def _person(canvas: Canvas, mood: str) -> None:
    """A head with a bathing cap, and a face that says how the water is."""
    skin = {"too hot": (236, 150, 120), "too cold": (176, 196, 222)}.get(mood, SKIN)
    canvas.circle(140, 166, 28, palette.YELLOW)
    canvas.circle(140, 170, 25, skin)
    canvas.rect(113, 152, 54, 8, palette.ORANGE, radius=4)
    for side in (-1, 1):
        canvas.circle(140 + side * 9, 169, 3, palette.INK)
    if mood == "just right":
        canvas.line([(131, 180), (135, 184), (140, 185.5), (145, 184), (149, 180)], palette.INK, 2.5)
    elif mood == "too hot":
        canvas.circle(140, 183, 5, palette.INK)
        for x in (84, 196):
            canvas.line([(x, 150), (x - 5, 140), (x + 5, 128), (x, 118)], palette.WHITE, 4)
    else:
        canvas.line([(130, 184), (134, 181), (138, 185), (142, 181), (146, 185), (150, 181)], palette.INK, 2.5)
