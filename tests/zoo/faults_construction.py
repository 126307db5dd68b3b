"""Faults of construction: what the class declares, what its constructor takes, and what of that stays true."""

# ruff: noqa: RUF012, B006 - metadata is a class attribute by convention; a mutable default is one of the faults

import numpy as np
from bases import Cards, Cart, Catcher, Grid, Reacher, Rocket, Scheduler, Tank, Walker
from gymnasium.spaces import Box, Discrete, MultiDiscrete, Tuple


class TakesNoRenderMode(Cart):
    """Two render modes are declared, but the constructor knows no render_mode.

    Level: error
    Hides: in the open
    Twin: Cart
    """

    def __init__(self):
        super().__init__()


class ForgetsTheRenderMode(Grid):
    """render_mode is accepted and dropped, so nothing is ever drawn.

    Level: error
    Hides: in the open
    Twin: Grid
    """

    def __init__(self, render_mode=None):
        super().__init__()


class HidesItsRenderMode(Tank):
    """Frames are drawn as asked, but env.render_mode stays None, and the wrappers that read it stay idle.

    Level: error
    Hides: in an attribute; every frame is right
    Twin: Tank
    """

    def __init__(self, render_mode=None):
        super().__init__()
        self.shown_as = render_mode

    def render(self):
        return {"rgb_array": self.frame, "ansi": self.text, None: lambda: None}[self.shown_as]()


class ThirdResetWidensTheSpace(Walker):
    """The third reset replaces the observation space by a wider one.

    Level: error
    Hides: third reset
    Twin: Walker
    """

    resets = 0

    def reset(self, *, seed=None, options=None):
        self.resets += 1
        if self.resets == 3:
            self.observation_space = Tuple((Discrete(self.grounds), Box(0, 2, (2,), np.float32)))
        return super().reset(seed=seed, options=options)


class WinningDropsAnAction(Walker):
    """Once the far side was reached, the action space has two actions instead of three.

    Level: error
    Hides: after the first success
    Twin: Walker
    """

    def ends(self):
        if self.place == self.length:
            self.action_space = Discrete(2)
        return super().ends()


class DeclaresNoFrameRate(Tank):
    """rgb_array is declared without render_fps.

    Level: warning
    Hides: in the open
    Twin: Tank
    """

    metadata = {"render_modes": ["rgb_array", "ansi"]}


class FrameRateIsZero(Rocket):
    """The declared render_fps is zero.

    Level: warning
    Hides: in metadata
    Twin: Rocket
    """

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 0}


class RenderModesIsAWord(Catcher):
    """render_modes is the word "rgb_array" instead of a list: its members are letters.

    Level: error
    Hides: in metadata; `"rgb_array" in render_modes` is true
    Twin: CatcherInPictures
    """

    metadata = {"render_modes": "rgb_array", "render_fps": 20}


class CatcherInPictures(Catcher):
    """The clean twin: one render mode, in a list."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}


class CargoIsAMutableDefault(Cart):
    """A mutable default argument carries the cargo of one instance on to the next, which is heavier.

    Level: error
    Hides: second instance only
    Twin: CargoIsATuple
    """

    def __init__(self, render_mode=None, cargo=[]):
        super().__init__(render_mode)
        cargo.append(1.0)
        self.mass = sum(cargo)

    def push(self, force):
        super().push(force / self.mass)


class CargoIsATuple(Cart):
    """The clean twin: the default cannot be changed."""

    def __init__(self, render_mode=None, cargo=()):
        super().__init__(render_mode)
        self.mass = sum((*cargo, 1.0))

    def push(self, force):
        super().push(force / self.mass)


class SpacesComeWithTheReset(Catcher):
    """The action space is None until the first reset has run.

    Level: error
    Hides: before the first reset
    Twin: Catcher
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.promised, self.action_space = self.action_space, None

    def reset(self, *, seed=None, options=None):
        self.action_space = self.promised
        return super().reset(seed=seed, options=options)


class SpaceIsMadeAtEveryAccess(Scheduler):
    """action_space is a property that makes a new space each time, so seeding it is in vain.

    Level: warning
    Hides: only when the action space is seeded
    Twin: Scheduler
    """

    @property
    def action_space(self):
        return MultiDiscrete([5, 3])

    @action_space.setter
    def action_space(self, space):
        pass


class ResetReplacesTheActionSpace(Reacher):
    """Every reset makes an equal, new action space, so one that was seeded before is lost.

    Level: warning
    Hides: identity of the space, after a reset
    Twin: Reacher
    """

    def reset(self, *, seed=None, options=None):
        self.action_space = Box(-1, 1, (2,), np.float32)
        return super().reset(seed=seed, options=options)


class OneModeCannotBeMade(Cards):
    """The constructor fails in ansi mode: it asks for the width of a table that is made later.

    Level: error
    Hides: second render mode
    Twin: Cards
    """

    def __init__(self, render_mode=None):
        if render_mode == "ansi":
            self.line = "-" * self.table_width
        super().__init__(render_mode)
        self.table_width = 40


class ShownEpisodesAreShort(Tank):
    """With a render mode the limit is forty steps instead of a hundred.

    Level: error
    Hides: only with a render mode, after step 40
    Twin: Tank
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        if render_mode is not None:
            self.limit = 40


class UnwrappedIsSomeoneElse(Grid):
    """env.unwrapped is a new environment, not this one.

    Level: error
    Hides: in a property
    Twin: Grid
    """

    @property
    def unwrapped(self):
        return Grid(self.render_mode)


class EverySecondBlowsToTheRight(Cart):
    """Gusts blow to both sides in one instance, and only to the right in the next, in turns.

    Level: error
    Hides: second instance only, in the dynamics
    Twin: Cart
    """

    made = 0

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        EverySecondBlowsToTheRight.made += 1
        self.both = self.made % 2 == 1

    def gust(self):
        gust = super().gust()
        return gust if self.both else abs(gust)
