"""Odd makes: wrappers as the environment, factories, properties, read-only and cached results. None has a fault."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import FlattenObservation, FrameStackObservation, RescaleAction, TimeLimit
from valid_common import Play


class _Cart(Play):
    """A cart on rails is pushed about and has to stay near the middle."""

    limit = 100

    def __init__(self):
        self.observation_space = spaces.Box(-3.0, 3.0, (2,), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (1,), np.float32)

    def begin(self):
        self.x, self.v = self.np_random.uniform(-0.5, 0.5), 0.0

    def observe(self):
        return np.array([self.x, self.v], np.float32)

    def move(self, action):
        self.v = float(np.clip(self.v + 0.2 * float(action[0]), -3.0, 3.0))
        self.x = float(np.clip(self.x + 0.2 * self.v, -3.0, 3.0))
        return 1.0 - abs(self.x) / 3

    def ends(self):
        return abs(self.x) >= 3.0


class _Unlimited(_Cart):
    limit = float("inf")


class WrapperAsTheClass(gym.Wrapper):
    """The class is a gymnasium.Wrapper that makes what it wraps itself.

    Odd: yes
    """

    def __init__(self):
        super().__init__(_Cart())

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, 2 * reward, terminated, truncated, info


def stack_of_wrappers():
    """A function makes it, out of three of Gymnasium's wrappers; not all of them can be pickled.

    Odd: yes
    """
    env = RescaleAction(_Unlimited(), np.float32(-2.0), np.float32(2.0))
    return TimeLimit(FrameStackObservation(env, 3), 80)


def flattened():
    """A function makes it: a Dict observation flattened by one of Gymnasium's wrappers, which cannot be pickled.

    Odd: yes
    """
    return FlattenObservation(_Parts())


def limited_by_a_wrapper():
    """The time limit is that of Gymnasium's TimeLimit, and the environment knows of none.

    Odd: yes
    """
    return TimeLimit(_Unlimited(), max_episode_steps=40)


def registered_cart_pole(render_mode=None):
    """A function makes it, by gymnasium.make with another time limit, so it has a spec.

    Odd: yes
    """
    return gym.make("CartPole-v1", max_episode_steps=30, render_mode=render_mode)


class _Parts(_Cart):
    """Position and speed are parts of a Dict."""

    def __init__(self):
        super().__init__()
        part = spaces.Box(-3.0, 3.0, (1,), np.float32)
        self.observation_space = spaces.Dict({"x": part, "v": spaces.Box(-3.0, 3.0, (1,), np.float32)})

    def observe(self):
        return {"x": np.array([self.x], np.float32), "v": np.array([self.v], np.float32)}


class SpacesAreProperties(Play):
    """Both spaces are properties without a setter, which return the same object each time.

    Odd: yes
    """

    def __init__(self, cells: int = 9):
        self._cells = spaces.Discrete(cells)
        self._moves = spaces.Discrete(2)

    @property
    def observation_space(self):
        return self._cells

    @property
    def action_space(self):
        return self._moves

    def begin(self):
        self.cell = 4

    def observe(self):
        return self.cell

    def move(self, action):
        self.cell = max(0, min(8, self.cell + (1 if action else -1)))
        return float(self.cell == 8)

    def ends(self):
        return self.cell in (0, 8)


class ReadOnlyObservations(Play):
    """Observations are read-only arrays, made once for each state and handed out again.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Box(0.0, 1.0, (12,), np.float32)
        self.action_space = spaces.Discrete(2)
        self.one_hot = list(np.eye(12, dtype=np.float32))
        for row in self.one_hot:
            row.flags.writeable = False

    def begin(self):
        self.cell = int(self.np_random.integers(4, 8))

    def observe(self):
        return self.one_hot[self.cell]

    def move(self, action):
        self.cell += 1 if action else -1
        return -0.1 if self.cell else 1.0

    def ends(self):
        return self.cell in (0, 11)


class SharedTupleObservation(SpacesAreProperties):
    """The observation of a state is the same immutable tuple of numbers each time.

    Odd: yes
    """

    states = tuple((cell, cell % 2) for cell in range(9))

    def __init__(self):
        super().__init__()
        self._cells = spaces.Tuple((spaces.Discrete(9), spaces.Discrete(2)))

    def observe(self):
        return self.states[self.cell]


class FrameStack(gym.Env):
    """The last three observations are stacked by itself, each time into a new array.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Box(-3.0, 3.0, (3, 2), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (1,), np.float32)
        self.cart = _Cart()

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        first, _ = self.cart.reset(seed=seed)
        self.frames = [first] * 3
        return np.stack(self.frames), {}

    def step(self, action):
        observation, reward, terminated, truncated, info = self.cart.step(action)
        self.frames = [*self.frames[1:], observation]
        return np.stack(self.frames), reward, terminated, truncated, info


class ActionRepeat(_Cart):
    """One step plays the action up to four times and sums the rewards, and stops at the end of the episode.

    Odd: yes
    """

    limit = 25

    def move(self, action):
        total = 0.0
        for _ in range(4):
            total += super().move(action)
            if self.ends():
                break
        return total


class LimitFromTheOutside(_Cart):
    """Leaving the rails is truncation, not termination: out of bounds, as Gymnasium's documentation allows.

    Odd: yes
    """

    def ends(self):
        return False

    def step(self, action):
        if abs(self.x) >= 3.0:
            return self.observe(), 0.0, False, True, {}
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward, terminated, truncated or abs(self.x) >= 3.0, info


class Typed(gym.Env[np.ndarray, np.int64]):
    """The class fills in the types of gymnasium.Env, and takes keyword arguments only, all with defaults.

    Odd: yes
    """

    def __init__(self, *, size: int = 5, wrap: bool = True, **unused: Any) -> None:
        self.size, self.wrap = size, wrap
        self.observation_space = spaces.Box(0, size - 1, (1,), np.int64)
        self.action_space = spaces.Discrete(2)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict]:
        super().reset(seed=seed)
        self.cell = np.array([int(self.np_random.integers(self.size))])
        self.steps = 0
        return self.cell.copy(), {}

    def step(self, action: np.int64) -> tuple[np.ndarray, float, bool, bool, dict]:
        self.cell = (self.cell + (1 if action else -1)) % self.size
        self.steps += 1
        return self.cell.copy(), float(self.cell[0] == 0), False, self.steps >= 30, {}


class ResetTakesAnything(_Cart):
    """reset declares seed and options, and further keyword arguments that nobody has to give.

    Odd: yes
    """

    def reset(self, *, seed=None, options=None, push=0.0, **unused):
        _, info = super().reset(seed=seed, options=options)
        self.v = float(push)
        return self.observe(), info


class WorldInAnotherObject(_Cart):
    """State and dynamics live in an object of their own, made anew in every reset; the environment passes on.

    Odd: yes
    """

    class World:
        def __init__(self, rng):
            self.x, self.v = rng.uniform(-0.5, 0.5), 0.0

        def push(self, force):
            self.v = float(np.clip(self.v + 0.2 * force, -3.0, 3.0))
            self.x = float(np.clip(self.x + 0.2 * self.v, -3.0, 3.0))

    def __getattr__(self, name):
        if name in ("x", "v"):
            return getattr(self.world, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def begin(self):
        self.world = self.World(self.np_random)

    def move(self, action):
        self.world.push(float(action[0]))
        return 1.0 - abs(self.x) / 3
