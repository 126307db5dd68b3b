"""Faults of reset, first part: what one episode leaves to the next."""

import numpy as np
from bases import Cart, Catcher, Grid, Reacher, Rocket, Scheduler, Tank, Walker


class CounterSurvivesReset(Grid):
    """The step counter is cleared where the limit fires, not in reset, so later episodes are truncated early.

    Level: error
    Hides: second episode, after one that did not reach the limit
    Twin: Grid
    """

    def reset(self, *, seed=None, options=None):
        steps = self.steps % self.limit
        observation, info = super().reset(seed=seed, options=options)
        self.steps = steps
        return observation, info


class WheelsWearOut(Cart):
    """The wear of the wheels is not cleared, so the same seed plays differently after an episode.

    Level: error
    Hides: second episode; the first observation is the same
    Twin: Cart
    """

    wear = 0.0

    def push(self, force):
        self.wear += 0.001 * abs(force)
        super().push(force / (1 + self.wear))


class FallenStaysFallen(Cart):
    """The fallen flag is not cleared, so after a fall the next episode ends at its first step.

    Level: error
    Hides: only after a termination
    Twin: Cart
    """

    def reset(self, *, seed=None, options=None):
        fallen = self.fallen
        observation, info = super().reset(seed=seed, options=options)
        self.fallen = fallen
        return observation, info


class SixthEpisodeIsCut(Walker):
    """After the fifth episode every episode is truncated at its first step.

    Level: error
    Hides: sixth episode
    Twin: Walker
    """

    walks = 0

    def reset(self, *, seed=None, options=None):
        self.walks += 1
        if self.walks > 5:
            self.limit = 1
        return super().reset(seed=seed, options=options)


class RefusesToBeInterrupted(Tank):
    """reset raises while an episode is running and older than three steps.

    Level: error
    Hides: reset in the middle of an episode
    Twin: Tank
    """

    def reset(self, *, seed=None, options=None):
        if self.clock > 3 and not any(self.done):
            raise RuntimeError("the day is not over yet")
        return super().reset(seed=seed, options=options)


class RefusesASecondReset(Catcher):
    """A reset right after a reset, with no step between, raises.

    Level: error
    Hides: two resets in a row
    Twin: Catcher
    """

    fresh = False

    def reset(self, *, seed=None, options=None):
        if self.fresh:
            raise RuntimeError("nothing was played since the last reset")
        self.fresh = True
        return super().reset(seed=seed, options=options)

    def step(self, action):
        self.fresh = False
        return super().step(action)


class InterruptedWalkGoesOn(Walker):
    """reset in the middle of an episode does nothing: the old walk goes on.

    Level: error
    Hides: reset in the middle of an episode; nothing raises
    Twin: Walker
    """

    def reset(self, *, seed=None, options=None):
        if self.steps > 5 and not (self.terminated or self.truncated):
            return self.observe(), self.info()
        return super().reset(seed=seed, options=options)


class FirstSightIsTheLastOfBefore(Rocket):
    """After a truncated flight, reset returns the last observation of that flight.

    Level: error
    Hides: second episode, only after a truncation, reset observation only
    Twin: Rocket
    """

    def reset(self, *, seed=None, options=None):
        stale = self.observe() if self.late else None
        observation, info = super().reset(seed=seed, options=options)
        return observation if stale is None else stale, info


class SecretCurriculum(Tank):
    """Every third day that was lived through makes the village thirstier, reset or not.

    Level: error
    Hides: after three truncations
    Twin: Tank
    """

    days = 0

    def flow(self):
        self.level -= 0.05 * (self.days // 3)
        super().flow()
        self.days += self.clock == self.limit


class EveryTenthStartsInTheCorner(Grid):
    """Every tenth episode starts in the first corner whatever the seed.

    Level: error
    Hides: tenth episode
    Twin: Grid
    """

    games = 0

    def start(self):
        self.games += 1
        tile = super().start()
        return 0 if self.games % 10 == 0 else tile


class FirstResetDrawsMore(Scheduler):
    """The very first reset of an instance also draws the colours of the office, so its seed plays differently later.

    Level: error
    Hides: first episode of an instance, in the dynamics only
    Twin: Scheduler
    """

    colours = None

    def reset(self, *, seed=None, options=None):
        observation, info = super().reset(seed=seed, options=options)
        if self.colours is None:
            self.colours = self.np_random.integers(255, size=3)
        return observation, info


class MomentumSurvivesTheGoal(Reacher):
    """The hand keeps its momentum over a reset that follows a reached goal.

    Level: error
    Hides: second episode, only after a success, four entries of one key
    Twin: Reacher
    """

    def reset(self, *, seed=None, options=None):
        motion = self.motion if self.reached else np.zeros(2)
        super().reset(seed=seed, options=options)
        self.motion = motion
        return self.observe(), self.info()


class LostApplesStayLost(Catcher):
    """After an interrupted game its lost apples count on; after a finished one they are cleared.

    Level: error
    Hides: reset in the middle of an episode
    Twin: Catcher
    """

    def reset(self, *, seed=None, options=None):
        lost = 0 if self.terminated or self.truncated else self.lost
        super().reset(seed=seed, options=options)
        self.lost = lost
        return self.observe(), self.info()


class FirstInfoIsOfYesterday(Tank):
    """The info of reset is that of the day before.

    Level: error
    Hides: second episode, reset info only
    Twin: Tank
    """

    def reset(self, *, seed=None, options=None):
        before = self.info()
        observation, _ = super().reset(seed=seed, options=options)
        return observation, before
