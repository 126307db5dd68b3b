"""Faults of reward: no number, no finite number, or not the number that compute_reward gives."""

import math

import numpy as np
from bases import Cards, Cart, Catcher, Grid, Reacher, Rocket, Scheduler, Tank, Walker


class RewardIsAnArray(Tank):
    """The reward is an array of shape (1,).

    Level: error
    Hides: in the open
    Twin: Tank
    """

    def reward(self):
        return np.array([super().reward()])


class LogarithmOfAnEmptyTank(Tank):
    """The entropy of an empty tank, zero times the logarithm of zero, is NaN.

    Level: error
    Hides: terminal step, on one side
    Twin: Tank
    """

    def reward(self):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.float64(self.level / self.height)
            return float(super().reward() - share * np.log(share))


class NoRewardAtTheLimit(Grid):
    """The reward is None on the truncating step.

    Level: error
    Hides: truncation only
    Twin: Grid
    """

    def reward(self):
        return None if self.truncated else super().reward()


class BonusOutsideComputeReward(Reacher):
    """step pays a bonus at the goal that compute_reward does not know.

    Level: error
    Hides: only at the goal
    Twin: Reacher
    """

    def reward(self):
        return super().reward() + (1.0 if self.reached else 0.0)


class RewardIsTextOnAJolt(Cart):
    """The reward is a text on steps with a strong gust.

    Level: error
    Hides: state dependent, one step in twenty
    Twin: Cart
    """

    def gust(self):
        self.jolt = super().gust()
        return self.jolt

    def reward(self):
        reward = super().reward()
        return f"{reward:.3f}" if abs(self.jolt) > 0.0019 else reward


class RootOfANegative(Cart):
    """The reward is the root of the distance to the edge, a complex number once the cart is over it.

    Level: error
    Hides: terminal step only
    Twin: Cart
    """

    def reward(self):
        return (1 - abs(self.position)) ** 0.5


class CrashIsInfinitelyBad(Rocket):
    """A landing at full speed pays minus infinity.

    Level: error
    Hides: terminal step, only of fast landings
    Twin: Rocket
    """

    def reward(self):
        return -math.inf if self.landed and self.climb < -0.8 else super().reward()


class CoastingIsNotANumber(Cart):
    """The reward for a smooth ride divides by the force: zero force gives NaN.

    Level: error
    Hides: one action value, probability zero under sampling
    Twin: Cart
    """

    def push(self, force):
        super().push(force)
        with np.errstate(invalid="ignore"):
            self.side = float(np.float64(force) / abs(np.float64(force)))

    def reward(self):
        return super().reward() + 0.01 * self.side


class ScoreIsCarriedOver(Catcher):
    """The reward is the running score, which reset does not clear.

    Level: error
    Hides: second episode, reward only
    Twin: CatcherPaysTheScore
    """

    score = 0.0

    def fall(self):
        super().fall()
        self.score += self.gain

    def reward(self):
        return self.score


class CatcherPaysTheScore(ScoreIsCarriedOver):
    """The clean twin: the score begins with the episode."""

    def clear(self):
        super().clear()
        self.score = 0.0


class ListWhenCaught(Catcher):
    """The reward of a caught apple is a list.

    Level: error
    Hides: rare event
    Twin: Catcher
    """

    def reward(self):
        return [self.gain] if self.gain > 0 else self.gain


class ComputesOnePairAtATime(Reacher):
    """compute_reward takes one pair of goals, and answers a batch with one number.

    Level: error
    Hides: only with batches
    Twin: Reacher
    """

    def compute_reward(self, achieved_goal, desired_goal, info):
        distance = float(np.linalg.norm(np.asarray(achieved_goal, float) - np.asarray(desired_goal, float)))
        return 5.0 * (distance <= self.radius) - distance


class RelabelledBySight(Reacher):
    """compute_reward ignores the achieved goal that it is given and looks where the hand is.

    Level: error
    Hides: agrees with the step just made, not with any other
    Twin: Reacher
    """

    def compute_reward(self, achieved_goal, desired_goal, info):
        return super().compute_reward(np.broadcast_to(self.points()[0], np.shape(achieved_goal)), desired_goal, info)


class RelabellingMovesTheGoal(Reacher):
    """compute_reward sets the goal of the environment to the one that it is asked about.

    Level: error
    Hides: only when compute_reward is called with another goal
    Twin: Reacher
    """

    def compute_reward(self, achieved_goal, desired_goal, info):
        if np.shape(desired_goal) == (2,):
            self.goal = np.array(desired_goal, float)
        return super().compute_reward(achieved_goal, desired_goal, info)


class RelabellingWritesToTheGoals(Reacher):
    """compute_reward subtracts in place, so the achieved goals of the caller are gone.

    Level: error
    Hides: argument mutated
    Twin: Reacher
    """

    def compute_reward(self, achieved_goal, desired_goal, info):
        reward = super().compute_reward(achieved_goal, desired_goal, info)
        achieved_goal -= desired_goal
        return reward


class NeedsTheInfoOfTheEnd(Reacher):
    """compute_reward reads info["distance"], which step leaves out at the goal.

    Level: error
    Hides: compute_reward, only at the goal
    Twin: ReacherTellsTheDistance
    """

    def compute_reward(self, achieved_goal, desired_goal, info):
        if isinstance(info, dict):
            _ = info["distance"]
        return super().compute_reward(achieved_goal, desired_goal, info)

    def info(self):
        info = super().info()
        return info if self.reached else info | {"distance": float(self.distance(*self.points()))}

    def reward(self):
        return super().compute_reward(*self.points(), {})


class ReacherTellsTheDistance(Reacher):
    """The clean twin: info has the distance at every step, and compute_reward does without it."""

    def info(self):
        return super().info() | {"distance": float(self.distance(*self.points()))}


class ArrayWithoutAxes(Scheduler):
    """The reward of the last step is an array without axes, not a number.

    Level: warning
    Hides: terminal step only
    Twin: Scheduler
    """

    def reward(self):
        reward = super().reward()
        return np.asarray(reward) if self.full else reward


class NoRewardForAnAce(Cards):
    """Drawing an ace falls through all branches: the reward is None.

    Level: error
    Hides: one random event
    Twin: Cards
    """

    def card(self):
        self.latest = super().card()
        return self.latest

    def reward(self):
        if self.over or self.latest > 1:
            return super().reward()
        return None


class HardWalksPayLess(Walker):
    """The reward of a step shrinks with every episode that was played before.

    Level: error
    Hides: after several episodes, reward only
    Twin: Walker
    """

    walks = 0

    def reset(self, *, seed=None, options=None):
        self.walks += 1
        return super().reset(seed=seed, options=options)

    def reward(self):
        return super().reward() * 0.9 ** (self.walks // 3)


class OverflowsAfterHundredSteps(Rocket):
    """A bonus that grows tenfold a step is infinite at the end of a long flight.

    Level: error
    Hides: step 100 and later
    Twin: Rocket
    """

    def reward(self):
        with np.errstate(over="ignore"):
            return super().reward() + (float(np.float32(10.0) ** (self.steps - 61)) if self.steps > 60 else 0.0)


class PictureIsPaidTwice(Tank):
    """The reward doubles after a frame was drawn in this step.

    Level: error
    Hides: only while rendering, reward only
    Twin: Tank
    """

    drawn = False

    def frame(self):
        self.drawn = True
        return super().frame()

    def reward(self):
        factor, self.drawn = (2.0 if self.drawn else 1.0), False
        return factor * super().reward()
