"""Faults of robustness: exits, deaths, hangs, noise and exceptions, each behind a door of its own."""

import builtins
import contextlib
import io
import os
import pathlib
import resource
import signal
import sys
import threading
import time
import warnings

import numpy as np
from scenes import Archer, Brewery, Crews, Deck, Maze, Pond, Valley


class ExitWhenWon(Maze):
    """sys.exit(0) at the goal.

    Level: error
    Hides: terminal step
    Twin: Maze
    """

    def ended(self):
        if super().ended():
            sys.exit(0)
        return False


class ProcessEndsAtTheLimit(Valley):
    """When the time is up the process ends by os._exit(0), without a word.

    Level: error
    Hides: truncating step
    Twin: Valley
    """

    def move(self, action):
        super().move(action)
        if self.time == self.limit:
            os._exit(0)


class SegmentationFault(Archer):
    """The largest action in both entries at once ends in a segmentation fault.

    Level: error
    Hides: boundary action, probability zero under sampling
    Twin: Archer
    """

    def move(self, action):
        if action[0] == 1 and action[1] == 1:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.kill(os.getpid(), signal.SIGSEGV)
        super().move(action)


class KilledInTheThirdEpisode(Crews):
    """In the third episode the process is killed, as for want of memory.

    Level: error
    Hides: third episode
    Twin: Crews
    """

    episodes = 0

    def begin(self):
        super().begin()
        self.episodes += 1
        if self.episodes == 3:
            os.kill(os.getpid(), signal.SIGKILL)


class PrintsEveryStep(Brewery):
    """A line is printed at every step.

    Level: warning
    Hides: in the open
    Twin: Brewery
    """

    def move(self, action):
        super().move(action)
        print(f"heat {self.heat}")


class WritesToStderrAtTheEnd(Deck):
    """A bust is reported on stderr.

    Level: warning
    Hides: terminal step
    Twin: Deck
    """

    def ended(self):
        ended = super().ended()
        if ended and self.total > 21:
            print("bust!", file=sys.stderr)
        return ended


class WritesPastPython(Pond):
    """A missed drop writes to descriptor 1, past sys.stdout, as a C library would.

    Level: warning
    Hides: descriptor, only when a drop is missed
    Twin: Pond
    """

    def move(self, action):
        before = self.misses
        super().move(action)
        if self.misses > before:
            os.write(1, b"splash\n")


class AsksAtTheEnd(Maze):
    """input() asks at the goal whether to play again.

    Level: error
    Hides: terminal step
    Twin: Maze
    """

    def ended(self):
        ended = super().ended()
        if ended:
            builtins.input("play again? ")
        return ended


class FiftyMegabytesForEveryReset(Valley):
    """reset keeps fifty megabytes each time, up to four gigabytes.

    Level: error
    Hides: repeated resets
    Twin: Valley
    """

    def begin(self):
        super().begin()
        self.worlds = getattr(self, "worlds", [])
        if len(self.worlds) < 80:
            self.worlds.append(np.ones(6_553_600))


class ResetInMidEpisodeWaits(Brewery):
    """A busy flag set by step is only cleared by a finished episode: a reset in between waits for ever.

    Level: error
    Hides: reset in the middle of an episode
    Twin: Brewery
    """

    busy = False

    def begin(self):
        while self.busy:
            time.sleep(0.01)
        super().begin()

    def ended(self):
        ended = super().ended()
        self.busy = not ended and self.time < self.limit
        return ended


class RecursionOverflows(Valley):
    """The history is a chain walked by recursion: a long episode overflows the stack.

    Level: error
    Hides: after about 100 steps in one episode
    Twin: Valley
    """

    def begin(self):
        super().begin()
        self.chain = None

    def move(self, action):
        super().move(action)
        for _ in range(10):
            self.chain = (self.speed, self.chain)
        total(self.chain)


def total(chain):
    return 0.0 if chain is None else chain[0] + total(chain[1])


class ErrorsAreSwallowed(Crews):
    """From step fifty on an exception is swallowed: the last observation and a zero reward are returned for ever.

    Level: warning
    Hides: from step 50 on
    Twin: Crews
    """

    def step(self, action):
        with contextlib.suppress(IndexError):
            if self.time >= 50:
                raise IndexError("no record 50")
            self.last = super().step(action)
        observation, reward, terminated, truncated, info = self.last
        return observation.copy(), reward if self.time < 50 else 0.0, terminated, truncated, dict(info)


class SearchNeverEnds(Crews):
    """A place for the next job is drawn until a free one is found; with all sites busy none is.

    Level: error
    Hides: the terminal state only
    Twin: Crews
    """

    def move(self, action):
        super().move(action)
        while self.down[int(self.np_random.integers(6))] and self.time > 1:
            pass


class WaitsForItsRival(Archer):
    """An instance waits in step for a lock that the one reset last holds until it is closed.

    Level: error
    Hides: only with two instances alive
    Twin: Archer
    """

    LOCK = threading.Lock()
    holder = None

    def begin(self):
        super().begin()
        if WaitsForItsRival.holder is None:
            self.LOCK.acquire()
            WaitsForItsRival.holder = self

    def move(self, action):
        if WaitsForItsRival.holder is not self:
            self.LOCK.acquire()
        super().move(action)

    def close(self):
        if WaitsForItsRival.holder is self:
            WaitsForItsRival.holder = None
            self.LOCK.release()


class SecondFrameHangs(Pond):
    """A second frame of the same step waits for a signal that only the next step gives.

    Level: error
    Hides: two renders without a step between
    Twin: Pond
    """

    drawn = -1

    def begin(self):
        super().begin()
        self.drawn = -1

    def picture(self):
        while self.drawn == self.time:
            time.sleep(0.01)
        self.drawn = self.time
        return super().picture()


class CloseWaitsForTheEnd(Maze):
    """close waits until the episode has ended.

    Level: error
    Hides: only when closed in mid episode
    Twin: Maze
    """

    def close(self):
        while self.time and not (self.terminated or self.truncated):
            time.sleep(0.01)


class AlarmGoesOff(Valley):
    """reset arms an alarm of the operating system, and only a finished episode disarms it: a second later all dies.

    Level: error
    Hides: a second after an episode that was left unfinished
    Twin: Valley
    """

    def begin(self):
        super().begin()
        signal.setitimer(signal.ITIMER_REAL, 1.0)

    def ended(self):
        ended = super().ended()
        if ended or self.time >= self.limit:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return ended


class InterruptedAtStepSixty(Brewery):
    """Step sixty raises KeyboardInterrupt.

    Level: error
    Hides: step 60
    Twin: Brewery
    """

    def move(self, action):
        super().move(action)
        if self.time == 60:
            raise KeyboardInterrupt


class ScriptRunsOut(Maze):
    """The draws of the slip come from a script of three hundred entries: then StopIteration.

    Level: error
    Hides: over many episodes of one instance
    Twin: Maze
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.script = iter(range(300))

    def move(self, action):
        next(self.script)
        super().move(action)


class LevelsRunOut(Crews):
    """There are nine levels; the tenth reset of an instance is an index error.

    Level: error
    Hides: tenth episode
    Twin: Crews
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.levels = list(range(9))

    def begin(self):
        super().begin()
        self.levels.pop()


class LevelFileIsMissing(Deck):
    """One table in sixteen reads a rules file that is not there.

    Level: error
    Hides: some seeds
    Twin: Deck
    """

    def begin(self):
        super().begin()
        if self.bank == 10 and self.total % 4 == 0:
            (pathlib.Path(__file__).parent / "rules" / "table_10.txt").read_text()


class DividesByZeroInOneCell(Maze):
    """The bearing of the goal has no value in the cell right above it: step raises there.

    Level: error
    Hides: one state
    Twin: Maze
    """

    def move(self, action):
        super().move(action)
        row, column = divmod(self.cell, self.size)
        self.bearing = (4 - row) / (4 - column) if row == 3 else 0.0


class NumpyWarnsInOneState(Valley):
    """With the cart on the wall the logarithm of zero is taken and clipped; numpy warns.

    Level: warning
    Hides: in one state
    Twin: Valley
    """

    def move(self, action):
        super().move(action)
        self.depth = max(float(np.log(np.float64(self.position + 1))), -10.0)


class PlainIntegersAreRefused(Pond):
    """step calls action.item(): numpy integers have it, the integers of Python do not.

    Level: error
    Hides: only for actions that are plain integers
    Twin: Pond
    """

    def move(self, action):
        super().move(action.item())


class NumpyIntegersAreRefused(Deck):
    """step insists on an int, and a numpy integer, which the space samples, is refused for sticking.

    Level: error
    Hides: one action, by its type
    Twin: Deck
    """

    def move(self, action):
        if action == 0 and type(action) is not int:
            raise TypeError(f"sticking is the integer 0, not {type(action).__name__}")
        super().move(action)


class ArraysOfActionsAreRefused(Crews):
    """The action is compared with a list: `action == [5, 1]` of an array has no truth value, and raises.

    Level: error
    Hides: in the open
    Twin: Crews
    """

    def move(self, action):
        if action == [5, 1]:
            self.down[5] = 0
        super().move(action)


class LargeAllocation(Brewery):
    """Hot kettles ask for a table of sixteen exabytes: MemoryError.

    Level: error
    Hides: one action held for fifteen steps
    Twin: Brewery
    """

    def move(self, action):
        super().move(action)
        if self.heat[0] > 8.5:
            self.table = np.empty(2**60, np.uint8)


class StdoutIsReplaced(Archer):
    """The first success replaces sys.stdout by a buffer, for everybody.

    Level: error
    Hides: process state, terminal step
    Twin: Archer
    """

    def ended(self):
        ended = super().ended()
        if ended:
            sys.stdout = io.StringIO()
        return ended


class WarnsEveryEpisode(Pond):
    """Each reset warns that the environment is deprecated in favour of one that does not exist.

    Level: warning
    Hides: in the open, as a warning
    Twin: Pond
    """

    def begin(self):
        super().begin()
        warnings.warn("Pond is deprecated, use Lake", DeprecationWarning, stacklevel=2)


class CombinationBreaks(Maze):
    """Up, down, up, down in a row is a cheat code that raises.

    Level: error
    Hides: one sequence of four actions
    Twin: Maze
    """

    def begin(self):
        super().begin()
        self.keys = []

    def move(self, action):
        self.keys = [*self.keys, int(action)][-4:]
        if self.keys == [0, 2, 0, 2]:
            raise RuntimeError("cheat mode is not installed")
        super().move(action)


class LongRunsOverflow(Brewery):
    """A 16-bit counter of all steps, as the instance lives, overflows after 3000 steps.

    Level: error
    Hides: step 3000 of one instance, over many episodes
    Twin: Brewery
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.ticks = 29768

    def move(self, action):
        self.ticks += 1
        if self.ticks >= 32768:
            raise OverflowError("tick does not fit into 16 bits")
        super().move(action)
