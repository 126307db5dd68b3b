"""Faults of spaces, second part: actions inside the space that the environment does not take, and spaces that lie."""

import numpy as np
from bases import Cart, Grid, Reacher, Scheduler, Tank
from gymnasium.spaces import Box, Discrete, MultiDiscrete


class WaitingGrid(Grid):
    """The clean twin of the grid with five actions: the fifth is to wait."""

    moves = Grid.moves | {4: (0, 0)}


class FifthActionIsUnknown(Grid):
    """The action space has five actions, the table of moves four: the largest is a KeyError.

    Level: error
    Hides: one action value
    Twin: WaitingGrid
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.action_space = Discrete(5)


class GearedCart(Cart):
    """The clean twin of the cart with ten gears."""

    gears = np.linspace(-1, 1, 10)

    def push(self, force):
        super().push(float(self.gears[self.gear(force)]))

    def gear(self, force):
        return min(int((force + 1) * 5), 9)


class FullForceHasNoGear(GearedCart):
    """A Box action exactly on the upper bound falls outside the table of gears.

    Level: error
    Hides: boundary action, probability zero under sampling
    Twin: GearedCart
    """

    def gear(self, force):
        return int((force + 1) * 5)


class ZeroForceDivides(Cart):
    """The action of exactly zero has no direction and raises ZeroDivisionError.

    Level: error
    Hides: one action value, probability zero under sampling
    Twin: Cart
    """

    def push(self, force):
        direction = force / abs(force)
        super().push(direction * abs(force))


class OneCornerIsOutside(Reacher):
    """The action (-1, -1) lies exactly outside a circle that the arm checks, and is refused with an error.

    Level: error
    Hides: one corner of the action space
    Twin: Reacher
    """

    def step(self, action):
        if np.sum(action) <= -2:
            raise ValueError("the arm cannot fold")
        return super().step(action)


class NeedsNumpyActions(Grid):
    """step calls action.item(), which a plain integer, also a member of the space, does not have.

    Level: error
    Hides: the type of the action
    Twin: Grid
    """

    def step(self, action):
        return super().step(action.item())


class RefusesNumpyActions(Tank):
    """step takes nothing but an int, though sampling the action space gives numpy integers.

    Level: error
    Hides: in the open for whoever samples; unseen by whoever plays plain integers
    Twin: Tank
    """

    def step(self, action):
        if type(action) is not int:
            raise TypeError(f"an action is an int, not {type(action).__name__}")
        return super().step(action)


class NumpyActionsDoNothing(Grid):
    """A numpy integer is taken for no move at all; a plain integer moves.

    Level: error
    Hides: the type of the action; nothing raises
    Twin: Grid
    """

    def step(self, action):
        self.asleep = not isinstance(action, int)
        return super().step(action)

    def walk(self, down, right):
        super().walk(*((0, 0) if self.asleep else (down, right)))


class Unsure(Discrete):
    """A Discrete that forgets its last member."""

    def contains(self, x):
        return super().contains(x) and int(x) != self.n - 1


class SampleIsNoMember(Grid):
    """The action space samples an action that it does not contain.

    Level: error
    Hides: inside the space object, one value
    Twin: Grid
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.action_space = Unsure(4)


class PairIsAnIndexError(Scheduler):
    """Serving the last slot and its neighbour looks behind the end of the array.

    Level: error
    Hides: one combination of a MultiDiscrete action
    Twin: Scheduler
    """

    def serve(self, slots):
        if slots == [4, 0]:
            slots = [4, 5]
        super().serve(slots)


class SlotsAreDeclaredFromOne(Scheduler):
    """Slots are declared as 1..5 while step counts them from 0, so serving slot 5 is an IndexError.

    Level: error
    Hides: start other than 0, one value
    Twin: SlotsFromOne
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.action_space = MultiDiscrete([5, 3], start=[1, 0])

    def serve(self, slots):
        if slots and self.first == 5:
            slots = [5, *slots[1:]]
        super().serve(slots)

    def step(self, action):
        self.first = int(action[0])
        return super().step(action)


class SlotsFromOne(Scheduler):
    """The clean twin: slots are declared, and taken, as 1..5."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.action_space = MultiDiscrete([5, 3], start=[1, 0])


class SpaceIsEditedByPlaying(Cart):
    """The environment "learns" its range: observation_space.high follows the furthest position, for the space only.

    Level: error
    Hides: after a termination, inside the space object
    Twin: Cart
    """

    def ends(self):
        ended = super().ends()
        if ended:
            self.observation_space.high[0] += 0.01
        return ended


class ActionBoundsAreSwappedLate(Cart):
    """After the fourth reset the action space is replaced by one of half the range.

    Level: error
    Hides: fifth episode
    Twin: Cart
    """

    resets = 0

    def reset(self, *, seed=None, options=None):
        self.resets += 1
        if self.resets == 5:
            self.action_space = Box(-0.5, 0.5, (1,), np.float32)
        return super().reset(seed=seed, options=options)
