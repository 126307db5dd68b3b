"""What a thread waits for a processor is told apart from what it takes."""

import os
import subprocess
import sys
import time

import pytest

from envkit.check import session
from envkit.isolate import waiting

linux = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")


class Clock:
    """A machine on which so many seconds pass, are worked, and are waited for a processor."""

    def __init__(self, monkeypatch):
        self.passed = self.worked = self.delayed = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.passed)
        monkeypatch.setattr(time, "thread_time", lambda: self.worked)
        for module in (waiting, session):
            monkeypatch.setattr(module, "delayed", lambda: self.delayed)

    def run(self, passed, *, worked=0.0, delayed=0.0):
        self.passed, self.worked, self.delayed = self.passed + passed, self.worked + worked, self.delayed + delayed


def test_an_allowance_is_not_spent_by_waiting_for_a_busy_machine(monkeypatch):
    clock = Clock(monkeypatch)
    allowance = waiting.Allowance(10)
    clock.run(9, worked=9)
    assert not allowance.spent
    clock.run(20, worked=0.5, delayed=19.5)
    assert not allowance.spent
    clock.run(1, worked=1)
    assert allowance.spent


@pytest.mark.parametrize(
    ("passed", "worked", "delayed", "taken"),
    [
        (0.2, 0.01, 0.18, 0.01),  # others had the processor
        (0.2, 0.01, 0.0, 0.2),  # it slept
        (0.2, 0.01, 0.1, 0.1),  # both
        (0.03, 0.01, 0.0, 0.01),  # hardly slower than alone
    ],
)
def test_what_something_takes_is_what_it_works_or_sleeps(monkeypatch, passed, worked, delayed, taken):
    clock = Clock(monkeypatch)
    pace = session.Pace()
    clock.run(passed, worked=worked, delayed=delayed)
    assert pace.of(passed) == pytest.approx(taken)


@linux
def test_a_thread_that_has_a_rival_on_its_processor_waits_for_it():
    processors = os.sched_getaffinity(0)
    before = waiting.delayed()
    rival = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        os.sched_setaffinity(rival.pid, {min(processors)})
        os.sched_setaffinity(0, {min(processors)})
        end = time.monotonic() + 30
        while waiting.delayed() < before + 0.05:
            assert time.monotonic() < end
    finally:
        os.sched_setaffinity(0, processors)
        rival.kill()
        rival.wait()


def test_where_the_system_keeps_none_there_is_none(tmp_path):
    assert waiting.delayed(tmp_path) is None
