"""Greenhouse: keep three plants neither dry nor drowned, with light at night.

Observation  Dict: moisture Box(0, 1, (3,), float32), one number a plant; night Discrete(2), 1 while it is dark.
Actions      Dict: valves MultiBinary(3), which plants to water; lamp Discrete(2), 1 to switch it on.
Reward       the share of plants whose moisture is then within 0.3 to 0.9, or 0 if the lamp is wrong for the hour.
Terminated   never.  Truncated by the registered limit of 24 hours.
Best return  24: water what is below 0.5, and all plants are always well.
Source       made for this tour.

In an hour each plant loses 0.1 to 0.2; water adds 0.4. The lamp belongs on at night, and off in the day.
"""

from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MIST,
    NIGHT,
    SILVER,
    SLATE,
    VERMILION,
    WHITE,
    YELLOW,
    Colour,
)

from .game import Game

Seen = dict[str, Any]
Care = dict[str, Any]

PLANTS, DAY = 3, 24
DAYLIGHT: Colour = (196, 224, 242)
MINT: Colour = (164, 222, 190)
WILTED: Colour = (168, 148, 92)
DRY, WET, WATER = 0.3, 0.9, 0.4

REGISTRATION = {"id": "envkit/Greenhouse-v0", "entry_point": "Greenhouse", "max_episode_steps": DAY}


class Greenhouse(Game[Seen, Care]):
    SHOWS = "Dict"
    BEST_RETURN = float(DAY)

    def draw(self, canvas: Canvas) -> None:
        canvas.fill(NIGHT if self.night else DAYLIGHT)
        canvas.circle(424, 52, 26, MIST if self.night else YELLOW)
        canvas.text(f"{self.hour:02}:00", 424, 100, size=18, colour=WHITE if self.night else INK)
        canvas.rect(0, 276, 480, 44, SLATE)
        canvas.line([(190, 0), (190, 22)], GREY, 3)
        canvas.polygon([(164, 44), (216, 44), (202, 20), (178, 20)], YELLOW if self.lamp else GREY)
        for plant, moisture in enumerate(self.moisture):
            x, well = 80 + 110 * plant, DRY <= moisture <= WET
            tip = 130 if well else 172
            canvas.line([(x, 230), (x, tip)], GREEN if well else WILTED, 6)
            for side in (-1, 1):
                canvas.line([(x, tip + 40), (x + 24 * side, tip + (14 if well else 52))], GREEN if well else WILTED, 9)
            canvas.polygon([(x - 30, 226), (x + 30, 226), (x + 22, 276), (x - 22, 276)], VERMILION)
            canvas.rect(x + 36, 140, 12, 130, SILVER, radius=4)
            canvas.rect(x + 36, 140 + 130 * (1 - WET), 12, 130 * (WET - DRY), MINT)
            canvas.rect(x + 36, 270 - 130 * moisture, 12, 130 * moisture, BLUE, radius=4)
            if self.valves[plant]:
                canvas.polygon([(x - 40, 246), (x - 32, 260), (x - 48, 260)], BLUE)
                canvas.circle(x - 40, 262, 8, BLUE)

    def __init__(self, *, render_mode: str | None = None):
        moisture = spaces.Box(0, 1, (PLANTS,), np.float32)
        self.observation_space = spaces.Dict(moisture=moisture, night=spaces.Discrete(2))
        self.action_space = spaces.Dict(lamp=spaces.Discrete(2), valves=spaces.MultiBinary(PLANTS))
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        self.hour = int(self.np_random.integers(DAY))
        self.moisture = self.np_random.uniform(DRY, WET, PLANTS)
        self.lamp, self.valves = self.night, np.zeros(PLANTS, np.int8)

    @property
    def night(self) -> bool:
        return not 6 <= self.hour < 18

    def play(self, action: Care) -> tuple[float, bool]:
        lit_well = bool(action["lamp"]) == self.night
        self.lamp, self.valves = bool(action["lamp"]), np.array(action["valves"], np.int8)
        evaporated = self.np_random.uniform(0.1, 0.2, PLANTS)
        self.moisture = np.clip(self.moisture + WATER * self.valves - evaporated, 0, 1)
        self.hour = (self.hour + 1) % DAY
        well = int(((self.moisture >= DRY) & (self.moisture <= WET)).sum())
        return (well / PLANTS if lit_well else 0.0), False

    def observe(self) -> Seen:
        return {"moisture": self.moisture.astype(np.float32), "night": np.int64(self.night)}

    def best_action(self, observation: Seen) -> Care:
        return {"lamp": np.int64(observation["night"]), "valves": (observation["moisture"] < 0.5).astype(np.int8)}
