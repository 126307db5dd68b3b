"""Faults of performance: sleeping, work that grows, work nobody asked for."""

# ruff: noqa: RUF012 - the shared attribute is the fault

import threading
import time
import weakref

import numpy as np
from scenes import Archer, Brewery, Crews, Deck, Maze, Pond, Valley


class StepGetsSlowerWithEpisodes(Deck):
    """Records of old episodes are never dropped, and every step sorts them all.

    Level: warning
    Hides: many episodes
    Twin: Deck
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.records = []

    def begin(self):
        super().begin()
        self.records.extend(range(500))

    def move(self, action):
        self.records = sorted(self.records, key=lambda record: -record)
        super().move(action)


class ResetGetsSlowerWithResets(Crews):
    """Each reset replays the list of all earlier resets.

    Level: warning
    Hides: many resets
    Twin: Crews
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.history = []

    def begin(self):
        super().begin()
        self.history.extend(range(1000))
        self.checksum = sum(entry % 7 for entry in self.history)


class StepSleeps(Valley):
    """Every step sleeps for a fiftieth of a second to keep the frame rate, although nothing is shown.

    Level: warning
    Hides: in the open
    Twin: Valley
    """

    def move(self, action):
        time.sleep(0.02)
        super().move(action)


class TheEndIsCelebrated(Maze):
    """The step that reaches the goal sleeps for a third of a second.

    Level: warning
    Hides: terminal step only
    Twin: Maze
    """

    def ended(self):
        ended = super().ended()
        if ended:
            time.sleep(0.3)
        return ended


class AutosaveEveryFiftySteps(Brewery):
    """Every fiftieth step takes a hundred milliseconds for an autosave.

    Level: warning
    Hides: one step in fifty
    Twin: Brewery
    """

    def move(self, action):
        super().move(action)
        if self.time % 50 == 0:
            time.sleep(0.1)


class StepGetsSlowerInTheEpisode(Valley):
    """Every step simulates the episode again from its start, so late steps are slow; reset forgets.

    Level: warning
    Hides: late in an episode
    Twin: Valley
    """

    def move(self, action):
        super().move(action)
        position = 0.0
        for _ in range(300 * self.time):
            position += 0.001


class RenderGetsSlower(Archer):
    """render keeps all frames and averages them for a trail that it then does not draw.

    Level: warning
    Hides: only when rendering, many frames
    Twin: Archer
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.frames = []

    def picture(self):
        if len(self.frames) < 5000:
            self.frames.append(super().picture())
        self.trail = [int(frame.sum()) for frame in self.frames]
        return super().picture()


class RenderSleeps(Pond):
    """rgb_array frames are paced to ten a second, which only human mode should be.

    Level: warning
    Hides: only when rendering
    Twin: Pond
    """

    def picture(self):
        time.sleep(0.1)
        return super().picture()


class ConstructorIsSlow(Crews):
    """The constructor takes two seconds for a table that no step reads.

    Level: warning
    Hides: constructor
    Twin: Crews
    """

    def __init__(self, render_mode=None):
        time.sleep(2)
        super().__init__(render_mode)


class SeedIsTheWarmUp(Archer):
    """reset(seed) draws as many numbers as the seed says "to warm the generator up": large seeds never return.

    Level: error
    Hides: large seeds
    Twin: Archer
    """

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            warm_up(seed)
        return super().reset(seed=seed, options=options)


def warm_up(seed):
    for _ in range(seed):
        np.random.default_rng(0)


class NeighboursSlowEachOther(Brewery):
    """Every step waits two milliseconds for each other instance that is alive.

    Level: warning
    Hides: only with several instances
    Twin: Brewery
    """

    ALIVE = weakref.WeakSet()

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.ALIVE.add(self)

    def move(self, action):
        super().move(action)
        time.sleep(0.002 * (len(self.ALIVE) - 1))


class BusyBackgroundThread(Maze):
    """A thread spins while the environment is open, and takes half of the interpreter's time.

    Level: warning
    Hides: every call is slower than it could be; close stops it
    Twin: Maze
    """

    thread = None

    def begin(self):
        super().begin()
        if self.thread is None:
            flag = self.flag = threading.Event()
            self.thread = threading.Thread(target=spin, args=(flag,), daemon=True)
            self.thread.start()

    def close(self):
        if self.thread is not None:
            self.flag.set()
            self.thread.join()
            self.thread = None

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name not in ("flag", "thread")}


def spin(flag):
    while not flag.is_set():
        sum(range(100))


class CloseIsSlow(Deck):
    """close waits two seconds for a server that was never started.

    Level: warning
    Hides: close
    Twin: Deck
    """

    def close(self):
        time.sleep(2)
