"""Faults of step: what it does to its argument, what it returns, and when it breaks."""

import numpy as np
from bases import Cards, Cart, Catcher, Grid, Reacher, Rocket, Scheduler, Tank, Walker


class TerminatedIsOne(Grid):
    """terminated is the integer 1 at the charger.

    Level: error
    Hides: terminal step only
    Twin: Grid
    """

    def ends(self):
        return super().ends() and 1


class TruncatedIsNone(Cards):
    """truncated is None instead of a boolean.

    Level: error
    Hides: in the open
    Twin: Cards
    """

    def step(self, action):
        observation, reward, terminated, _, info = super().step(action)
        return observation, reward, terminated, None, info


class FlagsAreArraysAtTheEnd(Cart):
    """terminated and truncated are arrays of shape (1,) at the end of an episode.

    Level: error
    Hides: last step only
    Twin: Cart
    """

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        if terminated or truncated:
            return observation, reward, np.array([terminated]), np.array([truncated]), info
        return observation, reward, terminated, truncated, info


class TruncatedIsAReason(Rocket):
    """At the limit, truncated is the text "out of time".

    Level: error
    Hides: truncation only; the text is true
    Twin: Rocket
    """

    def step(self, action):
        observation, reward, landed, late, info = super().step(action)
        return observation, reward, landed, "out of time" if late else False, info


class ClipsTheCallersForce(Cart):
    """step clips the action of the caller in place.

    Level: error
    Hides: only for actions above half range
    Twin: HalfForceCart
    """

    def step(self, action):
        if abs(action[0]) > 0.5:
            np.clip(action, -0.5, 0.5, out=action)
        return super().step(action)


class HalfForceCart(Cart):
    """The clean twin: the force is clipped, the action is not."""

    def step(self, action):
        return super().step(np.clip(action, -0.5, 0.5))


class ShortensDiagonals(Reacher):
    """step divides the action of the caller by its length when that is above one.

    Level: error
    Hides: only for actions near a corner
    Twin: Reacher
    """

    def step(self, action):
        length = np.linalg.norm(action)
        if length > 1.2:
            action /= length
        return super().step(action)


class CancelsTheCallersOrder(Scheduler):
    """Serving a free slot writes a speed of zero into the action of the caller.

    Level: error
    Hides: certain actions in certain states, MultiDiscrete
    Twin: Scheduler
    """

    def step(self, action):
        if not self.busy[int(action[0])] and not (self.full or self.late):
            action[1] = 0
        return super().step(action)


class SlowCart(Cart):
    """The clean twin of the kept action: a force takes effect one step later."""

    def reset(self, *, seed=None, options=None):
        self.waiting = np.zeros(1, np.float32)
        return super().reset(seed=seed, options=options)

    def step(self, action):
        now, self.waiting = self.waiting, self.kept(action)
        return super().step(now)

    def kept(self, action):
        return np.array(action)


class KeepsTheCallersArray(SlowCart):
    """The waiting action is the array of the caller, so a later change to it changes the dynamics.

    Level: error
    Hides: argument aliased
    Twin: SlowCart
    """

    def kept(self, action):
        return action


class HoldsOnToTheFirstAction(Reacher):
    """The first action of an episode, kept by reference, sets the drift of the hand for the whole of it.

    Level: error
    Hides: argument aliased, only the first action of an episode
    Twin: FirstActionDrifts
    """

    def reset(self, *, seed=None, options=None):
        self.drift = None
        return super().reset(seed=seed, options=options)

    def step(self, action):
        if self.drift is None:
            self.drift = self.kept(action)
        return super().step(action + 0.1 * self.drift)

    def kept(self, action):
        return action


class FirstActionDrifts(HoldsOnToTheFirstAction):
    """The clean twin: the first action is copied."""

    def kept(self, action):
        return np.array(action)


class StartsAgainAtTheCharger(Grid):
    """At the charger the environment silently starts again and returns the new start as the final observation.

    Level: warning
    Hides: terminal step only
    Twin: Grid
    """

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        if terminated:
            observation, _ = self.reset()
        return observation, reward, terminated, truncated, info


class OneStepTooMany(Tank):
    """One step past the end breaks the environment so that reset fails afterwards.

    Level: error
    Hides: only after stepping past the end
    Twin: Tank
    """

    demands = ()

    def reset(self, *, seed=None, options=None):
        if self.demands is None:
            raise AttributeError("the tank has been taken down")
        return super().reset(seed=seed, options=options)

    def step(self, action):
        if any(self.done):
            self.demands = None
        return super().step(action)


class FourValuesAtTheEnd(Cards):
    """The last step returns four values, with one flag for the end.

    Level: error
    Hides: terminal step only
    Twin: Cards
    """

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        if terminated:
            return observation, reward, terminated, info
        return observation, reward, terminated, truncated, info


class ListAfterSixtySteps(Walker):
    """After sixty steps, step returns a list instead of a tuple.

    Level: error
    Hides: after step 60
    Twin: Walker
    """

    def step(self, action):
        answer = super().step(action)
        return list(answer) if self.steps > 60 else answer


class EightOfAKind(Grid):
    """The same action eight times in a row is an IndexError in a table of combos.

    Level: error
    Hides: one kind of action sequence
    Twin: Grid
    """

    def reset(self, *, seed=None, options=None):
        self.last, self.run = None, 0
        return super().reset(seed=seed, options=options)

    def step(self, action):
        self.run = self.run + 1 if action == self.last else 0
        self.last = int(action)
        _ = (0, 1, 2, 3, 4, 5, 6)[self.run]
        return super().step(action)


class SixtyHoursAreKnown(Tank):
    """The demand is read from a schedule of sixty hours, but a day has a hundred.

    Level: error
    Hides: step 61
    Twin: Tank
    """

    schedule = [0.0] * 60

    def demand(self):
        return super().demand() + self.schedule[self.clock - 1]


class LateApplesCrash(Catcher):
    """One apple in ten that is hung late in a game lies outside of the picture, which raises.

    Level: error
    Hides: after step 50, in one episode of forty
    Twin: Catcher
    """

    def hang(self):
        super().hang()
        if self.steps >= 50:
            self.column = int(np.arange(2, 22)[self.column])


class RefusesAnArrival(Scheduler):
    """A job that arrives at a taken slot while four are taken raises.

    Level: error
    Hides: rare random event in some states
    Twin: Scheduler
    """

    def arrive(self, slot):
        if self.busy[slot] and self.busy.sum() == 4:
            raise ValueError(f"slot {slot} is taken")
        super().arrive(slot)


class ForgottenPillar(Grid):
    """Walking into the pillar from above raises: the branch was never written.

    Level: error
    Hides: one state and one action
    Twin: Grid
    """

    def walk(self, down, right):
        if self.tile == 15 and down == 1:
            raise NotImplementedError("pillar")
        super().walk(down, right)


class BackAndForthAndBack(Walker):
    """The sequence back, forward, back, forward at the very start of an episode raises.

    Level: error
    Hides: one sequence of actions, at the start of an episode
    Twin: Walker
    """

    def reset(self, *, seed=None, options=None):
        self.path = []
        return super().reset(seed=seed, options=options)

    def step(self, action):
        self.path = [*self.path[-8:], int(action)]
        if self.path == [0, 2, 0, 2]:
            raise RuntimeError("lost in the mud")
        return super().step(action)


class ThirdInstanceCannotStep(Cart):
    """There are two motors for all instances, so the third that is made before one is closed cannot step.

    Level: error
    Hides: only with three instances alive
    Twin: Cart
    """

    taken = 0

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.motor, self.closed = ThirdInstanceCannotStep.taken, False
        ThirdInstanceCannotStep.taken += 1

    def step(self, action):
        if self.motor > 1:
            raise IndexError(f"there is no motor {self.motor}")
        return super().step(action)

    def close(self):
        if not self.closed:
            self.closed = True
            ThirdInstanceCannotStep.taken -= 1
