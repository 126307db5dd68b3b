"""Odd uses of the machine: files, threads, memory, logs, time. None has a fault."""

import json
import logging
import queue
import tempfile
import threading
import time
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np
from gymnasium import spaces
from valid_common import Play
from valid_lifecycle import Pump

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())


class OpensItsFileLate(Pump):
    """A scratch file is opened with the first step and used till the end; close closes and removes it.

    Odd: yes
    """

    def __init__(self):
        super().__init__()
        self.folder = None

    def move(self, action):
        if self.folder is None:
            self.folder = tempfile.TemporaryDirectory(prefix="pump-")
        (Path(self.folder.name) / "last").write_text(str(self.litres))
        return super().move(action)

    def close(self):
        if self.folder is not None:
            self.folder.cleanup()
            self.folder = None

    def __getstate__(self):
        return {**vars(self), "folder": None}


class BigTableOnFirstUse(Pump):
    """A table of 16 MB is made with the first step of the process and kept: memory grows once, and never again.

    Odd: yes
    """

    def move(self, action):
        return super().move(action) + float(table()[self.steps % 2_000, 7])


@lru_cache(maxsize=1)
def table():
    return np.sin(np.arange(2_000_000.0)).reshape(2_000, 1_000)


class WritesALog(Pump):
    """Every reset and every end goes to the logging module, which shows nothing unless it is told to.

    Odd: yes
    """

    def begin(self):
        super().begin()
        logger.info("begins with %.2f litres", self.litres)

    def ends(self):
        if super().ends():
            logger.debug("ends after %d steps", self.steps)
        return super().ends()


class WarnsOnce(Pump):
    """The first reset of an instance warns that a setting is experimental; never again after that.

    Odd: yes
    """

    warned = False

    def begin(self):
        super().begin()
        if not self.warned:
            self.warned = True
            warnings.warn("rain is experimental", UserWarning, stacklevel=2)


class ReadsAFileBesideItself(Play):
    """Its data lies in a file beside the module, and is read in the constructor.

    Odd: yes
    """

    def __init__(self):
        self.depths = json.loads(Path(__file__).with_name("valid_pond.json").read_text())["depths"]
        self.observation_space = spaces.Box(0.0, 5.0, (2,), np.float32)
        self.action_space = spaces.Discrete(2)

    def begin(self):
        self.place = int(self.np_random.integers(1, 5))

    def observe(self):
        return np.array([self.place / 2, self.depths[self.place]], np.float32)

    def move(self, action):
        self.place += 1 if action else -1
        return -self.depths[self.place]

    def ends(self):
        return self.place in (0, len(self.depths) - 1)


class ThreadForEachStep(Pump):
    """Each step is computed in a thread that is joined before it returns.

    Odd: yes
    """

    def move(self, action):
        rewards = []
        worker = threading.Thread(target=lambda: rewards.append(super(ThreadForEachStep, self).move(action)))
        worker.start()
        worker.join()
        return rewards[0]


class WorkerUntilClosed(Pump):
    """A thread that is started with the first reset computes the rewards; close ends and joins it.

    Odd: yes
    """

    def __init__(self):
        super().__init__()
        self.asked, self.worker = None, None

    def begin(self):
        super().begin()
        if self.worker is None:
            self.asked, self.answered = queue.SimpleQueue(), queue.SimpleQueue()
            self.worker = threading.Thread(target=_serve, args=(self.asked, self.answered), daemon=True)
            self.worker.start()

    def move(self, action):
        super().move(action)
        if self.worker is None:
            return -abs(self.litres - 5.0)
        self.asked.put(self.litres)
        return self.answered.get()

    def close(self):
        if self.worker is not None:
            self.asked.put(None)
            self.worker.join()
            self.worker = None

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name not in ("asked", "answered")} | {
            "worker": None
        }


def _serve(asked, answered):
    for litres in iter(asked.get, None):
        answered.put(-abs(litres - 5.0))


class SlowReset(Pump):
    """reset takes 50 ms, always.

    Odd: yes
    """

    def begin(self):
        time.sleep(0.05)
        super().begin()


class SlowStep(Pump):
    """step takes 5 ms, always: a simulator is slow.

    Odd: yes
    """

    def move(self, action):
        time.sleep(0.005)
        return super().move(action)


class SlowConstructor(Pump):
    """Making an instance takes half a second; resets and steps are quick.

    Odd: yes
    """

    def __init__(self):
        super().__init__()
        time.sleep(0.5)
