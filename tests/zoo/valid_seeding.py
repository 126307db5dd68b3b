"""Odd sources of chance, and odd uses of the seed. None has a fault."""

import random

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from valid_common import Play


class _Drift(Play):
    """A boat that is steered left or right against a current; it strands at 5 from the middle."""

    limit = 80

    def __init__(self):
        self.observation_space = spaces.Box(-6.0, 6.0, (1,), np.float32)
        self.action_space = spaces.Discrete(2)

    def begin(self):
        self.x = 0.0

    def observe(self):
        return np.array([self.x], np.float32)

    def current(self):
        return 0.0

    def move(self, action):
        self.x = float(np.clip(self.x + (0.3 if action else -0.3) + self.current(), -6.0, 6.0))
        return 1.0 - abs(self.x) / 6

    def ends(self):
        return abs(self.x) >= 5.0


class NothingIsRandom(_Drift):
    """Start and course are the same for every seed: there is no chance in it.

    Odd: yes
    """


class ChanceOnlyInTheCourse(_Drift):
    """The start is always the same; the course is drawn from np_random at every step.

    Odd: yes
    """

    def current(self):
        return self.np_random.normal(0.0, 0.4)


class ChanceOnlyInTheStart(_Drift):
    """The start is drawn; what follows is determined by it.

    Odd: yes
    """

    def begin(self):
        self.x = float(self.np_random.uniform(-3.0, 3.0))


class OldRandomState(_Drift):
    """Draws from a RandomState of its own, seeded from np_random in every reset.

    Odd: yes
    """

    def begin(self):
        self.old = np.random.RandomState(self.np_random.integers(2**31))
        self.x = float(self.old.uniform(-1.0, 1.0))

    def current(self):
        return float(self.old.standard_normal()) * 0.2


class PythonsRandom(_Drift):
    """Draws from an instance of Python's random.Random, seeded only when a seed is given.

    Odd: yes
    """

    def reset(self, *, seed=None, options=None):
        if seed is not None or not hasattr(self, "dice"):
            self.dice = random.Random(seed)
        return super().reset(seed=seed, options=options)

    def current(self):
        return self.dice.gauss(0.0, 0.2)


class GeneratorForEachPart(_Drift):
    """Wind and waves have generators of their own, spawned from np_random in every reset.

    Odd: yes
    """

    def begin(self):
        self.wind, self.waves = (np.random.default_rng(seed) for seed in self.np_random.integers(2**63, size=2))
        self.x = 0.0

    def current(self):
        return float(self.wind.normal(0.1, 0.1) + self.waves.uniform(-0.3, 0.3))


class NoiseDrawnBeforehand(_Drift):
    """All of an episode's chance is drawn in reset, so the course repeats whatever else is drawn.

    Odd: yes
    """

    def begin(self):
        self.noise, self.x = self.np_random.normal(0.0, 0.3, self.limit), 0.0

    def current(self):
        return float(self.noise[self.steps % self.limit])


class LevelFromTheSeed(Play):
    """The seed chooses one of endless mazes; a reset without one goes on to the next maze.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Dict(
            {"walls": spaces.MultiBinary((7, 7)), "place": spaces.MultiDiscrete([7, 7])}
        )
        self.action_space = spaces.Discrete(4)

    def begin(self):
        self.walls = self.np_random.random((7, 7)) < 0.3
        self.walls[0, 0] = self.walls[6, 6] = False
        self.place = (0, 0)

    def observe(self):
        return {"walls": self.walls.astype(np.int8), "place": np.array(self.place, np.int64)}

    def move(self, action):
        down, right = ((1, 0), (-1, 0), (0, 1), (0, -1))[action]
        row, column = self.place[0] + down, self.place[1] + right
        if 0 <= row < 7 and 0 <= column < 7 and not self.walls[row, column]:
            self.place = (row, column)
        return float(self.ends())

    def ends(self):
        return self.place == (6, 6)


class ShufflesWhenTheDeckIsLow(Play):
    """The deck goes on from one episode into the next until few cards are left; a seed starts with a fresh one.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.MultiDiscrete([22, 53])
        self.action_space = spaces.Discrete(2)
        self.deck = []

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.deck = []
        return super().reset(seed=seed, options=options)

    def begin(self):
        if len(self.deck) < 20:
            self.deck = [int(card) for card in self.np_random.permutation(52) % 13 + 1]
        self.total, self.stopped = self.deck.pop(), False

    def observe(self):
        return np.array([min(self.total, 21), len(self.deck)], np.int64)

    def move(self, action):
        if action == 0:
            self.stopped = True
            return self.total / 21 if self.total <= 21 else -1.0
        self.total += self.deck.pop()
        return -1.0 if self.total > 21 else 0.0

    def ends(self):
        return self.stopped or self.total > 21


class ReplacesItsGenerator(_Drift):
    """A generator of another algorithm stands in for np_random, made anew from every seed.

    Odd: yes
    """

    def reset(self, *, seed=None, options=None):
        gym.Env.reset(self, seed=seed)
        if seed is not None or not hasattr(self, "steps"):
            self._np_random = np.random.Generator(np.random.Philox(self.np_random.integers(2**63)))
        self.steps, self.over, self.x = 0, False, float(self.np_random.uniform(-1.0, 1.0))
        return self.observe(), {}

    def current(self):
        return self.np_random.normal(0.0, 0.2)


class DrawsAVaryingNumber(_Drift):
    """How many numbers a step draws depends on what came before, by rejection.

    Odd: yes
    """

    def current(self):
        while True:
            gust = self.np_random.uniform(-1.0, 1.0)
            if self.np_random.random() < 1.0 - abs(gust):
                return gust * 0.5


class BeginsOnOneOfTwoBanks(_Drift):
    """There are but two starts, so a few resets in a row are often alike.

    Odd: yes
    """

    def begin(self):
        self.x = -2.0 if self.np_random.random() < 0.5 else 2.0
