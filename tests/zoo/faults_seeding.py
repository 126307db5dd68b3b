"""Faults of seeding: equal seeds that play differently, and randomness taken from, or given to, the rest of the process."""

import os
import random
import secrets
import time

import numpy as np
from scenes import Archer, Brewery, Crews, Deck, Maze, Pond, Valley

SHARED = np.random.default_rng()
TABLE = np.random.default_rng().uniform(0.9, 1.1, 64)


class BumpDrawsGlobalNumpy(Maze):
    """Bouncing off a wall turns the walker back by a draw from numpy's global generator.

    Level: error
    Hides: only in steps that bump
    Twin: Maze
    """

    def bump(self):
        super().bump()
        if self.cell > 0 and np.random.random() < 0.5:
            self.cell -= 1 if self.cell % self.size else 0


class SharedModuleGenerator(Valley):
    """The wind of all instances comes from one generator of the module, which reset seeds anew.

    Level: error
    Hides: only when two instances are stepped in turns
    Twin: Valley
    """

    def reset(self, *, seed=None, options=None):
        global SHARED
        if seed is not None:
            SHARED = np.random.default_rng(seed)
        return super().reset(seed=seed, options=options)

    def wind(self):
        return float(SHARED.uniform(-0.002, 0.002))


class LayoutFollowsSetOrder(Maze):
    """The blocked corner is the first of a set of strings, so it follows the hash seed of the process.

    Level: error
    Hides: only between processes
    Twin: LayoutFollowsSortedOrder
    """

    def corner(self):
        return {"north": 2, "west": 10, "middle": 12, "east": 14, "south": 22}[next(iter(self.names()))]

    def names(self):
        return {"north", "west", "middle", "east", "south"}

    def start(self):
        return self.corner()


class LayoutFollowsSortedOrder(LayoutFollowsSetOrder):
    """The clean twin: the names are sorted before the first one is taken."""

    def names(self):
        return sorted(super().names())


class RewardFollowsTimeOfDay(Brewery):
    """After thirty steps the reward has a term that follows the wall clock.

    Level: error
    Hides: after step 30
    Twin: Brewery
    """

    def reward(self):
        return super().reward() + (time.time() % 1.0 if self.time > 30 else 0.0)


class ResetSeedsGlobalNumpy(Crews):
    """reset(seed) also seeds numpy's global generator: the caller's own noise starts again.

    Level: error
    Hides: a side effect outside the environment
    Twin: Crews
    """

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            np.random.seed(seed % 2**32)
        return super().reset(seed=seed, options=options)


class ResetSeedsPythonRandom(Deck):
    """reset(seed) also seeds the `random` module of the whole process.

    Level: error
    Hides: a side effect outside the environment
    Twin: Deck
    """

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            random.seed(seed)
        return super().reset(seed=seed, options=options)


class ConstructorSeedsGlobalNumpy(Pond):
    """The constructor seeds numpy's global generator with 0 "for reproducibility".

    Level: error
    Hides: in the constructor, outside the environment
    Twin: Pond
    """

    def __init__(self, render_mode=None):
        np.random.seed(0)
        super().__init__(render_mode)


class MapFromSystemEntropy(Maze):
    """Each instance draws a trapdoor from system entropy in its constructor.

    Level: error
    Hides: one instance agrees with itself; two do not
    Twin: Maze
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.trapdoor = int(np.random.default_rng().integers(1, 24))

    def move(self, action):
        super().move(action)
        if self.cell == self.trapdoor:
            self.cell = 0


class RenderDrawsFromTheGame(Pond):
    """The shimmer of the picture is drawn from the generator of the game, so a rendered run differs.

    Level: error
    Hides: only when rendering
    Twin: Pond
    """

    def picture(self):
        self.np_random.random()
        return super().picture()


class NoiseSeededByEpisodeCount(Valley):
    """The wind is seeded with the seed and the number of episodes so far, and blows from the fourth step on.

    Level: error
    Hides: the same seed on a used instance, from step 4 on
    Twin: Valley
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.episodes = 0

    def begin(self):
        super().begin()
        self.weather = np.random.default_rng([self.np_random_seed, self.episodes])
        self.episodes += 1

    def wind(self):
        return float(self.weather.uniform(-0.002, 0.002)) if self.time >= 4 else 0.0


class SuperResetForgotten(Crews):
    """super().reset(seed=seed) is not called, so np_random is never seeded.

    Level: error
    Hides: in the open
    Twin: Crews
    """

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=None, options=options)


class StartDrawnBeforeSeeding(Archer):
    """The goal is drawn before super().reset seeds the generator: it belongs to the seed before.

    Level: error
    Hides: only the goal key of the first observation
    Twin: Archer
    """

    def reset(self, *, seed=None, options=None):
        angle = self.np_random.uniform(0, 2 * np.pi)
        super().reset(seed=seed, options=options)
        self.goal = (0.7 * np.array([np.cos(angle), np.sin(angle)])).astype(np.float32)
        return self.observe(), self.notes()


class UnseededResetAfterSeedDrawsEntropy(Valley):
    """A reset without a seed throws the seeded generator away and takes new entropy.

    Level: error
    Hides: from the second episode of a seeded run on
    Twin: Valley
    """

    def reset(self, *, seed=None, options=None):
        if seed is None:
            self._np_random = None
        return super().reset(seed=seed, options=options)


class SeedsBeyondSixteenBitsIgnored(Deck):
    """A seed that does not fit the 16-bit field of the config counts as none.

    Level: error
    Hides: only seeds above 65535
    Twin: Deck
    """

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed, options=options)
        if seed is not None and seed > 65535:
            self._np_random = None
            self.begin()
        return self.observe(), self.notes()


class SlipSamplesTheActionSpace(Maze):
    """A slip takes its turn from action_space.sample(), which reset(seed) does not seed.

    Level: error
    Hides: one step in ten
    Twin: Maze
    """

    def move(self, action):
        super().move(self.action_space.sample() if self.np_random.random() < 0.1 else action)


class ObservationSpaceSampledAtTheStart(Brewery):
    """The first valve is a sample of the observation space, which has a generator of its own.

    Level: error
    Hides: one key of the first observation
    Twin: Brewery
    """

    def begin(self):
        super().begin()
        self.valve = int(self.observation_space["valve"].sample())


class TieBrokenByProcessId(Crews):
    """Two sites break down at once, at a step between 20 and 59 that depends on the id of the process.

    Level: error
    Hides: only between processes, after step 20
    Twin: Crews
    """

    def move(self, action):
        super().move(action)
        if self.time == 20 + os.getpid() % 40:
            self.down[:2] = 1


class BonusFromStringHash(Deck):
    """A win pays a bonus that follows hash() of a name, which differs between processes.

    Level: error
    Hides: only between processes, only on a win
    Twin: Deck
    """

    def reward(self):
        reward = super().reward()
        return reward + (hash(f"table {self.total}") % 100) / 1000 if reward > 0 else reward


class TableDrawnAtImport(Archer):
    """The gain of the motor comes from a table that was drawn from entropy when the module was imported.

    Level: error
    Hides: only between processes
    Twin: Archer
    """

    def move(self, action):
        super().move(np.asarray(action) * np.float32(TABLE[self.time]))


class TieBrokenByAddress(Pond):
    """A drop leans left or right by the memory address of the environment.

    Level: error
    Hides: only between instances, from the second drop on
    Twin: Pond
    """

    def drop(self):
        super().drop()
        if self.time:
            self.column = (self.column + id(self) // 64 % 7) % self.size


class FinalBonusFromPythonRandom(Maze):
    """Reaching the goal pays a bonus from the `random` module.

    Level: error
    Hides: terminal step only
    Twin: Maze
    """

    def reward(self):
        return super().reward() + (random.random() if self.terminated else 0.0)


class TicketFromSecrets(Valley):
    """When the time is up, info carries a ticket number from `secrets`.

    Level: warning
    Hides: info of the truncating step only
    Twin: TicketFromTheGenerator
    """

    def notes(self):
        return super().notes() | ({"ticket": self.ticket()} if self.truncated else {})

    def ticket(self):
        return secrets.randbelow(1_000_000)


class TicketFromTheGenerator(TicketFromSecrets):
    """The clean twin: the ticket is a draw of the environment's generator."""

    def ticket(self):
        return int(self.np_random.integers(1_000_000))


class SlowCallersArePunished(Brewery):
    """The kettle cools by the time that has really passed since the last step.

    Level: error
    Hides: the amount is small, and depends on how busy the machine is
    Twin: Brewery
    """

    def begin(self):
        super().begin()
        self.stamp = time.perf_counter()

    def flicker(self):
        now = time.perf_counter()
        passed, self.stamp = now - self.stamp, now
        return super().flicker() - min(100 * passed, 0.2)


class EvenAndOddSeedsOnly(Archer):
    """The seed is cut to its last bit, so that all runs are one of two.

    Level: warning
    Hides: each seed repeats itself perfectly
    Twin: Archer
    """

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=None if seed is None else seed % 2, options=options)


class LateStormIsNeverSeeded(Crews):
    """From step forty on the breakdowns come from a second generator that reset does not seed.

    Level: error
    Hides: after step 40
    Twin: Crews
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.storm = np.random.default_rng()

    def move(self, action):
        super().move(action)
        if self.time > 40 and self.storm.random() < 0.5:
            self.down[int(self.storm.integers(6))] = 1
