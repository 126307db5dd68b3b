"""Faults of spaces, first part: observations that are not what the space says, from the start or once in a while."""

import numpy as np
from bases import Cards, Cart, Catcher, Grid, Reacher, Rocket, Scheduler, Tank, Walker
from gymnasium.spaces import Box


class BoundsAreDrawn(Cart):
    """The upper bound of the observation space is random, so two instances disagree.

    Level: error
    Hides: second instance only
    Twin: Cart
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        edge = np.array([1.2 + np.random.default_rng().random(), 0.2], np.float32)
        self.observation_space = Box(-edge, edge, dtype=np.float32)


class DoubleWhenFast(Cart):
    """Observations become float64 once the cart is fast.

    Level: error
    Hides: state dependent
    Twin: Cart
    """

    def observe(self):
        observation = super().observe()
        return observation.astype(np.float64) if abs(self.speed) > 0.05 else observation


class RunsDryBelowZero(Tank):
    """The level that ends the day is below zero, outside the declared bounds.

    Level: error
    Hides: terminal step only
    Twin: Tank
    """

    def flow(self):
        self.level = min(self.level + 0.4 * self.pump - self.demand(), self.height)


class LastPumpIsMissing(Tank):
    """The terminal observation lacks the key "pump".

    Level: error
    Hides: terminal step only
    Twin: Tank
    """

    def observe(self):
        observation = super().observe()
        if self.done[0]:
            del observation["pump"]
        return observation


class ClockAtTruncation(Tank):
    """An undeclared key appears in the observation when the day is truncated.

    Level: error
    Hides: truncation only
    Twin: Tank
    """

    def observe(self):
        return super().observe() | ({"clock": self.clock} if self.done[1] else {})


class ListWhenWalkingBack(Walker):
    """The Tuple observation comes back as a list when walking backwards.

    Level: error
    Hides: certain actions
    Twin: Walker
    """

    def observe(self):
        return list(super().observe()) if self.heading < 0 else super().observe()


class ArrayAfterTwentySteps(Grid):
    """The Discrete observation turns into an array of one element after 20 steps.

    Level: error
    Hides: after 20 steps
    Twin: Grid
    """

    def observe(self):
        return np.array([self.tile]) if self.steps > 20 else self.tile


class BurnsToInfinity(Rocket):
    """The unbounded altitude overflows to infinity when the engine keeps burning.

    Level: error
    Hides: one action sequence; infinity is inside the unbounded Box
    Twin: Rocket
    """

    def fly(self):
        super().fly()
        if self.burns > 30:
            self.climb *= 4

    def observe(self):
        with np.errstate(over="ignore"):
            return super().observe()


class TwoJobsInOneSlot(Scheduler):
    """A MultiBinary entry becomes 2 when a job arrives at a slot that already holds one.

    Level: error
    Hides: rare event
    Twin: Scheduler
    """

    def arrive(self, slot):
        self.busy[slot] = min(self.busy[slot] + 1, 2)


class PictureIsZerosAndOnes(Catcher):
    """A uint8 picture declared 0..255 is scaled to 0..1, so every pixel is 0 or 1.

    Level: warning
    Hides: in the open
    Twin: Catcher
    """

    def observe(self):
        return (super().observe() / 255 > 0.1).astype(np.uint8)


class ResetAddsAnAxis(Cart):
    """reset returns an observation of shape (1, 2).

    Level: error
    Hides: in the open
    Twin: Cart
    """

    def reset(self, *, seed=None, options=None):
        observation, info = super().reset(seed=seed, options=options)
        return observation[None], info


class ColumnInADict(Tank):
    """The Dict declares a Box of shape (1,), but step returns shape (1, 1).

    Level: error
    Hides: in the open, one key
    Twin: Tank
    """

    def step(self, action):
        observation, *rest = super().step(action)
        return observation | {"level": observation["level"][:, None]}, *rest


class TotalTurnsToFloat(Cards):
    """The Discrete total is a float when a ten was drawn.

    Level: error
    Hides: after a certain card
    Twin: Cards
    """

    def card(self):
        card = super().card()
        self.ten = card == 10
        return card

    def observe(self):
        return float(self.total) if self.ten else self.total


class NothingSeenAtTruncation(Walker):
    """The observation of the truncating step is None.

    Level: error
    Hides: truncation only
    Twin: Walker
    """

    def observe(self):
        return None if self.truncated else super().observe()


class ChannelsFirstAfterTwoLosses(Catcher):
    """The picture has its channels first while two apples are lost.

    Level: error
    Hides: state dependent, late
    Twin: Catcher
    """

    def observe(self):
        picture = super().observe()
        return picture.transpose(2, 0, 1).copy() if self.lost == 2 else picture


class DoubleInsideATuple(Walker):
    """The Box inside the Tuple is float64 on the truncating step.

    Level: error
    Hides: truncation only, second entry of a Tuple
    Twin: Walker
    """

    def observe(self):
        ground, place = super().observe()
        return ground, place.astype(np.float64) if self.truncated else place


class ChargerIsOneTooMany(Grid):
    """At the charger the tile is counted from one, which is one more than Discrete(36) has.

    Level: error
    Hides: terminal step only, one state
    Twin: Grid
    """

    def observe(self):
        return self.tile + 1 if self.terminated else self.tile


class ThreeEntriesWhenTired(Walker):
    """A tired walker sends a third entry in the Tuple.

    Level: error
    Hides: one region of the state space
    Twin: Walker
    """

    def observe(self):
        observation = super().observe()
        return (*observation, 1) if self.strength < 0.4 else observation


class SomeStartsAreOutside(Tank):
    """One start in twenty has a level above the declared bound.

    Level: error
    Hides: some seeds, reset only
    Twin: Tank
    """

    def first_level(self):
        return 10.5 if self.np_random.random() < 0.05 else super().first_level()


class ResonanceLeavesTheBox(Cart):
    """Ten changes of direction in a row make the cart swing, and the measured speed leaves its bounds.

    Level: error
    Hides: one kind of action sequence
    Twin: Cart
    """

    def reset(self, *, seed=None, options=None):
        self.last, self.flips = 0.0, 0
        return super().reset(seed=seed, options=options)

    def push(self, force):
        self.flips = self.flips + 1 if force * self.last < 0 else 0
        self.last = force
        super().push(force)

    def observe(self):
        swing = 0.3 if self.flips >= 10 else 0.0
        return super().observe() + np.array([0, swing], np.float32)


class OversleepsPastTheBound(Walker):
    """Resting for fifteen steps in a row raises the strength above one.

    Level: error
    Hides: one action held long
    Twin: Walker
    """

    def reset(self, *, seed=None, options=None):
        self.rest = 0
        return super().reset(seed=seed, options=options)

    def stride(self):
        super().stride()
        self.rest = self.rest + 1 if self.heading == 0 else 0
        if self.rest >= 15:
            self.strength = 1.01


class ScalarWhenThePumpRests(Tank):
    """The level is a bare number, without an axis, while the pump is off.

    Level: error
    Hides: one action, one key
    Twin: Tank
    """

    def observe(self):
        observation = super().observe()
        return observation if self.pump else observation | {"level": observation["level"][0]}


class SixthGameSeesMore(Scheduler):
    """From the sixth game on the observation has a sixth slot.

    Level: error
    Hides: sixth episode
    Twin: Scheduler
    """

    games = 0

    def reset(self, *, seed=None, options=None):
        self.games += 1
        return super().reset(seed=seed, options=options)

    def observe(self):
        return np.append(self.busy, np.int8(0)) if self.games > 5 else super().observe()


class GoalIsAListInTheCorner(Reacher):
    """The desired goal is a list of floats once the hand touches an edge of the plane.

    Level: error
    Hides: edge of the state space, one key
    Twin: Reacher
    """

    def observe(self):
        observation = super().observe()
        if np.abs(self.hand).max() >= 1:
            observation["desired_goal"] = observation["desired_goal"].tolist()
        return observation


class NanAtTheApex(Rocket):
    """The climb is NaN from step 60 on when the rocket is higher than sixty.

    Level: error
    Hides: late, one region; the Box is unbounded
    Twin: Rocket
    """

    def observe(self):
        observation = super().observe()
        if self.steps > 60 and self.altitude > 60:
            observation[1] = np.nan
        return observation


class RenderedObservationIsDouble(Cart):
    """Observations are float64 in an environment made for rgb_array.

    Level: error
    Hides: only with one render mode
    Twin: Cart
    """

    def observe(self):
        observation = super().observe()
        return observation.astype(np.float64) if self.render_mode == "rgb_array" else observation
