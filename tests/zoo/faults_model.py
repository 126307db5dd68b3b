"""Environments with one fault each that their exact model tells: at an end to which only it knows the way, or in odds.

Nobody opens the safe by chance: of the 4,096 combinations one is right, and the dials can be turned 30 times. On the
river every single step is one that the model knows, and only how often it happens is not.
"""

import gymnasium as gym
import numpy as np
from bases import METADATA

from envkit.core.mdp import MDP


class Safe(gym.Env):
    """A safe with three dials of sixteen digits opens at one combination; its exact model says which."""

    metadata = METADATA.copy()
    digits, combination, limit, prize = 16, (8, 7, 9), 30, 10.0

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.observation_space = gym.spaces.MultiDiscrete([self.digits] * 3)
        self.action_space = gym.spaces.Discrete(6)  # the dial, and whether up or down
        self.dials, self.steps = np.zeros(3, np.int64), 0
        self.open = self.late = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.dials, self.steps = self.np_random.integers(0, 2, 3), 0
        self.open = self.late = False
        return self.observe(), {}

    def step(self, action):
        if self.open or self.late:
            return self.observe(), self.beyond(), self.open, self.late, {}
        self.turn(int(action))
        self.steps += 1
        self.open = self.opens()
        self.late = not self.open and self.steps >= self.limit
        return self.observe(), self.prize if self.open else -1.0, self.open, self.late, {}

    def turn(self, action):
        self.dials = self.dials.copy()
        self.dials[action // 2] = (self.dials[action // 2] + (1 if action % 2 else -1)) % self.digits

    def opens(self):
        return tuple(self.dials) == self.combination

    def observe(self):
        return self.dials.copy()

    def beyond(self):
        return 0.0

    def state_of(self, observation):
        return int(np.ravel_multi_index(tuple(observation), [self.digits] * 3))

    def mdp(self):
        shape = [self.digits] * 3
        places = np.indices(shape).reshape(3, -1)
        turned = np.stack([places] * 6, axis=1)  # [3, A, S]
        for action in range(6):
            turned[action // 2, action] = (turned[action // 2, action] + (1 if action % 2 else -1)) % self.digits
        following = np.ravel_multi_index(tuple(turned), shape).T[:, :, None]  # [S, A, 1]
        opens = following == self.state_of(self.combination)
        start = np.zeros(self.digits**3)
        start[[self.state_of(dials) for dials in np.ndindex(2, 2, 2)]] = 1 / 8
        return MDP(
            next_state=following,
            probability=np.ones(following.shape),
            reward=np.where(opens, self.prize, -1.0),
            terminated=opens,
            available=np.ones(following.shape[:2], bool),
            start=start,
            horizon=self.limit,
        )

    def render(self):
        if self.render_mode == "rgb_array":
            pixels = np.full((16, 48, 3), 90 if self.open else 60, np.uint8)
            for number, digit in enumerate(self.dials):
                pixels[15 - digit :, 2 + 16 * number : 14 + 16 * number] = (200, 170, 60)
            return pixels
        return " ".join(map(str, self.dials)) + "\n" if self.render_mode == "ansi" else None


class OpenSafeShowsNoDigits(Safe):
    """Where the safe opens, its dials are seen one past the last of their digits.

    Level: error
    Hides: only in the observation of the end, which no play by chance reaches
    Twin: Safe
    """

    def observe(self):
        return np.full(3, self.digits) if self.open else super().observe()


class OpenSafePaysAgain(Safe):
    """Every further turn of the open safe's dials pays its prize once more.

    Level: warning
    Hides: only beyond an end that no play by chance reaches
    Twin: Safe
    """

    def beyond(self):
        return self.prize if self.open else 0.0


class SafeStaysShut(Safe):
    """The right combination pays and does not end the episode, as the model says it does.

    Level: error
    Hides: only at the end that the model knows, which no play by chance reaches
    Twin: Safe
    """

    def step(self, action):
        observation, reward, _, truncated, info = super().step(action)
        return observation, reward, False, truncated, info


class River(gym.Env):
    """A boat rows across a river whose current, now and then, carries it back; sometimes there is a fish."""

    metadata = METADATA.copy()
    width, limit, carried, fish, ashore = 6, 60, 0.3, 0.25, 0.8

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.observation_space = gym.spaces.Discrete(self.width)
        self.action_space = gym.spaces.Discrete(2)  # row on, or fish where the boat is
        self.place = self.steps = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.steps = int(self.np_random.random() >= self.odds_of_the_bank()), 0
        return self.place, {}

    def step(self, action):
        reward = -1.0
        if action == 1:
            reward += 2.0 * (self.np_random.random() < self.odds_of_a_fish())
        elif self.np_random.random() < self.odds_of_the_current():
            self.place = max(self.place - 1, 0)
        else:
            self.place += 1
        self.steps += 1
        over = self.place == self.width - 1
        return self.place, reward, over, not over and self.steps >= self.limit, {}

    def odds_of_the_bank(self):
        return self.ashore

    def odds_of_the_current(self):
        return self.carried

    def odds_of_a_fish(self):
        return self.fish

    def mdp(self):
        def outcomes(place, action):
            if action == 1:
                return [(self.fish, place, 1.0, False), (1 - self.fish, place, -1.0, False)]
            onward = min(place + 1, self.width - 1)
            over = onward == self.width - 1
            return [(self.carried, max(place - 1, 0), -1.0, False), (1 - self.carried, onward, -1.0, over)]

        starts = [(self.ashore, 0), (1 - self.ashore, 1)]
        return MDP.from_outcomes(starts, outcomes, 2, states=range(self.width), horizon=self.limit)

    def render(self):
        if self.render_mode == "rgb_array":
            pixels = np.full((16, 16 * self.width, 3), (60, 110, 170), np.uint8)
            pixels[4:12, 16 * self.place + 4 : 16 * self.place + 12] = (200, 160, 90)
            return pixels
        return (
            "~" * self.place + "B" + "~" * (self.width - self.place - 1) + "\n" if self.render_mode == "ansi" else None
        )


class RiverCarriesMore(River):
    """The current carries the boat back half the time, and the model says three times in ten.

    Level: error
    Hides: every step is one that the model knows; only how often it happens differs
    Twin: River
    """

    def odds_of_the_current(self):
        return 0.5


class RiverFishIsRarer(River):
    """A fish is caught half as often as the model says.

    Level: error
    Hides: in the odds of a reward, in a state that stays the same
    Twin: River
    """

    def odds_of_a_fish(self):
        return self.fish / 2


class RiverBeginsAfloat(River):
    """Most episodes begin in the water, and the model says that most begin on the bank.

    Level: error
    Hides: in the odds of the first state
    Twin: River
    """

    def odds_of_the_bank(self):
        return 0.4


class RiverBeginsElsewhere(River):
    """Now and then an episode begins in a place where, by the model, none does.

    Level: error
    Hides: one reset in twenty
    Twin: River
    """

    def reset(self, *, seed=None, options=None):
        _, info = super().reset(seed=seed, options=options)
        if self.np_random.random() < 0.05:
            self.place = 2
        return self.place, info
