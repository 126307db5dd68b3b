"""Faults of isolation: what the environment hands out or takes in is still tied to its insides."""

# ruff: noqa: RUF012 - metadata is a class attribute by Gymnasium's convention

from functools import lru_cache

import numpy as np
from gymnasium import spaces
from scenes import Archer, Brewery, Crews, Maze, Pond, Valley


class OneKeyIsLive(Brewery):
    """The heat in the observation is the live state array.

    Level: error
    Hides: one key of a Dict
    Twin: Brewery
    """

    def observe(self):
        return {"heat": self.heat, "valve": self.valve}


class TrailInInfo(Maze):
    """The clean twin of the live trail: info lists the last cells, as a copy."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.trail = []

    def begin(self):
        super().begin()
        self.trail = [self.cell]

    def move(self, action):
        super().move(action)
        self.trail.append(self.cell)
        del self.trail[:-5]

    def notes(self):
        return super().notes() | {"trail": list(self.trail)}


class LiveTrailInInfo(TrailInInfo):
    """Info holds the live list of visited cells.

    Level: error
    Hides: info only
    Twin: TrailInInfo
    """

    def notes(self):
        return super().notes() | {"trail": self.trail}


class OneInfoForAllSteps(Pond):
    """Every step updates and returns one and the same info dictionary.

    Level: error
    Hides: info only
    Twin: Pond
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.shared = {}

    def notes(self):
        self.shared.update(super().notes())
        return self.shared


class NestedInfoIsShared(Crews):
    """Info is new at every step, but the dictionary inside it is always the same object.

    Level: error
    Hides: one level deep in info
    Twin: NestedInfo
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.totals = {"down": 0}

    def notes(self):
        self.totals["down"] = int(self.down.sum())
        return {"totals": self.totals}


class NestedInfo(NestedInfoIsShared):
    """The clean twin: the inner dictionary is copied as well."""

    def notes(self):
        return {"totals": dict(super().notes()["totals"])}


class ResetReturnsTheBuffer(Crews):
    """Step returns copies, but reset returns the state array itself.

    Level: error
    Hides: reset observation only
    Twin: Crews
    """

    def reset(self, *, seed=None, options=None):
        _, info = super().reset(seed=seed, options=options)
        return self.down, info


class FinalObservationIsTheBound(Valley):
    """At the exit the observation is observation_space.high itself: writing to it edits the space.

    Level: error
    Hides: terminal step only
    Twin: FinalObservationIsACopyOfTheBound
    """

    def observe(self):
        return self.bound() if self.terminated else super().observe()

    def bound(self):
        return self.observation_space.high


class FinalObservationIsACopyOfTheBound(FinalObservationIsTheBound):
    """The clean twin: a copy of the bound."""

    def bound(self):
        return super().bound().copy()


class StackedValley(Valley):
    """The clean twin of the frame stack: four last observations, copied."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        box = self.observation_space
        self.observation_space = spaces.Box(np.stack([box.low] * 4), np.stack([box.high] * 4), dtype=np.float32)
        self.stack = np.zeros((4, 2), np.float32)

    def begin(self):
        super().begin()
        self.stack = np.zeros((4, 2), np.float32)

    def observe(self):
        return self.rolled().copy()

    def rolled(self):
        self.stack[:-1] = self.stack[1:].copy()
        self.stack[-1] = super().observe()
        return self.stack


class RollingStack(StackedValley):
    """The frame stack is one rolling array, returned at every step.

    Level: error
    Hides: older rows change after they were handed out
    Twin: StackedValley
    """

    def observe(self):
        return self.rolled()


class SpaceIsAClassAttribute(Valley):
    """The action space belongs to the class: seeding one instance's reseeds the other's.

    Level: warning
    Hides: only with two instances
    Twin: Valley
    """

    FORCE = spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.action_space = self.FORCE


class DesiredGoalIsLive(Archer):
    """The desired goal handed out is the array that the environment aims at.

    Level: error
    Hides: one key, only when the caller writes to it
    Twin: Archer
    """

    def observe(self):
        return super().observe() | {"desired_goal": self.goal}


class TwoKeysOneArray(Archer):
    """observation and achieved_goal are one array, so writing to one edits the other.

    Level: warning
    Hides: within one observation, only when the caller writes to it
    Twin: Archer
    """

    def observe(self):
        place = self.place.copy()
        return super().observe() | {"observation": place, "achieved_goal": place}


class PoolOfFourPictures(Pond):
    """Pictures come from a pool of four arrays in turn, so each one changes four steps later.

    Level: error
    Hides: from the fifth step on; neighbours in time never share memory
    Twin: Pond
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.pool = [np.zeros((16, 16, 3), np.uint8) for _ in range(4)]

    def observe(self):
        picture = self.pool.pop(0)
        picture[:] = super().observe()
        self.pool.append(picture)
        return picture


class FinalObservationIsLive(Brewery):
    """The last observation of an episode holds the state array, which the next reset overwrites in place.

    Level: error
    Hides: the last step only; seen when the next episode has begun
    Twin: Brewery
    """

    def begin(self):
        self.heat[:] = self.np_random.uniform(3, 5, 2)
        self.valve = 0

    def observe(self):
        observation = super().observe()
        return observation | {"heat": self.heat} if self.terminated or self.truncated else observation


class ViewOfTheWorld(Crews):
    """The observation is a slice, a new object each time, of the array that holds the world.

    Level: error
    Hides: no two returned objects are identical
    Twin: Crews
    """

    def observe(self):
        return self.down[:]


class ReversedView(Valley):
    """The observation is a reversed view on the state when the cart rolls backwards, a copy when it rolls forwards.

    Level: error
    Hides: certain actions
    Twin: Valley
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.memory = np.zeros(2, np.float32)

    def observe(self):
        self.memory[:] = self.speed, self.position
        return self.memory[::-1] if self.speed < -0.01 else self.memory[::-1].copy()


class OneEntryOfATupleIsLive(Crews):
    """The Tuple observation has a copy in front and the live array behind.

    Level: error
    Hides: one entry of a Tuple
    Twin: TupleOfCopies
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = spaces.Tuple((spaces.Discrete(7), self.observation_space))

    def observe(self):
        return (int(self.down.sum()), self.sites())

    def sites(self):
        return self.down


class TupleOfCopies(OneEntryOfATupleIsLive):
    """The clean twin: both entries are new."""

    def sites(self):
        return self.down.copy()


class FinalInfoHoldsTheState(Valley):
    """At the end info holds the state array that goes on living in the next episode.

    Level: error
    Hides: info of the last step
    Twin: FinalInfoHoldsACopy
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.last = np.zeros(2, np.float32)

    def observe(self):
        self.last[:] = super().observe()
        return self.last.copy()

    def notes(self):
        return super().notes() | ({"state": self.state()} if self.terminated or self.truncated else {})

    def state(self):
        return self.last


class FinalInfoHoldsACopy(FinalInfoHoldsTheState):
    """The clean twin: a copy of the state."""

    def state(self):
        return self.last.copy()


class MaskedCrews(Crews):
    """The clean twin of the mask: info tells which sites may be worked on, and others are left alone."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.mask = np.zeros(6, np.int8)

    def notes(self):
        self.mask[:] = self.down
        return super().notes() | {"sites": self.mask.copy()}

    def move(self, action):
        super().move((action[0], action[1] and self.mask[action[0]]))


class MaskIsLive(MaskedCrews):
    """The mask in info is the one that step asks: the caller can make a move illegal by writing to it.

    Level: error
    Hides: info, only when the caller writes to it
    Twin: MaskedCrews
    """

    def notes(self):
        return super().notes() | {"sites": self.mask}


class OptionsAreKept(Archer):
    """The start given in options becomes the goal by reference: the caller can move it later.

    Level: error
    Hides: only with options, only when the caller writes to what it gave
    Twin: OptionsAreCopied
    """

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed, options=options)
        if options and "goal" in options:
            self.goal = self.given(np.asarray(options["goal"], np.float32))
        return self.observe(), self.notes()

    def given(self, goal):
        return goal


class OptionsAreCopied(OptionsAreKept):
    """The clean twin: the goal is copied."""

    def given(self, goal):
        return goal.copy()


class InstanceEditsClassMetadata(Pond):
    """The constructor sets the frame rate in the metadata of the class, twice as high for each new instance.

    Level: error
    Hides: only with two instances, in metadata
    Twin: Pond
    """

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 10}

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.metadata["render_fps"] += 10


class StartIsAClassArray(Brewery):
    """Every episode begins with one array of the class, handed out in the first observation.

    Level: error
    Hides: reset observation; all instances share it; only when the caller writes to it
    Twin: StartIsCopied
    """

    START = np.array([4, 4], np.float32)

    def begin(self):
        self.heat = self.START.copy()
        self.valve = 0

    def reset(self, *, seed=None, options=None):
        observation, info = super().reset(seed=seed, options=options)
        return observation | {"heat": self.first()}, info

    def first(self):
        return self.START


class StartIsCopied(StartIsAClassArray):
    """The clean twin: the first observation is a copy."""

    def first(self):
        return self.START.copy()


class RememberedPictures(Pond):
    """Pictures are memoised per state in a cache of the process: who writes to one edits all later equal ones.

    Level: error
    Hides: when a state comes back after the caller wrote to its picture
    Twin: Pond
    """

    def observe(self):
        return drawn(self.row, self.column, self.boat, self.misses)


@lru_cache(maxsize=4096)
def drawn(row, column, boat, misses):
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[row, column, 0] = 255
    pixels[-1, boat - 1 : boat + 2, 1] = 200
    pixels[0, :misses, 2] = 150
    return pixels


class TwoInstancesOneCanvas(Pond):
    """The picture is drawn on an array of the class and copied only while this instance was the last to draw.

    Level: error
    Hides: only with two instances stepped in turns
    Twin: Pond
    """

    CANVAS = np.zeros((16, 16, 3), np.uint8)
    painter = None

    def observe(self):
        alone = TwoInstancesOneCanvas.painter in (None, id(self))
        TwoInstancesOneCanvas.painter = id(self)
        self.CANVAS[:] = super().observe()
        return self.CANVAS.copy() if alone else self.CANVAS


class LateSharing(Valley):
    """After the sixtieth step the copies are saved "for speed", and one buffer is returned.

    Level: error
    Hides: after step 60
    Twin: Valley
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.buffer = np.zeros(2, np.float32)

    def observe(self):
        self.buffer[:] = super().observe()
        return self.buffer if self.time > 60 else self.buffer.copy()
