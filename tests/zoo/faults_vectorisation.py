"""Faults of vectorisation: copies, pickles, neighbours in one process, workers in others."""

# ruff: noqa: RUF012 - the shared attribute is the fault

import copy
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from gymnasium import spaces
from scenes import Archer, Brewery, Crews, Deck, Maze, Pond, Valley

SHARED = {"cell": 0}
POOL = None


class NoPickleAfterReset(Maze):
    """reset stores a lambda, so the environment can be pickled before it and not after.

    Level: warning
    Hides: pickle, after reset
    Twin: Maze
    """

    def begin(self):
        super().begin()
        self.reporter = lambda text: text


class NoPickleAfterTheEnd(Crews):
    """At the end of an episode a generator for the replay is stored, and pickle fails from then on.

    Level: warning
    Hides: pickle, after the first end
    Twin: Crews
    """

    def ended(self):
        ended = super().ended()
        if ended:
            self.replay = (site for site in self.down)
        return ended


class EpisodeInAModuleGlobal(Maze):
    """The cell lives in a global of the module, so instances and copies disturb each other.

    Level: error
    Hides: only with several instances in one process
    Twin: Maze
    """

    @property
    def cell(self):
        return SHARED["cell"]

    @cell.setter
    def cell(self, value):
        SHARED["cell"] = value


class EpisodeInAClassTable(Deck):
    """The total lives in a table of the class under a key that copies inherit: a copy and its original share it.

    Level: error
    Hides: only after a copy, stepped in turns with its original; separate instances are fine
    Twin: Deck
    """

    TABLE = {}

    def __init__(self, render_mode=None):
        self.key = f"{os.getpid()}-{len(self.TABLE)}"
        super().__init__(render_mode)

    @property
    def total(self):
        return self.TABLE.get(self.key, 2)

    @total.setter
    def total(self, value):
        self.TABLE[self.key] = value


class ChildProcessInReset(Deck):
    """reset starts a child process, which daemonic vector workers may not.

    Level: warning
    Hides: only under AsyncVectorEnv
    Twin: Deck
    """

    done = False

    def begin(self):
        super().begin()
        if not self.done:
            worker = multiprocessing.get_context("fork").Process(target=os.getpid)
            worker.start()
            worker.join()
            self.done = True


class ActionsFollowInstanceCount(Pond):
    """Each instance after the first has one action more.

    Level: error
    Hides: second instance
    Twin: Pond
    """

    COUNT = 0

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.action_space = spaces.Discrete(3 + min(ActionsFollowInstanceCount.COUNT, 1))
        ActionsFollowInstanceCount.COUNT += 1

    def move(self, action):
        super().move(int(action) % 3)


class PhysicsFollowInstanceCount(Valley):
    """The second, fourth, ... instance of a process has stronger gusts.

    Level: error
    Hides: second instance, in the dynamics only
    Twin: Valley
    """

    COUNT = 0

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        PhysicsFollowInstanceCount.COUNT += 1
        self.gust = 0.5 if PhysicsFollowInstanceCount.COUNT % 2 else 1.0

    def wind(self):
        return self.gust * super().wind()


class DeepcopyRaisesLate(Brewery):
    """After step ten the environment holds a lock, and deepcopy raises.

    Level: warning
    Hides: copy, after step 10
    Twin: Brewery
    """

    def begin(self):
        super().begin()
        self.lock = None

    def move(self, action):
        super().move(action)
        self.lock = threading.Lock() if self.time > 10 else None


class CopySharesTheGenerator(Crews):
    """A deep copy copies the state but keeps the generator of the original: stepping one moves the other.

    Level: error
    Hides: only after a copy
    Twin: Crews
    """

    def __deepcopy__(self, memo):
        twin = copy.copy(self)
        twin.down = self.down.copy()
        return twin


class CopySharesTheState(Crews):
    """A deep copy has its own generator but shares the array of sites.

    Level: error
    Hides: only after a copy
    Twin: Crews
    """

    def __deepcopy__(self, memo):
        twin = copy.copy(self)
        twin._np_random = copy.deepcopy(self._np_random, memo)
        return twin


class PickleLosesTheGenerator(Maze):
    """The generator is left out of the pickle, so a restored environment plays on with new entropy.

    Level: warning
    Hides: only after a pickle or a copy
    Twin: Maze
    """

    def __getstate__(self):
        return vars(self) | {"_np_random": None}


class PickleLosesTheClock(Valley):
    """A restored environment starts its time limit again.

    Level: warning
    Hides: only after a pickle or a copy, at the time limit
    Twin: Valley
    """

    def __getstate__(self):
        return vars(self) | {"time": 0}


class PickleRoundsTheState(Archer):
    """The pickle stores the place with one digit.

    Level: warning
    Hides: only after a pickle or a copy, in mid episode
    Twin: Archer
    """

    def __getstate__(self):
        return vars(self) | {"place": self.place.round(1)}


class CopyStartsAgain(Brewery):
    """A copy is a new instance made with the same arguments: the episode is lost.

    Level: warning
    Hides: only after a copy
    Twin: Brewery
    """

    def __reduce__(self):
        return type(self), (self.render_mode,)


class WorkersAddTheirName(Pond):
    """In a process other than the main one the first drop is moved by a number from the name of the process.

    Level: error
    Hides: only in worker processes
    Twin: Pond
    """

    def begin(self):
        super().begin()
        name = multiprocessing.current_process().name
        if name != "MainProcess":
            self.column = (self.column + 1 + len(name) % 3) % self.size


class PoolDoesNotSurviveFork(Archer):
    """One thread pool of the module computes the distance; a forked worker inherits it without its threads and waits.

    Level: error
    Hides: only in a process forked after the first step, under AsyncVectorEnv
    Twin: Archer
    """

    def ended(self):
        global POOL
        POOL = POOL or ThreadPoolExecutor(1)
        return POOL.submit(super().ended).result()


class LockHeldOverFork(Deck):
    """A lock of the class is held while an episode runs; a worker forked then waits for it for ever.

    Level: error
    Hides: only with a second instance, or a fork, in mid episode
    Twin: Deck
    """

    LOCK = threading.Lock()
    owner = None

    def begin(self):
        if LockHeldOverFork.owner is not self and self.LOCK.locked():
            self.LOCK.acquire()
        self.LOCK.acquire(blocking=False)
        LockHeldOverFork.owner = self
        super().begin()

    def ended(self):
        ended = super().ended()
        if ended and LockHeldOverFork.owner is self:
            LockHeldOverFork.owner = None
            self.LOCK.release()
        return ended


class MainThreadOnly(Crews):
    """reset installs a signal handler, which only the main thread of a process may.

    Level: warning
    Hides: only when driven from another thread
    Twin: Crews
    """

    def begin(self):
        super().begin()
        signal.signal(signal.SIGUSR1, signal.getsignal(signal.SIGUSR1) or signal.SIG_DFL)


class InfoChangesItsType(Maze):
    """info["last"] is a number until the goal is reached and a word then: vector environments cannot stack them.

    Level: error
    Hides: terminal step, only beside an environment that goes on
    Twin: InfoKeepsItsType
    """

    def notes(self):
        return super().notes() | {"last": self.word() if self.terminated else self.cell}

    def word(self):
        return "goal"


class InfoKeepsItsType(InfoChangesItsType):
    """The clean twin: always a number."""

    def word(self):
        return -1


class InfoArrayGrows(Crews):
    """info["broken"] is the array of the numbers of broken sites: its length differs between environments.

    Level: error
    Hides: only with several environments out of step
    Twin: InfoArrayIsPadded
    """

    def notes(self):
        return super().notes() | {"broken": self.broken()}

    def broken(self):
        return np.flatnonzero(self.down)


class InfoArrayIsPadded(InfoArrayGrows):
    """The clean twin: six entries, -1 where there is none."""

    def broken(self):
        return np.where(self.down, np.arange(6), -1)


class InfoKeyIsANumber(Valley):
    """Info has a number as a key in one step and a tuple in the next.

    Level: warning
    Hides: keys of info, which are to be text
    Twin: Valley
    """

    def notes(self):
        return super().notes() | ({7: True} if self.time % 2 else {(7, 8): True})


class SpacesAreUnequal(Valley):
    """Each instance makes its space a little wider than the last one's.

    Level: error
    Hides: second instance, in the bounds of the observation space
    Twin: Valley
    """

    COUNT = 0

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        SpacesAreUnequal.COUNT += 1
        box = self.observation_space
        wider = box.high + np.float32(0.01 * SpacesAreUnequal.COUNT)
        self.observation_space = spaces.Box(box.low, wider, dtype=np.float32)


class CloseEndsTheNeighbours(Brewery):
    """close ends the episode of every instance in the process.

    Level: error
    Hides: two instances, one closed, the other stepped on
    Twin: Brewery
    """

    CLOSED = 0

    def begin(self):
        super().begin()
        self.seen = CloseEndsTheNeighbours.CLOSED

    def ended(self):
        return super().ended() or self.seen != CloseEndsTheNeighbours.CLOSED

    def close(self):
        CloseEndsTheNeighbours.CLOSED += 1


class ResetDisturbsTheNeighbours(Pond):
    """The counter of misses is one of the class, set to zero by whoever is reset.

    Level: error
    Hides: two instances, one reset while the other plays
    Twin: Pond
    """

    missed = 0

    @property
    def misses(self):
        return ResetDisturbsTheNeighbours.missed

    @misses.setter
    def misses(self, value):
        ResetDisturbsTheNeighbours.missed = value
