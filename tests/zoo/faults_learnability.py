"""Faults of learnability: the contract is kept, and nothing, or the wrong thing, can be learned."""

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from scenes import Archer, Brewery, Crews, Maze, Pond, Valley


class RewardIsConstant(Maze):
    """The reward is -0.01 for every state and action, also at the goal and for a bump.

    Level: warning
    Hides: needs many steps
    Twin: Maze
    """

    def reward(self):
        return -0.01


class ObservationIsFrozen(Crews):
    """The observation is the one of the first reset, in all episodes.

    Level: warning
    Hides: needs many steps
    Twin: Crews
    """

    first = None

    def observe(self):
        if self.first is None:
            self.first = super().observe()
        return self.first.copy()


class ObservationIsFrozenInTheEpisode(Archer):
    """The observation is taken at reset and repeated until the next one.

    Level: warning
    Hides: differs between episodes, never within one
    Twin: Archer
    """

    def begin(self):
        super().begin()
        self.first = super().observe()

    def observe(self):
        return {key: value.copy() for key, value in self.first.items()}


class BlackPicture(Pond):
    """The picture is drawn in 0..1 and cut to bytes: nothing is ever brighter than 0.

    Level: warning
    Hides: every pixel is inside the space
    Twin: Pond
    """

    def observe(self):
        return (super().observe() / 256).astype(np.uint8)

    def picture(self):
        return super().observe().repeat(2, axis=0).repeat(2, axis=1)


class DeadEntry(Valley):
    """The speed in the observation is always zero although the space spans -0.25..0.25.

    Level: warning
    Hides: one entry of a Box
    Twin: Valley
    """

    def observe(self):
        return np.array([self.position, 0], np.float32)


class DeadKey(Brewery):
    """The valve in the observation is always 0.

    Level: warning
    Hides: one key of a Dict
    Twin: Brewery
    """

    def observe(self):
        return super().observe() | {"valve": 0}


class OneEntryTwice(Brewery):
    """The heat of the kettle is reported twice, that of the tank never.

    Level: warning
    Hides: both entries vary, always together
    Twin: Brewery
    """

    def observe(self):
        return {"heat": self.heat[[0, 0]], "valve": self.valve}


class EntryStuckAtItsBound(Valley):
    """The position is given in thousandths of what the space expects to be metres, and clipped: it sits on a bound.

    Level: warning
    Hides: leaves the bound for a moment only
    Twin: Valley
    """

    def observe(self):
        return np.clip(np.array([1000 * self.position, self.speed]), [-1, -0.25], [1.25, 0.25]).astype(np.float32)


class ActionRangeIsFarTooWide(Valley):
    """The action range is -500..500, and everything beyond 1 is clipped.

    Level: warning
    Hides: in the open, or in that all actions are alike
    Twin: Valley
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.action_space = spaces.Box(-500, 500, (1,), np.float32)


class SpaceIsFarTooWide(Archer):
    """The declared bounds are a million, the values stay within one.

    Level: warning
    Hides: in the bounds of the observation space
    Twin: Archer
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        box = spaces.Box(-1e6, 1e6, (2,), np.float32)
        self.observation_space = spaces.Dict({"observation": box, "achieved_goal": box, "desired_goal": box})


class OnlyTheFirstRewardIsPaid(Brewery):
    """The first reward of an episode is paid, all later ones are zero.

    Level: warning
    Hides: needs whole episodes
    Twin: Brewery
    """

    def reward(self):
        return super().reward() if self.time == 1 else 0.0


class OnlyTheFirstEpisodePays(Crews):
    """From the second episode on every reward is zero.

    Level: error
    Hides: second episode
    Twin: Crews
    """

    episodes = 0

    def begin(self):
        super().begin()
        self.episodes += 1

    def reward(self):
        return super().reward() if self.episodes == 1 else 0.0


class FinalRewardComesTooLate(Maze):
    """A reward is paid one step late, so that of the goal never comes.

    Level: warning
    Hides: terminal step only
    Twin: Maze
    """

    due = 0.0

    def begin(self):
        super().begin()
        self.due = 0.0

    def reward(self):
        paid, self.due = self.due, super().reward()
        return paid


class ObservationLagsOneStep(Crews):
    """The observation is that of the step before.

    Level: warning
    Hides: every single observation is plausible
    Twin: Crews
    """

    def begin(self):
        super().begin()
        self.before = self.down.copy()

    def move(self, action):
        self.before = self.down.copy()
        super().move(action)

    def observe(self):
        return self.before.copy()


class TwoActionsAreOne(Maze):
    """Going left goes right.

    Level: warning
    Hides: one action of four never does anything of its own
    Twin: Maze
    """

    def move(self, action):
        super().move(1 if int(action) == 3 else action)


class OneActionDoesNothing(Pond):
    """Moving right is compared with 3, an action that is not there, so it does nothing.

    Level: warning
    Hides: one action is the same as waiting
    Twin: Pond
    """

    def move(self, action):
        super().move(1 if int(action) == 2 else action)


class ActionsAreIgnored(Brewery):
    """The valve follows a program; the action is not read.

    Level: warning
    Hides: everything varies, nothing by the action
    Twin: Brewery
    """

    def move(self, action):
        super().move(self.time // 5 % 3)


class OneAxisIsIgnored(Archer):
    """The second entry of the action is not read: the first one moves both axes.

    Level: warning
    Hides: one entry of the action
    Twin: Archer
    """

    def move(self, action):
        super().move(np.asarray(action)[[0, 0]])


class SiteIsIgnored(Crews):
    """The first number of the action is not read; it is always the first site that is repaired.

    Level: warning
    Hides: one entry of a MultiDiscrete action
    Twin: Crews
    """

    def move(self, action):
        super().move((0, action[1]))


class ActionsDieLate(Valley):
    """After step forty the motor is off for good, and the episode runs on.

    Level: warning
    Hides: after step 40
    Twin: Valley
    """

    def move(self, action):
        super().move(np.asarray(action) * (self.time <= 40))


class RewardIsHuge(Archer):
    """Rewards are in the hundred millions.

    Level: warning
    Hides: in the open, as a number
    Twin: Archer
    """

    def compute_reward(self, achieved_goal, desired_goal, info):
        return 5e8 * super().compute_reward(achieved_goal, desired_goal, info)


class RewardIsTiny(Brewery):
    """Rewards are below a billionth.

    Level: warning
    Hides: in the open, as a number
    Twin: Brewery
    """

    def reward(self):
        return 1e-11 * super().reward()


class ListedMaze(Maze):
    """The clean twin of the masks: walls are illegal moves, info tells which, and step refuses them."""

    def legal(self):
        row, column = divmod(self.cell, self.size)
        return np.array([row > 0, column < self.size - 1, row < self.size - 1, column > 0], np.int8)

    def notes(self):
        return super().notes() | {"action_mask": self.mask()}

    def mask(self):
        return self.legal()

    def move(self, action):
        if self.legal()[int(action)]:
            super().move(action)


class MaskAllowsWhatStepRefuses(ListedMaze):
    """In the last row the mask allows going down, and step raises for it.

    Level: error
    Hides: only for who trusts the mask, in one row
    Twin: ListedMaze
    """

    def mask(self):
        mask = self.legal()
        mask[2] = 1
        return mask

    def move(self, action):
        if int(action) == 2 and not self.legal()[2]:
            raise ValueError("illegal move: 2")
        super().move(action)


class MaskAllowsNothing(ListedMaze):
    """In the first cell the mask is all zero.

    Level: error
    Hides: one state
    Twin: ListedMaze
    """

    def mask(self):
        return self.legal() * np.int8(self.cell != 0)


class MaskIsOneShort(ListedMaze):
    """The mask has three entries for four actions once the walker stands in the last column.

    Level: error
    Hides: one column
    Twin: ListedMaze
    """

    def mask(self):
        return self.legal()[:3] if self.cell % self.size == self.size - 1 else self.legal()


class GoalIsNeverReached(Archer):
    """The goal lies in the next room: no sequence of actions comes near it, and the reward is always -1.

    Level: warning
    Hides: needs many episodes
    Twin: Archer
    """

    def ended(self):
        return False

    def compute_reward(self, achieved_goal, desired_goal, info):
        return super().compute_reward(np.asarray(achieved_goal) + 9, desired_goal, info)


class DoorIsWalledUp(Maze):
    """The goal cell cannot be entered: every episode runs into the time limit.

    Level: warning
    Hides: needs many episodes
    Twin: Maze
    """

    def move(self, action):
        before = self.cell
        super().move(action)
        if self.cell == self.size**2 - 1:
            self.cell = before


class _Film(Pond):
    """A pond that plays each action for so many frames."""

    def __init__(self, frames, render_mode=None):
        super().__init__(render_mode)
        self._frameskip = frames

    def step(self, action):
        return repeated(super().step, action, self._frameskip)


class Skipping(gym.Wrapper):
    """The clean twin of the skips: what is wrapped plays one frame an action, and each action is repeated here."""

    frames = 1

    def __init__(self, render_mode=None):
        super().__init__(_Film(self.frames, render_mode))

    def step(self, action):
        return repeated(self.env.step, action, 2)


def repeated(step, action, times):
    total = 0.0
    for _ in range(times):
        observation, reward, terminated, truncated, info = step(action)
        total += reward
        if terminated or truncated:
            break
    return observation, total, terminated, truncated, info


class SkippedTwice(Skipping):
    """A wrapper repeats each action for an environment that plays it for two frames already.

    Level: warning
    Hides: in what an action lasts
    Twin: Skipping
    """

    frames = 2
