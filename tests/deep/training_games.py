"""Games that the tests of training play: some are ordinary, each of the others has a fault at one step."""

import gymnasium
import numpy as np
from gymnasium import spaces

IMAGE = spaces.Box(0, 255, (40, 48, 3), np.uint8)


class Corridor(gymnasium.Env):
    """Ten cells; the way to the right pays at its end. Observations of any kind, actions of any kind.

    Args:
      sees: box, number, numbers, bits, parts, image, or mixed.
      acts: one, two, bits, or box.
    """

    def __init__(self, sees="box", acts="one"):
        self.sees, self.acts = sees, acts
        self.observation_space = {
            "box": spaces.Box(0, 1, (2, 2), np.float32),
            "number": spaces.Discrete(10),
            "numbers": spaces.MultiDiscrete([10, 3]),
            "bits": spaces.MultiBinary(10),
            "parts": spaces.Dict(cell=spaces.Discrete(10), light=spaces.Box(0, 1, (3,), np.float32)),
            "image": IMAGE,
            "mixed": spaces.Dict(picture=IMAGE, light=spaces.Box(0, 1, (3,), np.float32)),
        }[sees]
        self.action_space = {
            "one": spaces.Discrete(2),
            "two": spaces.MultiDiscrete([2, 3]),
            "bits": spaces.MultiBinary(2),
            "box": spaces.Box(np.float32([-1, 0]), np.float32([1, 3])),
        }[acts]

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.cell, self.steps = int(self.np_random.integers(3)), 0
        return self._seen(), {}

    def step(self, action):
        first = np.ravel(action)[0]
        right = first > 0
        self.cell = min(max(self.cell + (1 if right else -1), 0), 9)
        self.steps += 1
        return self._seen(), float(self.cell == 9), self.cell == 9, self.steps >= 30, {"is_success": self.cell == 9}

    def _seen(self):
        light = self.np_random.random(3, np.float32)
        if self.sees == "box":
            return np.array([[self.cell / 9, 1], [0, light[0]]], np.float32)
        if self.sees == "number":
            return self.cell
        if self.sees == "numbers":
            return np.array([self.cell, int(3 * light[0])])
        if self.sees == "bits":
            return np.array([1 if place == self.cell else 0 for place in range(10)], np.int8)
        if self.sees == "parts":
            return {"cell": self.cell, "light": light}
        picture = np.full((40, 48, 3), 20, np.uint8)
        picture[:, 4 * self.cell : 4 * self.cell + 4, 1] = 250
        return picture if self.sees == "image" else {"picture": picture, "light": light}


class Faulty(Corridor):
    """Something goes wrong in step 7 of the third episode.

    Args:
      fault: what.
    """

    def __init__(self, fault):
        super().__init__()
        self.fault, self.episode = fault, -1

    def reset(self, *, seed=None, options=None):
        self.episode += 1
        return super().reset(seed=seed, options=options)

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        if self.episode < 2 or self.steps != 7:
            return observation, reward, terminated and self.episode > 2, truncated, info
        if self.fault == "raises":
            raise ValueError("the lamp broke")
        if isinstance(self.fault, str):
            return observation, float(self.fault), terminated, truncated, info
        observation[1, 0] = self.fault
        return observation, reward, terminated, truncated, info

    def _seen(self):
        seen = super()._seen()
        seen[0, 0] = min(seen[0, 0], 0.9)
        return seen


class Forgetful(Corridor):
    """Where it begins depends on how often it was reset, which no seed and no action brings back."""

    begun = 0

    def reset(self, *, seed=None, options=None):
        type(self).begun += 1
        super().reset(seed=seed)
        self.cell = type(self).begun % 7
        return self._seen(), {}


class FaultyLater(Faulty):
    """Only the second one that is made has the fault."""

    made = 0

    def __init__(self):
        super().__init__("nan")
        type(self).made += 1
        self.number = type(self).made

    def step(self, action):
        self.fault = "nan" if self.number % 2 == 0 else "0"
        return super().step(action)


class Odd(Corridor):
    """Spaces that no learner of Stable-Baselines3 takes."""

    def __init__(self, kind):
        super().__init__()
        if kind == "start":
            self.action_space = spaces.Discrete(2, start=1)
        elif kind == "text":
            self.observation_space = spaces.Text(5)
        elif kind == "nested":
            self.observation_space = spaces.Dict(inner=spaces.Dict(a=spaces.Discrete(2)))
        else:
            self.action_space = spaces.Tuple([spaces.Discrete(2), spaces.Discrete(2)])
