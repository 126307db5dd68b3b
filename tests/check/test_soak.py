"""What stays behind is found, with its size and its line; what fills once, or belongs to the episode, is not."""

import ctypes
import itertools
import mmap
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import deque
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from envkit.check import engine
from envkit.check.api import check
from envkit.check.budget import HEAVY, LIGHT, SLOW
from envkit.check.lamp import Lamp
from envkit.check.model import CannotJudge
from envkit.check.probes import rollouts, soak, surroundings
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.soak import Soak
from envkit.check.probes.surroundings import Surroundings
from envkit.check.process import readings, settings
from envkit.check.subject import Subject
from envkit.core.finding import Severity
from envkit.core.ref import EnvRef

linux = pytest.mark.skipif(sys.platform != "linux", reason="counted through /proc")
CODES = ("EK805", "EK806", "EK807", "EK81", "EK870", "EK871", "EK872")
KINDS = {Surroundings, Rollouts, Soak}
RULES = [rule for rule in engine.all_rules() if rule.code.startswith(CODES) and KINDS.issuperset(rule.needs)]


def judged(kind, budget=LIGHT):
    """{code: finding} of the rules about what stays behind, and {code: reason} of those that could not judge."""
    with settings.kept(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = readings.read()
        subject = Subject(EnvRef.of(kind), budget, before=before)
        look = subject.open("first look")
        subject.action_space, subject.observation_space = look.env.action_space, look.env.observation_space
        look.finish()
        evidence = {}
        for probe, evidence_of in ((surroundings, Surroundings), (rollouts, Rollouts), (soak, Soak)):
            evidence[evidence_of] = probe.run(subject)
            subject.close()
    found, reasons = {}, {}
    for rule in RULES:
        try:
            found.update((finding.code, finding) for finding in engine.judged(rule, evidence))
        except CannotJudge as reason:
            reasons[rule.code] = str(reason)
    return found, reasons


class TapeOfSteps(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.tape = []

    def step(self, action):
        self.tape.append(np.zeros(12_800))  # 100 kB
        return super().step(action)


class TapeOfASmallKind(TapeOfSteps):
    def step(self, action):
        self.tape.append(bytes(3000))
        return Lamp.step(self, action)


class TapeClearedAtReset(TapeOfSteps):
    def reset(self, **kwargs):
        self.tape = []
        return super().reset(**kwargs)


class TapeOfTheLastEpisodes(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.past, self.now = deque(maxlen=10), []

    def reset(self, **kwargs):
        self.past.append(self.now)
        self.now = []
        return super().reset(**kwargs)

    def step(self, action):
        self.now.append(np.zeros(1000))
        return super().step(action)


class ArchiveOfEpisodes(Lamp):
    ARCHIVE = []  # noqa: RUF012 - the fault

    def reset(self, **kwargs):
        self.ARCHIVE.append(np.empty(2**19))  # 4 MB
        return super().reset(**kwargs)


class ArchiveAtTheEnd(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.archive = []

    def step(self, action):
        *rest, terminated, truncated, info = super().step(action)
        if terminated or truncated:
            self.archive.append(np.empty(2**17))
        return *rest, terminated, truncated, info


class StatisticsOfEpisodes(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.lengths = []

    def reset(self, **kwargs):
        self.lengths.append((self.steps, self.bright))
        return super().reset(**kwargs)


@lru_cache
def table(level):
    return np.full(200_000, level, np.float64)


class TablesMadeOnce(Lamp):
    def reset(self, **kwargs):
        observation, info = super().reset(**kwargs)
        self.table = table(int(self.np_random.integers(5)))
        return observation, info


class BigAndConstant(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.world = np.zeros(8_000_000)  # 64 MB

    def reset(self, **kwargs):
        self.world = np.zeros(8_000_000)
        return super().reset(**kwargs)


class CycleForEveryStep(Lamp):
    def step(self, action):
        scratch = {"map": np.zeros(12_800)}
        scratch["self"] = scratch  # freed by the garbage collector alone
        return super().step(action)


class FramesAreKept(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.frames = []

    def render(self):
        self.frames.append(np.zeros((200, 200, 3), np.uint8))
        return super().render()


class LeaksBelowPython(Lamp):
    def reset(self, **kwargs):
        block = ctypes.CDLL(None).malloc
        block.restype = ctypes.c_void_p
        ctypes.memset(block(2**20), 1, 2**20)
        return super().reset(**kwargs)


class KeptBuffer(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.buffer = mmap.mmap(-1, 2**22)

    def close(self):
        self.buffer.close()

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "buffer"}


class RegisterOfInstances(Lamp):
    ALL = []  # noqa: RUF012 - the fault

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.ALL.append(self)


class OneOpenEveryHundredSteps(Lamp):
    steps_ever = 0

    def step(self, action):
        OneOpenEveryHundredSteps.steps_ever += 1
        if self.steps_ever % 20 == 0:
            os.open(os.devnull, os.O_RDONLY)
        return super().step(action)


class ThreadForEachReset(Lamp):
    def reset(self, **kwargs):
        threading.Thread(target=threading.Event().wait, args=(20,), daemon=True).start()  # not for ever
        return super().reset(**kwargs)


class ThreadEndsAfterClose(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.stop = threading.Event()
        threading.Thread(target=self.stop.wait, daemon=True).start()

    def close(self):
        self.stop.set()  # and does not wait for it


class SpinUp(Lamp):
    def reset(self, **kwargs):
        subprocess.run(["true"], check=True)
        return super().reset(**kwargs)


LEAKS = {
    TapeOfSteps: ("EK810", Severity.ERROR, r"every step leaves 100 kB behind .*test_soak.py:\d+"),
    TapeOfASmallKind: ("EK810", Severity.WARNING, "every step leaves 3... bytes behind"),
    ArchiveOfEpisodes: ("EK811", Severity.ERROR, r"every episode leaves 4.0 MB behind, in reset, .*test_soak.py:\d+"),
    ArchiveAtTheEnd: ("EK811", Severity.ERROR, "every episode leaves 1.0 MB behind, in the step that ends it"),
    FramesAreKept: ("EK810", Severity.ERROR, "every rendered frame leaves 117 kB behind"),
    RegisterOfInstances: ("EK815", Severity.WARNING, "6 of 6 instances are still there"),
    OneOpenEveryHundredSteps: ("EK812", Severity.ERROR, "descriptors? more stay open after every"),
    ThreadForEachReset: ("EK813", Severity.ERROR, "10 threads more are running after every .* and 10 resets"),
}


@linux
@pytest.mark.parametrize("kind", LEAKS, ids=lambda kind: kind.__name__)
def test_a_leak_is_told_with_its_size(kind):
    code, severity, text = LEAKS[kind]
    found, _ = judged(kind)
    kind.ARCHIVE = kind.ALL = []
    assert list(found) == [code] or (kind is ArchiveOfEpisodes and set(found) == {code, "EK816"})
    assert found[code].severity is severity
    assert re.search(text, found[code].message), found[code].message
    compile(found[code].program, "program", "exec")


@linux
def test_a_leak_below_python_is_told():
    found = {finding.code: finding.message for finding in check(LeaksBelowPython, select=["EK811"]).findings}
    assert re.search("every episode leaves .* MB behind, in reset, in code below Python", found["EK811"])


CLEAN = [
    Lamp, TapeClearedAtReset, TapeOfTheLastEpisodes, StatisticsOfEpisodes, TablesMadeOnce, BigAndConstant,
    CycleForEveryStep, KeptBuffer, ThreadEndsAfterClose, SpinUp,
]  # fmt: skip


@pytest.mark.parametrize("kind", CLEAN, ids=lambda kind: kind.__name__)
def test_what_fills_once_or_belongs_to_the_episode_is_no_leak(kind):
    assert judged(kind) == ({}, {})


@pytest.mark.parametrize("kind", [TapeOfSteps, ArchiveOfEpisodes, ThreadForEachReset], ids=lambda kind: kind.__name__)
def test_few_rounds_are_enough_for_heavy_environments(kind):
    found, _ = judged(kind, HEAVY)
    kind.ARCHIVE = []
    assert LEAKS[kind][0] in found


def test_a_slow_environment_is_not_judged_and_does_not_pass():
    found, reasons = judged(Lamp, SLOW)
    assert found == {}
    assert set(reasons) >= {"EK810", "EK811", "EK812", "EK813", "EK815", "EK816", "EK870", "EK871"}
    assert set(reasons.values()) == {"making, resetting or stepping it takes too long for many episodes"}


class RaisesAfterFourHundredSteps(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.ticks = 0

    def step(self, action):
        self.ticks += 1
        if self.ticks > 400:
            raise OverflowError("too many ticks")
        return super().step(action)


def test_what_raises_in_the_long_run_is_played_again_on_the_record():
    subject = Subject(EnvRef.of(RaisesAfterFourHundredSteps), LIGHT, before=readings.read())
    look = subject.open("first look")
    subject.action_space, subject.observation_space = look.env.action_space, look.env.observation_space
    soaked = soak.run(subject)
    assert soaked.reason == "an exception ended it"
    record = next(driver.trace for driver in subject.drivers if driver.name == "played for long")
    assert str(record.error.error) == "too many ticks"
    assert sum(call.method == "step" for call in record.calls) == 401


class SlowerByC(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.records = []

    def reset(self, **kwargs):
        self.records.extend(itertools.repeat(0.0, 60))  # a copy of them all would make the resets slower too
        return super().reset(**kwargs)

    def step(self, action):
        self.total = sorted(self.records, key=abs)
        return super().step(action)


class SlowerByLines(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.records = []

    def reset(self, **kwargs):
        self.records.extend(itertools.repeat(1, 30))
        for record in self.records:
            self.last = record
        return super().reset(**kwargs)


class Sleeps(Lamp):
    def step(self, action):
        time.sleep(0.01)
        return super().step(action)


class SleepsAtTheEnd(Lamp):
    def step(self, action):
        *rest, truncated, info = super().step(action)
        if truncated:
            time.sleep(0.05)
        return *rest, truncated, info


class WorksHard(Lamp):
    def step(self, action):
        begun = time.thread_time()
        while time.thread_time() - begun < 0.001:
            pass
        return super().step(action)


@pytest.mark.parametrize(
    ("kind", "code", "text", "budget"),
    [
        (SlowerByC, "EK870", "a step takes", LIGHT),
        (SlowerByLines, "EK871", "the same reset runs", LIGHT),
        (Sleeps, "EK872", r"every step waits at least 1\d ms", SLOW),
        (SleepsAtTheEnd, "EK872", r"some steps wait [5-9]\d ms", HEAVY),
    ],
)
def test_time_that_is_lost_is_told(kind, code, text, budget):
    found, _ = judged(kind, budget)
    assert found.keys() - {"EK811"} == {code}
    assert re.search(text, found[code].message)
    assert found[code].severity is Severity.WARNING


def test_work_is_neither_sleep_nor_growth():
    assert judged(WorksHard, HEAVY)[0] == {}


class LeavesAFileAtTheEnd(Lamp):
    def step(self, action):
        *rest, truncated, info = super().step(action)
        if truncated:
            Path("statistics.csv").write_text("20")
        return *rest, truncated, info


class LeavesTemporaryFolders(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.folder = tempfile.mkdtemp(prefix="lamp-")


class CleansUp(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.folder = tempfile.TemporaryDirectory(prefix="lamp-")
        Path("lock").touch()

    def close(self):
        self.folder.cleanup()
        Path("lock").unlink(missing_ok=True)

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "folder"}


class CachesOneFile(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        Path(tempfile.gettempdir(), "lamp-cache").touch()


def test_files_that_are_left_are_named_and_others_are_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "statistics.csv" in judged(LeavesAFileAtTheEnd)[0]["EK806"].message
    assert "a temporary folder behind: lamp-" in judged(LeavesTemporaryFolders)[0]["EK806"].message
    assert "EK806" not in judged(CleansUp)[0]
    assert "EK806" not in judged(CachesOneFile)[0]


class PrintsAtTheEnd(Lamp):
    def step(self, action):
        *rest, truncated, info = super().step(action)
        if truncated:
            os.write(1, b"the evening is over\n")
        return *rest, truncated, info


class PrintsABanner(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        print("Lamp 1.0", flush=True)


def test_what_episodes_print_is_told_and_a_banner_is_not():
    assert "prints to stdout: 'the evening is over'" in judged(PrintsAtTheEnd)[0]["EK807"].message
    assert judged(PrintsABanner)[0] == {}


class RoundsForEverybody(Lamp):
    def reset(self, **kwargs):
        np.set_printoptions(precision=2)
        return super().reset(**kwargs)


class MovesAtTheEnd(Lamp):
    def step(self, action):
        *rest, truncated, info = super().step(action)
        if truncated:
            os.chdir("/")
        return *rest, truncated, info


class FiltersOnce(Lamp):
    done = False

    def reset(self, **kwargs):
        if not FiltersOnce.done:
            FiltersOnce.done = True
            warnings.filterwarnings("ignore", message="as a library does when it is loaded")
        return super().reset(**kwargs)


def test_settings_that_change_are_told_and_put_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = settings.read()
    changed = judged(RoundsForEverybody)[0]["EK805"]
    assert (changed.severity, changed.kind) == (Severity.WARNING, "numpy's print options")
    assert "reset changes numpy's print options: precision was 8 and is 2" in changed.message
    moved = judged(MovesAtTheEnd)[0]["EK805"]
    assert (moved.severity, moved.kind) == (Severity.ERROR, "the working directory")
    assert moved.case.last.actions
    assert judged(FiltersOnce)[0] == {}
    assert {what for what in before if settings.read()[what] != before[what]} == set()
