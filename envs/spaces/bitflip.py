"""BitFlip: turn one row of coins into another, one coin at a time.

Observation  Dict of three MultiBinary(6): observation and achieved_goal, the coins as they lie; desired_goal.
Actions      Discrete(6): the coin to turn over.
Reward       -1 while the coins differ from the goal, and 0 for the step that makes them equal.
Terminated   when they are equal.  Truncated by the registered limit of 20 steps.
Best return  1 - 64/21, about -2.0476: the coins that differ, 3 in the mean but never none, less one.
Source       Andrychowicz et al., Hindsight Experience Replay (2017), section 3.1.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import INK, PAPER, SLATE, VERMILION, WHITE, YELLOW
from envkit.core.mdp import MDP, Outcome

from .game import PICTURE_AND_TEXT, Game

Bits = npt.NDArray[np.int8]
Seen = dict[str, Any]  # three rows of bits
State = tuple[int, int]  # the coins and the goal, bit i being coin i

COINS = 6
ROWS = 1 << COINS

REGISTRATION = {"id": "envkit/BitFlip-v0", "entry_point": "BitFlip", "max_episode_steps": 20}


class BitFlip(Game[Seen, np.int64]):
    SHOWS = "Dict, goals"
    BEST_RETURN = 1 - (COINS / 2) * ROWS / (ROWS - 1)
    metadata = PICTURE_AND_TEXT

    def __init__(self, *, render_mode: str | None = None):
        keys = ("observation", "achieved_goal", "desired_goal")
        self.observation_space = spaces.Dict({key: spaces.MultiBinary(COINS) for key in keys})
        self.action_space = spaces.Discrete(COINS)
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        coins, different = int(self.np_random.integers(ROWS)), int(self.np_random.integers(1, ROWS))
        self.coins, self.goal = _bits(coins), _bits(coins ^ different)

    def play(self, action: np.int64) -> tuple[float, bool]:
        self.coins[int(action)] ^= 1
        reward = float(self.compute_reward(self.coins, self.goal, {}))
        return reward, reward == 0

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any) -> Any:  # noqa: ARG002 - the interface's
        """The reward of each row: -1 or 0, float32 of the shape of the goals without their last axis."""
        return -np.any(np.asarray(achieved_goal) != np.asarray(desired_goal), axis=-1).astype(np.float32)

    def observe(self) -> Seen:
        return {"observation": self.coins.copy(), "achieved_goal": self.coins.copy(), "desired_goal": self.goal.copy()}

    def best_action(self, observation: Seen) -> np.int64:
        return np.int64(np.argmax(observation["achieved_goal"] != observation["desired_goal"]))

    def draw(self, canvas: Canvas) -> None:
        canvas.fill(PAPER)
        for label, row, y in (("goal", self.goal, 100), ("coins", self.coins, 220)):
            canvas.text(label, 52, y, size=20, colour=SLATE)
            for coin, head in enumerate(row):
                x = 130 + 60 * coin
                canvas.circle(x, y, 26, INK)
                canvas.circle(x, y, 23, YELLOW if head else SLATE)
                canvas.text(str(head), x, y, size=22, colour=INK if head else WHITE)
        for wrong in np.flatnonzero(self.coins != self.goal):
            canvas.text("differs", 130 + 60 * int(wrong), 264, size=15, colour=VERMILION)

    def ansi(self) -> str:
        return f"coins {''.join(map(str, self.coins))}  goal {''.join(map(str, self.goal))}"

    def state_of(self, observation: Seen) -> int:
        return _number(observation["achieved_goal"]) * ROWS + _number(observation["desired_goal"])

    def mdp(self) -> MDP:
        """The exact model, of 4096 states."""
        states = [(coins, goal) for coins in range(ROWS) for goal in range(ROWS)]
        starts = [(1 / (ROWS * (ROWS - 1)), state) for state in states if state[0] != state[1]]
        return MDP.from_outcomes(
            starts,
            lambda state, action: [] if state[0] == state[1] else [Outcome(1.0, *move(state, action))],
            COINS,
            states=states,
        )


def move(state: State, action: int) -> tuple[State, float, bool]:
    """The next state, the reward, and whether the coins equal the goal."""
    coins, goal = state[0] ^ 1 << action, state[1]
    return (coins, goal), (0.0 if coins == goal else -1.0), coins == goal


def _bits(number: int) -> Bits:
    return np.array([number >> coin & 1 for coin in range(COINS)], np.int8)


def _number(bits: Bits) -> int:
    return sum(1 << coin for coin in range(COINS) if bits[coin])
