"""Faults of info: no dictionary, or one with things in it that do not travel, stack, agree or stay small."""

import random

import numpy as np
from bases import Cards, Cart, Catcher, Grid, Reacher, Rocket, Scheduler, Tank, Walker


class GeneratorInTheLastInfo(Cards):
    """The final info holds a generator, which cannot be pickled, so worker processes fail.

    Level: error
    Hides: last step only
    Twin: Cards
    """

    def info(self):
        info = super().info()
        return info | {"replay": (card for card in range(self.drawn))} if self.over else info


class TraceGrowsToFive(Walker):
    """The array in info changes shape with the step, so infos of several environments cannot be stacked.

    Level: error
    Hides: only with several environments out of step
    Twin: TraceOfFive
    """

    def reset(self, *, seed=None, options=None):
        self.trace = []
        return super().reset(seed=seed, options=options)

    def stride(self):
        super().stride()
        self.trace = [*self.trace[-4:], self.place]

    def info(self):
        return super().info() | {"trace": self.stacked()}

    def stacked(self):
        return np.array(self.trace, np.int64)


class TraceOfFive(TraceGrowsToFive):
    """The clean twin: always five entries."""

    def stacked(self):
        return np.array([0] * (5 - len(self.trace)) + self.trace, np.int64)


class RewardsSoFar(Grid):
    """info repeats the whole list of past rewards at every step.

    Level: warning
    Hides: late in the episode
    Twin: Grid
    """

    def reset(self, *, seed=None, options=None):
        self.rewards = []
        return super().reset(seed=seed, options=options)

    def reward(self):
        reward = super().reward()
        self.rewards.append(reward)
        return reward

    def info(self):
        return super().info() | {"rewards": list(self.rewards)}


class NoInfoAtTheLimit(Tank):
    """info is None on the truncating step.

    Level: error
    Hides: truncation only
    Twin: Tank
    """

    def info(self):
        return None if self.done[1] else super().info()


class ResetInfoIsAList(Catcher):
    """The info of reset is an empty list.

    Level: error
    Hides: reset only
    Twin: Catcher
    """

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed, options=options)[0], []


class NoInfoWhenExhausted(Walker):
    """info is missing from the tuple, which has None in its place, when the walker gives up.

    Level: error
    Hides: one of two kinds of terminal step
    Twin: Walker
    """

    def info(self):
        return None if self.strength <= 0 else super().info()


class CallbackOnABump(Grid):
    """A bump into the pillar puts a lambda into info, which cannot be pickled.

    Level: error
    Hides: rare event
    Twin: Grid
    """

    def info(self):
        row, column = divmod(self.tile, self.side)
        beside = abs(row - 3) + abs(column - 3) == 1
        undo = {"undo": lambda: self.tile} if self.bumped and beside else {}
        return super().info() | undo


class InfoHoldsTheEnvironment(Scheduler):
    """info holds the environment itself, which every worker has to send with every step.

    Level: warning
    Hides: in the open
    Twin: Scheduler
    """

    def info(self):
        return super().info() | {"office": self}


class PhaseTurnsToText(Cart):
    """A number in info becomes a text after step 50, so infos of several environments cannot be stacked.

    Level: error
    Hides: only with several environments out of step
    Twin: Cart
    """

    def info(self):
        return super().info() | {"phase": self.steps / 50 if self.steps <= 50 else "late"}


class LuckInInfo(Scheduler):
    """An entry of info is drawn from system entropy, so a seeded run does not repeat it.

    Level: error
    Hides: info only
    Twin: Scheduler
    """

    def info(self):
        return super().info() | {"luck": random.SystemRandom().random()}


class ClaimsTheEpisodeKey(Tank):
    """The last info has an entry "episode" of its own, which the wrapper for episode statistics refuses.

    Level: warning
    Hides: last step only
    Twin: Tank
    """

    def info(self):
        return super().info() | ({"episode": self.clock} if any(self.done) else {})


class InfoContainsItself(Rocket):
    """After the landing info contains itself, and whoever walks through it does so for ever.

    Level: error
    Hides: terminal step only
    Twin: Rocket
    """

    def info(self):
        info = super().info()
        if self.landed:
            info["last"] = info
        return info


class MaskedGrid(Grid):
    """The clean twin of the masks: info tells which moves lead anywhere."""

    def info(self):
        return super().info() | {"action_mask": self.mask()}

    def mask(self):
        row, column = divmod(self.tile, self.side)
        ahead = ((row + down, column + right) for down, right in self.moves.values())
        free = (0 <= row < 6 and 0 <= column < 6 and 6 * row + column != self.pillar for row, column in ahead)
        return np.array([*free], np.int8)


class MaskIsShortAtTheEdge(MaskedGrid):
    """In the last column the mask lacks its last entry.

    Level: error
    Hides: states at one edge, info only
    Twin: MaskedGrid
    """

    def mask(self):
        mask = super().mask()
        return mask[:-1] if self.tile % self.side == self.side - 1 else mask


class MaskForbidsAll(MaskedGrid):
    """On the tile before the charger the mask forbids every action.

    Level: error
    Hides: one state, info only
    Twin: MaskedGrid
    """

    def mask(self):
        return super().mask() * (self.tile != self.charger - 1)


class MaskIsOfFloats(MaskedGrid):
    """After a bump the mask is an array of floats, which sampling with a mask refuses.

    Level: error
    Hides: after some actions, info only
    Twin: MaskedGrid
    """

    def mask(self):
        mask = super().mask()
        return mask.astype(np.float64) if self.bumped else mask


class SuccessOfBefore(Reacher):
    """is_success of the first info is that of the episode before.

    Level: error
    Hides: reset info, after a success
    Twin: Reacher
    """

    def reset(self, *, seed=None, options=None):
        before = self.info()
        return super().reset(seed=seed, options=options)[0], before


class InfoCountsForTheInstance(Catcher):
    """info counts the steps of the instance, not of the episode, so a seeded episode does not repeat it.

    Level: warning
    Hides: second episode, info only
    Twin: Catcher
    """

    played = 0

    def fall(self):
        super().fall()
        self.played += 1

    def info(self):
        return super().info() | {"played": self.played}


class InfoKeepsTheCallersAction(Cart):
    """info holds the action array of the caller, and changes when the caller reuses it.

    Level: warning
    Hides: argument aliased, info only
    Twin: InfoCopiesTheAction
    """

    latest = None

    def step(self, action):
        self.latest = self.kept(action)
        return super().step(action)

    def kept(self, action):
        return action

    def reset(self, *, seed=None, options=None):
        self.latest = np.zeros(1, np.float32)
        return super().reset(seed=seed, options=options)

    def info(self):
        return super().info() | {"action": self.latest}


class InfoCopiesTheAction(InfoKeepsTheCallersAction):
    """The clean twin: a new copy each time."""

    def kept(self, action):
        return np.array(action)
