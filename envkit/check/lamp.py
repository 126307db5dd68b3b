"""Lamp: the small, faultless environment that the examples of the rules break, one fault at a time."""

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

LIMIT = 20
STEP = 0.1


class Lamp(gymnasium.Env[npt.NDArray[np.float32], np.int64]):
    """Keep a flickering lamp as bright as it can be without burning it out.

    Observation  Box(0, 1, (2,), float32): brightness, and the share of the evening that is left.
    Actions      Discrete(2): 0 turn down, 1 turn up; each by a tenth, give or take the flicker.
    Reward       the brightness after the action; -1 when the lamp burns out.
    End          terminated when the brightness reaches 1 (burnt out); truncated after 20 steps.
    """

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 4}  # noqa: RUF012 - gymnasium's convention

    def __init__(self, render_mode: str | None = None):
        self.observation_space = spaces.Box(0, 1, (2,), np.float32)
        self.action_space = spaces.Discrete(2)
        self.render_mode = render_mode
        self.bright = 0.5
        self.steps = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.bright = float(self.np_random.uniform(0.3, 0.7))
        self.steps = 0
        return self.observe(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.steps += 1
        flicker = float(self.np_random.uniform(-0.03, 0.03))
        self.bright = min(max(self.bright + (STEP if action == 1 else -STEP) + flicker, 0.0), 1.0)
        burnt_out = self.bright >= 1
        return self.observe(), self.reward(burnt_out), burnt_out, self.steps >= LIMIT, {}

    def reward(self, burnt_out: bool) -> float:
        return -1.0 if burnt_out else self.bright

    def observe(self) -> npt.NDArray[np.float32]:
        return np.array([self.bright, 1 - min(self.steps, LIMIT) / LIMIT], np.float32)

    def render(self) -> Any:
        if self.render_mode == "rgb_array":
            return np.full((16, 16, 3), int(255 * self.bright), np.uint8)
        if self.render_mode == "ansi":
            return "*" * int(10 * self.bright)
        return None
