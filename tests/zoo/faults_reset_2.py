"""Faults of reset, second part: its arguments, seed and options."""

import numpy as np
from bases import Cards, Cart, Catcher, Grid, Reacher, Rocket, Scheduler, Tank, Walker


class EmptiesTheOptions(Cart):
    """reset empties the options dictionary of the caller.

    Level: error
    Hides: argument mutated
    Twin: Cart
    """

    def reset(self, *, seed=None, options=None):
        while options:
            options.popitem()
        return super().reset(seed=seed)


class SignsTheOptions(Walker):
    """reset writes the seed into the options dictionary of the caller.

    Level: error
    Hides: argument mutated, only with options and a seed
    Twin: Walker
    """

    def reset(self, *, seed=None, options=None):
        if options is not None and seed is not None:
            options["seed"] = seed
        return super().reset(seed=seed, options=options)


class PracticeRocket(Rocket):
    """The clean twin of sticky options: an episode that is given options starts high up; the next one does not."""

    practice = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.practice = self.choose(options)
        if self.practice:
            self.altitude += 20
        return self.observe(), self.info()

    def choose(self, options):
        return bool(options)


class OptionsStick(PracticeRocket):
    """The options of one reset still hold in later episodes that are given none.

    Level: error
    Hides: second episode after one with options
    Twin: PracticeRocket
    """

    def choose(self, options):
        return self.practice or bool(options)


class EmptyOptionsFail(Scheduler):
    """An empty options dictionary is a KeyError, though None is fine.

    Level: error
    Hides: one value of an argument
    Twin: Scheduler
    """

    def reset(self, *, seed=None, options=None):
        if options is not None and not options:
            raise KeyError("slots")
        return super().reset(seed=seed, options=options)


class SeedZeroIsNoSeed(Grid):
    """Seed 0 is treated as no seed.

    Level: error
    Hides: only seed 0
    Twin: Grid
    """

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed or None, options=options)


class LargeSeedsOverflow(Catcher):
    """Seeds from 2**31 on raise OverflowError.

    Level: error
    Hides: large seeds
    Twin: Catcher
    """

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            seed = int(np.array(seed, np.int32))
        return super().reset(seed=seed, options=options)


class LargeSeedsAreOne(Tank):
    """Seeds are cut off at a million, so all larger ones play the same game.

    Level: warning
    Hides: two different large seeds
    Twin: Tank
    """

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed if seed is None else min(seed, 10**6), options=options)


class UnseededIsSeedSeven(Walker):
    """A reset without seed restarts the generator from the same constant.

    Level: error
    Hides: unseeded resets
    Twin: Walker
    """

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=7 if seed is None else seed, options=options)


class RepeatsTheLastSeed(Catcher):
    """Once seeded, every later reset without seed plays the seeded game again.

    Level: error
    Hides: unseeded resets after a seeded one
    Twin: Catcher
    """

    seed_of_old = None

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.seed_of_old = seed
        return super().reset(seed=self.seed_of_old, options=options)


class SeedIsFortyTwo(Scheduler):
    """The default value of seed is 42.

    Level: error
    Hides: in the open
    Twin: Scheduler
    """

    def reset(self, *, seed=42, options=None):
        return super().reset(seed=seed, options=options)


class SeedTakesEffectLater(Tank):
    """The seed is stored for the reset after this one.

    Level: error
    Hides: the reset that is given the seed uses the one before
    Twin: Tank
    """

    waiting = None

    def reset(self, *, seed=None, options=None):
        now, self.waiting = self.waiting, seed
        return super().reset(seed=now, options=options)


class TenSeedsInAll(Reacher):
    """Only the last digit of the seed counts.

    Level: warning
    Hides: certain pairs of seeds
    Twin: Reacher
    """

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed if seed is None else seed % 10, options=options)


class SeededOnlyOnce(Cards):
    """The first seed counts; later ones are ignored.

    Level: error
    Hides: second seeded reset of an instance
    Twin: Cards
    """

    seeded = False

    def reset(self, *, seed=None, options=None):
        if self.seeded:
            seed = None
        self.seeded = self.seeded or seed is not None
        return super().reset(seed=seed, options=options)


class TakesNoOptions(Rocket):
    """reset knows no options.

    Level: error
    Hides: in the open, one argument
    Twin: Rocket
    """

    def reset(self, *, seed=None):
        return super().reset(seed=seed)


class NeedsASeed(Cart):
    """reset cannot be called without a seed.

    Level: error
    Hides: in the open, a call without arguments
    Twin: Cart
    """

    def reset(self, seed, options=None):
        return super().reset(seed=seed, options=options)


class SwallowsTheSeed(Walker):
    """The seed disappears in **kwargs and reaches no generator.

    Level: error
    Hides: the signature looks tolerant; seed never arrives
    Twin: Walker
    """

    def reset(self, options=None, **kwargs):
        return super().reset(options=options)


class ReseedsTheActionSpace(Scheduler):
    """Every reset seeds the action space too, without a seed from entropy, so a seeded agent is not repeatable.

    Level: warning
    Hides: only when the action space is seeded
    Twin: Scheduler
    """

    def reset(self, *, seed=None, options=None):
        self.action_space.seed(seed)
        return super().reset(seed=seed, options=options)


class ReturnsAnObservationOnly(Grid):
    """reset returns the observation alone, as it was done long ago.

    Level: error
    Hides: in the open
    Twin: Grid
    """

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed, options=options)[0]


class ThreeThingsWithOptions(Cart):
    """Given options, reset returns them as a third thing.

    Level: error
    Hides: only with options
    Twin: Cart
    """

    def reset(self, *, seed=None, options=None):
        answer = super().reset(seed=seed, options=options)
        return (*answer, dict(options)) if options else answer


class InterruptedSeedIsIgnored(Grid):
    """A seed given in the middle of an episode is ignored; after the end of one it counts.

    Level: error
    Hides: seeded reset in the middle of an episode
    Twin: Grid
    """

    def reset(self, *, seed=None, options=None):
        running = self.steps > 0 and not (self.terminated or self.truncated)
        return super().reset(seed=None if running else seed, options=options)
