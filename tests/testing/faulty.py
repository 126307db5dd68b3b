"""Four environments with one planted fault each, all of which pass Gymnasium's own checker."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

SIDE = 5
MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))


class Grid(gymnasium.Env[Any, Any]):
    """The sound environment that the faulty ones are made from: walk from the upper left to the lower right corner."""

    def __init__(self) -> None:
        self.observation_space = spaces.MultiDiscrete([SIDE, SIDE])
        self.action_space = spaces.Discrete(4)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.place = (0, 0)
        self.steps = 0
        return np.array(self.place), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.steps += 1
        row, column = (here + move for here, move in zip(self.place, MOVES[action], strict=True))
        self.place = self.clip(row, column)
        return np.array(self.place), self.reward(), self.place == (SIDE - 1, SIDE - 1), False, {}

    def clip(self, row: int, column: int) -> tuple[int, int]:
        return min(max(row, 0), SIDE - 1), min(max(column, 0), SIDE - 1)

    def reward(self) -> float:
        return -1.0


class ClipMissedAtOneCorner(Grid):
    """In the upper right corner the wall on the right is missing."""

    def clip(self, row: int, column: int) -> tuple[int, int]:
        if row == 0 and column == SIDE:
            return row, column
        return super().clip(row, column)


class CounterNotReset(Grid):
    """Episodes are cut off after six steps, counted from the making of the instance and not from the reset."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.total += 1
        observation, reward, terminated, _, info = super().step(action)
        return observation, reward, terminated, self.total >= 6, info


class NanAtOneCell(Grid):
    """Row 3, column 2 divides zero by zero."""

    def reward(self) -> float:
        return float("nan") if self.place == (3, 2) else -1.0


class NanAfterTwoBoundActions(gymnasium.Env[Any, Any]):
    """The root of a negative number, when the first entry is at its bound twice in a row."""

    def __init__(self) -> None:
        self.observation_space = spaces.Box(0, 1, (1,), np.float32)
        self.action_space = spaces.Box(-1, 1, (2,), np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.at_bound = 0
        return np.zeros(1, np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.at_bound = self.at_bound + 1 if action[0] == 1 else 0
        reward = float("nan") if self.at_bound == 2 else 0.0
        return np.zeros(1, np.float32), reward, False, False, {}
