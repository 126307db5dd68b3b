"""Faults of episodes: when they end, and whether they stay ended."""

from bases import Cards, Cart, Catcher, Grid, Reacher, Rocket, Scheduler, Tank, Walker


class KeepsPayingTheGoal(Grid):
    """Stepping on after the end keeps paying the reward of the charger.

    Level: warning
    Hides: only after the end
    Twin: Grid
    """

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, 1.0 if terminated else reward, terminated, truncated, info


class GetsUpAgain(Cart):
    """terminated goes back to False on the step after the end.

    Level: warning
    Hides: only after the end
    Twin: Cart
    """

    def step(self, action):
        over = self.fallen
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward, terminated and not over, truncated, info


class LimitIsForgotten(Catcher):
    """Past the limit the game goes on: truncated goes back to False.

    Level: warning
    Hides: only after a truncation
    Twin: Catcher
    """

    def step(self, action):
        if self.truncated and not self.terminated:
            self.truncated, self.steps = False, 0
        return super().step(action)


class NothingPastTheEnd(Cards):
    """A step past the end returns None instead of raising or repeating the end.

    Level: warning
    Hides: only after the end
    Twin: Cards
    """

    def step(self, action):
        return None if self.over else super().step(action)


class LowerRimAfterThreeDays(Tank):
    """After the third episode the tank overflows at nine already, so the same seed ends sooner.

    Level: error
    Hides: fourth episode, one of two kinds of termination
    Twin: Tank
    """

    days = 0

    def reset(self, *, seed=None, options=None):
        self.days += 1
        return super().reset(seed=seed, options=options)

    def ends(self):
        return super().ends() or (self.days > 3 and self.level >= 9)


class EndsOnlyTheFirstTime(Walker):
    """Who reached the far side once never terminates there again.

    Level: error
    Hides: second success
    Twin: Walker
    """

    arrived = 0

    def ends(self):
        self.arrived += self.place == self.length and self.heading > 0
        return super().ends() and self.arrived < 2


class LimitDoublesWhenInterrupted(Rocket):
    """An interrupted episode doubles the limit of the next one.

    Level: error
    Hides: after a reset in the middle of an episode, truncation only
    Twin: Rocket
    """

    def reset(self, *, seed=None, options=None):
        interrupted = self.steps > 0 and not (self.landed or self.late)
        self.limit = 300 if interrupted else 150
        return super().reset(seed=seed, options=options)


class LimitCountsAllInstances(Scheduler):
    """The limit counts the steps of all instances since the last reset of any.

    Level: error
    Hides: only with two instances stepped in turns
    Twin: Scheduler
    """

    total = 0

    @property
    def steps(self):
        return LimitCountsAllInstances.total

    @steps.setter
    def steps(self, steps):
        LimitCountsAllInstances.total = steps


class LimitRepeatsOnce(Reacher):
    """The episode after a truncated one is truncated at its first step; the one after that is whole.

    Level: error
    Hides: second episode, after a truncation
    Twin: Reacher
    """

    def reset(self, *, seed=None, options=None):
        self.limit = 1 if self.late and self.limit > 1 else 60
        return super().reset(seed=seed, options=options)


class LimitIsDroppedAfterTwelve(Grid):
    """From the thirteenth episode on nothing is truncated any more.

    Level: error
    Hides: thirteenth episode, past step 80
    Twin: Grid
    """

    games = 0

    def reset(self, *, seed=None, options=None):
        self.games += 1
        if self.games > 12:
            self.limit = 10**9
        return super().reset(seed=seed, options=options)


class OverrunTiresTheNext(Walker):
    """Every step past the end costs the next episode strength.

    Level: error
    Hides: only after stepping past the end, in the next episode
    Twin: Walker
    """

    overrun = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed, options=options)
        self.strength -= min(0.05 * self.overrun, 0.5)
        self.overrun = 0
        return self.observe(), self.info()

    def step(self, action):
        self.overrun += self.terminated or self.truncated
        return super().step(action)


class SecondPickleIsEndless(Cart):
    """A copy of the environment forgets its limit and is never truncated.

    Level: error
    Hides: only after a copy or a pickle, past step 100
    Twin: Cart
    """

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.limit = 10**9


class EndsWhenSeen(Tank):
    """An episode of which a frame was drawn at step 30 or later ends five steps early.

    Level: error
    Hides: only while rendering, late frames, truncation only
    Twin: Tank
    """

    def frame(self):
        if self.clock >= 30:
            self.limit = 95
        return super().frame()

    def reset(self, *, seed=None, options=None):
        self.limit = 100
        return super().reset(seed=seed, options=options)
