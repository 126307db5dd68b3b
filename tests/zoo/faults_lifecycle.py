"""Faults of the life cycle: closing, opening again, and what is left behind in the process and on the disc."""

# ruff: noqa: RUF012 - the shared attribute is the fault

import atexit
import decimal
import gc
import logging
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings

import numpy as np
from bases import Cart
from scenes import Archer, Brewery, Crews, Deck, Maze, Pond, Scene, Valley


class SecondCloseRaises(Maze):
    """close deletes what a second close would need.

    Level: error
    Hides: in the open
    Twin: Maze
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.canvas = bytearray(64)

    def close(self):
        del self.canvas


class CloseAfterRenderRaises(Valley):
    """close asks the viewer, which is there only once a frame was rendered, for a method it lacks.

    Level: error
    Hides: only after rendering
    Twin: Valley
    """

    viewer = None

    def picture(self):
        self.viewer = super().picture()
        return self.viewer.copy()

    def close(self):
        if self.viewer is not None:
            self.viewer.quit()


class CloseBeforeResetRaises(Crews):
    """close reports the reward of an episode, which is set by reset.

    Level: error
    Hides: only when an instance is closed unused
    Twin: Crews
    """

    def begin(self):
        super().begin()
        self.total = 0.0

    def close(self):
        self.total = float(self.total)


class CloseInMidEpisodeRaises(Archer):
    """close insists that the episode has ended.

    Level: error
    Hides: only when closed in mid episode, after step 5
    Twin: Archer
    """

    def close(self):
        if self.time > 5 and not (self.terminated or self.truncated):
            raise RuntimeError("episode still running")


class CloseAfterTruncationRaises(Brewery):
    """close divides by the time left, which is zero after a truncated episode.

    Level: error
    Hides: only after a truncation
    Twin: Brewery
    """

    def close(self):
        self.share = self.time / (self.limit - self.time)


class LogOpenedAtEachReset(Deck):
    """Each reset opens a log that is never closed.

    Level: error
    Hides: many resets
    Twin: Deck
    """

    def begin(self):
        super().begin()
        self.logs = [*getattr(self, "logs", []), os.open(os.devnull, os.O_WRONLY)]


class PipeOpenedAtEachBump(Maze):
    """A bump opens a pipe to a sound player and leaves it open.

    Level: error
    Hides: only in steps that bump
    Twin: Maze
    """

    def bump(self):
        super().bump()
        if self.bumps % 10 == 1:
            os.pipe()


class SocketStaysAfterClose(Valley):
    """The telemetry socket opened by the constructor is not closed by close.

    Level: error
    Hides: many instances
    Twin: Valley
    """

    SOCKETS = []

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.SOCKETS.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))


class MegabyteForEveryStep(Pond):
    """A megabyte is kept for every step ever taken, up to three gigabytes.

    Level: error
    Hides: many steps
    Twin: Pond
    """

    def move(self, action):
        super().move(action)
        self.tape = getattr(self, "tape", [])
        if len(self.tape) < 3000:
            self.tape.append(np.ones(131072))


class FourMegabytesForEveryEpisode(Deck):
    """Four megabytes are kept for every episode, up to three gigabytes.

    Level: error
    Hides: many episodes
    Twin: Deck
    """

    def begin(self):
        super().begin()
        self.archive = getattr(self, "archive", [])
        if len(self.archive) < 750:
            self.archive.append(np.ones(524288))


class InstancesAreNeverFreed(Brewery):
    """The class keeps a list of all its instances, each with eight megabytes, also of those that were closed.

    Level: error
    Hides: many instances
    Twin: Brewery
    """

    ALL = []

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.map = np.ones(2**20)
        if len(self.ALL) < 300:
            self.ALL.append(self)


class ClosedInstancesStayAtExit(Archer):
    """The constructor registers a bound method with atexit, so closed instances live, and work, until the end.

    Level: warning
    Hides: garbage that is never collected
    Twin: Archer
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.path = np.ones(2**17)
        atexit.register(self.close)


class StatisticsFileInTheWorkingDirectory(Maze):
    """At the goal a statistics file is written into the working directory.

    Level: warning
    Hides: end of an episode
    Twin: Maze
    """

    def ended(self):
        ended = super().ended()
        if ended:
            pathlib.Path("maze_statistics.csv").write_text(f"{self.time},{self.bumps}\n")
        return ended


class TemporaryFolderStays(Crews):
    """The constructor makes a temporary folder that close leaves behind.

    Level: warning
    Hides: on the disc, after close
    Twin: Crews
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.folder = tempfile.mkdtemp(prefix="crews-")


class OneSimulatorAProcess(Valley):
    """The second instance raises while the first one is open: the simulator is a singleton.

    Level: error
    Hides: second instance
    Twin: Valley
    """

    running = False

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        if OneSimulatorAProcess.running:
            raise RuntimeError("the simulator is already running")
        OneSimulatorAProcess.running = True

    def close(self):
        OneSimulatorAProcess.running = False


class LicenceForThree(Brewery):
    """A fourth instance that is open at the same time cannot be reset.

    Level: error
    Hides: fourth instance, in reset
    Twin: Brewery
    """

    OPEN = set()

    def reset(self, *, seed=None, options=None):
        self.OPEN.add(id(self))
        if len(self.OPEN) > 3:
            raise RuntimeError("all three licences are in use")
        return super().reset(seed=seed, options=options)

    def close(self):
        self.OPEN.discard(id(self))


class PortIsNotGivenBack(Deck):
    """close does not give the number back, so the ninth instance of a process finds none.

    Level: error
    Hides: ninth instance, although the others are closed
    Twin: Deck
    """

    FREE = list(range(8))

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.port = self.FREE.pop()


class NumpyErrorsRaiseEverywhere(Archer):
    """The first step makes numpy raise on division by zero in the whole process.

    Level: error
    Hides: process state
    Twin: Archer
    """

    def move(self, action):
        np.seterr(divide="raise")
        super().move(action)


class NumpyPrintsTwoDigits(Pond):
    """At the end of an episode numpy's print options are changed for everybody.

    Level: warning
    Hides: process state, end of an episode
    Twin: Pond
    """

    def ended(self):
        ended = super().ended()
        if ended:
            np.set_printoptions(precision=2)
        return ended


class WarningsAreSilenced(Crews):
    """reset switches the user warnings of the process off.

    Level: warning
    Hides: process state
    Twin: Crews
    """

    def begin(self):
        super().begin()
        warnings.filterwarnings("ignore", category=UserWarning)


class EnvironmentVariableStays(Maze):
    """The constructor sets a variable of the process environment.

    Level: warning
    Hides: process state
    Twin: Maze
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        os.environ["OMP_NUM_THREADS"] = "1"


class PathGrows(Valley):
    """Each instance puts its own folder on sys.path once more.

    Level: warning
    Hides: process state
    Twin: Valley
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        sys.path.append(str(pathlib.Path(__file__).parent))


class InterruptIsTaken(Brewery):
    """The constructor replaces the handler of Ctrl-C, and close does not put the old one back.

    Level: warning
    Hides: process state
    Twin: Brewery
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)


class WorkingDirectoryMoves(Deck):
    """A won game changes into the folder of the file, and stays there.

    Level: error
    Hides: process state, terminal step
    Twin: Deck
    """

    def reward(self):
        reward = super().reward()
        if reward > 0:
            os.chdir(pathlib.Path(__file__).parent)
        return reward


class RootLoggerGrows(Crews):
    """Each reset adds a handler to the root logger.

    Level: warning
    Hides: process state
    Twin: Crews
    """

    def begin(self):
        super().begin()
        logging.getLogger().addHandler(logging.NullHandler())


class DecimalPrecisionDrops(Maze):
    """The first bump sets the precision of `decimal` to three digits.

    Level: warning
    Hides: process state, only after a bump
    Twin: Maze
    """

    def bump(self):
        super().bump()
        decimal.getcontext().prec = 3


class CollectorIsSwitchedOff(Valley):
    """The first step switches the garbage collector off for speed, and nobody switches it on again.

    Level: warning
    Hides: process state
    Twin: Valley
    """

    def move(self, action):
        gc.disable()
        super().move(action)


class MaskOfFilesChanges(Archer):
    """reset sets the umask to zero.

    Level: warning
    Hides: process state
    Twin: Archer
    """

    def begin(self):
        super().begin()
        os.umask(0)


class SocketTimeoutForAll(Brewery):
    """The end of an episode sets the default timeout of all sockets.

    Level: warning
    Hides: process state, end of an episode
    Twin: Brewery
    """

    def ended(self):
        ended = super().ended()
        if ended:
            socket.setdefaulttimeout(0.5)
        return ended


class BackgroundThread(Scene):
    """A clean background thread that close stops."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.stop.wait, daemon=True)
        self.thread.start()

    def close(self):
        self.stop.set()
        self.thread.join()

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name not in ("stop", "thread")}

    def __setstate__(self, state):
        vars(self).update(state)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.stop.wait, daemon=True)
        self.thread.start()


class ThreadedPond(BackgroundThread, Pond):
    """A clean pond with a background thread."""


class ThreadStaysAfterClose(BackgroundThread, Pond):
    """close does not stop the background thread.

    Level: error
    Hides: threads, after close
    Twin: ThreadedPond
    """

    def close(self):
        pass


class ThreadForEveryEpisode(Deck):
    """Each reset starts a thread that waits for the end of the process.

    Level: error
    Hides: threads, many resets
    Twin: Deck
    """

    def begin(self):
        super().begin()
        if threading.active_count() < 500:
            threading.Thread(target=threading.Event().wait, daemon=True).start()


class HelperProcessStays(Valley):
    """The helper process started at the first reset outlives close by half a minute.

    Level: error
    Hides: child processes, after close
    Twin: Valley
    """

    helper = None

    def begin(self):
        super().begin()
        if HelperProcessStays.helper is None:
            HelperProcessStays.helper = subprocess.Popen(["sleep", "30"])


class DestructorRaises(Crews):
    """__del__ closes a window that was never made.

    Level: warning
    Hides: when the instance is collected
    Twin: Crews
    """

    def __del__(self):
        self.window.close()


class CloseForgetsTheOthers(Brewery):
    """close shuts down the graphics that all instances share, so those still open cannot render.

    Level: error
    Hides: two instances, one closed, the other rendered
    Twin: Brewery
    """

    GRAPHICS = {}

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.GRAPHICS["font"] = "mono"

    def picture(self):
        frame = super().picture()
        frame[0, 0] = len(self.GRAPHICS["font"])
        return frame

    def close(self):
        self.GRAPHICS.clear()


class LockFileStays(Archer):
    """An episode that is not finished leaves its lock file in the working directory.

    Level: warning
    Hides: on the disc, only when closed in mid episode
    Twin: Archer
    """

    def begin(self):
        super().begin()
        pathlib.Path("archer.lock").touch()

    def ended(self):
        ended = super().ended()
        if ended or self.time >= self.limit:
            pathlib.Path("archer.lock").unlink(missing_ok=True)
        return ended

    def close(self):
        if self.terminated or self.truncated:
            pathlib.Path("archer.lock").unlink(missing_ok=True)


class CartThatGoesBack(Cart):
    """The clean twin: the state of the cart and of the gusts is saved and restored."""

    def get_state(self):
        cart = (self.position, self.speed, self.steps, self.fallen, self.late)
        return {"cart": cart, "gusts": self.np_random.bit_generator.state}

    def set_state(self, state):
        self.position, self.speed, self.steps, self.fallen, self.late = state["cart"]
        self.np_random.bit_generator.state = state["gusts"]


class GoesBackWithoutTheGusts(CartThatGoesBack):
    """set_state brings the cart back, but not the generator of the gusts.

    Level: warning
    Hides: only after a state was restored
    Twin: CartThatGoesBack
    """

    def set_state(self, state):
        self.position, self.speed, self.steps, self.fallen, self.late = state["cart"]


class SavedStateIsTheLiveOne(CartThatGoesBack):
    """get_state hands out the live dictionary of the cart, which the next steps change.

    Level: warning
    Hides: only after a state was restored
    Twin: CartThatGoesBack
    """

    def get_state(self):
        self.saved = {"cart": None, "gusts": self.np_random.bit_generator.state}
        self.keep()
        return self.saved

    def step(self, action):
        result = super().step(action)
        self.keep()
        return result

    def keep(self):
        if hasattr(self, "saved"):
            self.saved["cart"] = (self.position, self.speed, self.steps, self.fallen, self.late)


class GoingBackRaises(CartThatGoesBack):
    """set_state asks for an entry that get_state does not write.

    Level: warning
    Hides: only after a state was restored
    Twin: CartThatGoesBack
    """

    def set_state(self, state):
        self.wind = state["wind"]
        super().set_state(state)
