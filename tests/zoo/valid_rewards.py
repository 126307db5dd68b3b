"""Odd rewards, flags and infos. None has a fault."""

from typing import NamedTuple

import numpy as np
from gymnasium import spaces
from valid_common import Play


class _Ring(Play):
    """A ring of ten places, walked either way; the prize lies somewhere on it."""

    places, limit = 10, 50

    def __init__(self):
        self.observation_space = spaces.MultiDiscrete([self.places, self.places])
        self.action_space = spaces.Discrete(2)

    def observe(self):
        return np.array([self.place, self.prize], np.int64)

    def begin(self):
        self.place, self.prize = 0, int(self.np_random.integers(3, self.places - 2))

    def move(self, action):
        self.place = (self.place + (1 if action else -1)) % self.places
        return self.reward()

    def reward(self):
        return 1.0 if self.ends() else 0.0

    def ends(self):
        return self.place == self.prize


class NumpyScalars(_Ring):
    """The reward is a numpy float32, the flags are numpy booleans.

    Odd: yes
    """

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, np.float32(reward), np.bool_(terminated), np.bool_(truncated), info


class RewardOfHalfPrecision(_Ring):
    """The reward is a numpy float16 scalar.

    Odd: yes
    """

    def reward(self):
        return np.float16(0.5 - abs(self.place - self.prize) / self.places)


class IntegerReward(_Ring):
    """The reward is a Python integer.

    Odd: yes
    """

    def reward(self):
        return 5 if self.ends() else 0


class NumpyIntegerReward(_Ring):
    """The reward is a numpy int64, counted from an array.

    Odd: yes
    """

    def reward(self):
        return np.array([self.place == self.prize, self.place > 4], np.int64).sum()


class StepCost(_Ring):
    """The reward is -1 for every step, whatever is done; what counts is how soon the episode ends.

    Odd: yes
    """

    def reward(self):
        return -1


class ConstantUntilTheGoal(_Ring):
    """The reward is 0.25 until the goal is reached, and 100 there.

    Odd: yes
    """

    def reward(self):
        return 100.0 if self.ends() else 0.25


class RewardOutOfReach(Play):
    """The only reward lies behind a combination of forty right actions in a row: random play never sees it.

    Odd: yes
    """

    limit = 200

    def __init__(self):
        self.observation_space = spaces.Discrete(41)
        self.action_space = spaces.Discrete(4)

    def begin(self):
        self.depth = 0

    def observe(self):
        return self.depth

    def move(self, action):
        self.depth = self.depth + 1 if action == self.depth * 7 % 4 else 0
        return float(self.ends())

    def ends(self):
        return self.depth == 40


class HugeRewards(_Ring):
    """Rewards are counted in cents of a large budget: up to 250,000,000, and as far below zero.

    Odd: yes
    """

    def reward(self):
        return 250_000_000.0 - 100_000_000.0 * abs(self.place - self.prize)


class NegativeZero(_Ring):
    """The reward is the negative of a distance that can be zero: then it is -0.0.

    Odd: yes
    """

    def reward(self):
        return -float(abs(self.place - self.prize))


class NamedResult(NamedTuple):
    """A step's five parts, with names."""

    observation: np.ndarray
    reward: float
    terminated: bool
    truncated: bool
    info: dict


class NamedTupleFromStep(_Ring):
    """What step returns is a named tuple of the five parts.

    Odd: yes
    """

    def step(self, action):
        return NamedResult(*super().step(action))


class RichInfo(_Ring):
    """The info holds strings, None, a nested dict, a tuple and arrays that keep their shape.

    Odd: yes
    """

    def info(self):
        seen = np.zeros(self.places, np.float32)
        seen[self.place] = 1.0
        where = {"place": self.place, "map": seen, "note": None if self.steps else "begins"}
        return {"where": where, "name": f"place {self.place}", "pair": (self.place, self.prize), "lucky": None}


class ActionMask(Play):
    """Info holds an action_mask of what is legal in this state; an illegal action costs one and does nothing.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Discrete(13)
        self.action_space = spaces.Discrete(3)

    def begin(self):
        self.left = int(self.np_random.integers(8, 13))

    def observe(self):
        return self.left

    def info(self):
        legal = [take <= self.left or self.over for take in (1, 2, 3)]
        return {"action_mask": np.array(legal, np.int8)}

    def move(self, action):
        take = int(action) + 1
        if take > self.left:
            return -1.0
        self.left -= take
        if self.left == 0:
            return 1.0
        self.left -= int(self.np_random.integers(1, min(3, self.left) + 1))
        return -1.0 if self.left == 0 else 0.0

    def ends(self):
        return self.left == 0


class InfoOnlyAtTheEnd(_Ring):
    """The info is empty but for the last step, where it tells of the whole episode.

    Odd: yes
    """

    def step(self, action):
        observation, reward, terminated, truncated, _ = super().step(action)
        info = {"episode": {"r": reward, "l": self.steps}} if terminated or truncated else {}
        return observation, reward, terminated, truncated, info


class ManyPartsOfReward(_Ring):
    """The reward is a sum whose parts stand in info, with the weights, which are the same read-only array each time.

    Odd: yes
    """

    weights = np.array([1.0, -0.1])
    weights.flags.writeable = False

    def info(self):
        return {"parts": np.array([float(self.place == self.prize), 1.0]), "weights": self.weights}

    def reward(self):
        return float(self.info()["parts"] @ self.weights)


class NoisyReward(_Ring):
    """The reward is noisy, by the environment's own generator: the same for the same seed, and never twice else.

    Odd: yes
    """

    def reward(self):
        return float(self.ends()) + float(self.np_random.normal(0.0, 0.3))


class GoalEnvironment(Play):
    """A goal environment: three parts in the observation, and compute_reward for one goal or many.

    Odd: yes
    """

    limit = 50

    def __init__(self):
        box = spaces.Box(-1.0, 1.0, (2,), np.float32)
        self.observation_space = spaces.Dict({"observation": box, "achieved_goal": box, "desired_goal": box})
        self.action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)

    def begin(self):
        self.place, self.goal = self.np_random.uniform(-1.0, 1.0, (2, 2)).astype(np.float32)

    def observe(self):
        return {name: goal.copy() for name, goal in zip(self.observation_space, self.parts(), strict=True)}

    def parts(self):
        """In the order of the space's keys: achieved, desired, observation."""
        return self.place, self.goal, self.place

    def move(self, action):
        moved = self.place + np.float32(0.2) * np.asarray(action, np.float32)
        self.place = np.clip(moved, -1.0, 1.0).astype(np.float32)
        return self.reward()

    def reward(self):
        return float(self.compute_reward(self.place, self.goal, self.info()))

    def step(self, action):
        observation, _, terminated, truncated, info = super().step(action)
        return observation, self.reward(), terminated, truncated, info

    def ends(self):
        return self.reward() == 0.0

    def info(self):
        return {"is_success": self.near(self.place, self.goal).item()}

    def near(self, achieved, desired):
        return np.linalg.norm(np.asarray(achieved) - np.asarray(desired), axis=-1) < 0.2

    def compute_reward(self, achieved_goal, desired_goal, info):
        return np.where(self.near(achieved_goal, desired_goal), 0.0, -1.0)
