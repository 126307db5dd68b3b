"""Every way in which a child can end becomes an `Ending`, quickly, and nothing is left behind."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envkit.core.errors import StorageFailed
from envkit.isolate import start
from envkit.isolate.ledger import SLOT_BYTES, SLOTS, Ledger
from envkit.isolate.parent import OUTPUT_BYTES, Limits, run

QUICK = Limits(call_seconds=0.4, total_seconds=20)

CHILD = """
import ctypes, os, signal, subprocess, sys, time

def add(ledger, a, b):
    return {"sum": a + b}

def last_words(ledger, how):
    ledger.chapter = "the end"
    for number in range(40):
        ledger.start(f"step {number}")
        ledger.finish()
    ledger.start("step 40")
    HOW[how]()
    ledger.finish()

def spin():
    while True:
        pass

def hold():
    time.sleep(100)

def ignore():
    for number in (signal.SIGABRT, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    spin()

def flood():
    while True:
        os.write(1, b"x" * 65536)

def swell():
    kept = []
    while True:
        kept.append(bytearray(os.urandom(1024)) * 20_000)

def close_all():
    os.closerange(0, 256)

HOW = {
    "exit": lambda: os._exit(3), "segfault": lambda: ctypes.string_at(0), "abort": os.abort, "spin": spin, "hold": hold,
    "ignore": ignore, "flood": flood, "swell": swell, "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "close_all": close_all,
}

def works(ledger, seconds):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ledger.start("step 0")
    while time.process_time() < seconds:
        pass
    ledger.finish()
    return {}

def raises(ledger):
    raise KeyError("ours")

def leaves_a_child(ledger):
    process = subprocess.Popen(["sleep", "60"])
    return {"pid": process.pid}
"""


@pytest.fixture
def child(tmp_path, monkeypatch):
    (tmp_path / "parting.py").write_text(CHILD)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_an_answer_comes_back(child):
    ending = run("parting:add", {"a": 2, "b": 3}, QUICK)
    assert (ending.kind, ending.answer) == ("answered", {"sum": 5})


@pytest.mark.parametrize(
    ("how", "kind", "text"),
    [
        ("exit", "died", "the process ended with exit code 3"),
        ("segfault", "died", "killed by SIGSEGV"),
        ("abort", "died", "killed by SIGABRT"),
        ("kill", "died", "killed by SIGKILL"),
        ("spin", "hung", "no answer within 0.4 s"),
        ("hold", "hung", "no answer within 0.4 s"),
        ("ignore", "hung", "no answer within 0.4 s"),
        ("flood", "hung", "no answer within 0.4 s"),
    ],
)
def test_a_death_is_told_with_its_last_calls(child, how, kind, text):
    ending = run("parting:last_words", {"how": how}, QUICK)
    assert (ending.kind, ending.how, ending.chapter) == (kind, text, "the end")
    assert ending.in_call
    assert ending.calls[-8:] == tuple(f"step {number}" for number in range(33, 41))
    assert len(ending.output) <= OUTPUT_BYTES


@pytest.mark.parametrize("how", ["spin", "hold", "segfault"])
def test_the_stack_names_the_line(child, how):
    stack = run("parting:last_words", {"how": how}, QUICK).stack
    assert any("parting.py" in line for line in stack)


def test_memory_is_bounded(child):
    ending = run("parting:last_words", {"how": "swell"}, Limits(call_seconds=30, memory_bytes=2**29))
    assert (ending.kind, ending.how) == ("memory", "more than 0.5 GiB of memory in use")


def test_a_child_that_closes_everything_is_not_taken_for_an_answer(child):
    assert run("parting:last_words", {"how": "close_all"}, QUICK).kind == "died"


def test_the_verdict_on_a_hang_comes_soon_after_its_limit(child):
    begun = time.monotonic()
    run("parting:last_words", {"how": "ignore"}, QUICK)
    assert time.monotonic() - begun < 5


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this system does not tell who waits how long")
def test_a_call_that_waits_for_a_busy_machine_does_not_hang(child):
    core = min(os.sched_getaffinity(0))
    busy = f"import os; os.sched_setaffinity(0, {{{core}}}); print('busy', flush=True)\nwhile True: pass"
    start = {
        "stdout": subprocess.PIPE,
        "text": True,
        "start_new_session": True,
    }  # one session shares one process's part
    others = [subprocess.Popen([sys.executable, "-c", busy], **start) for _ in range(6)]
    try:
        for other in others:
            assert other.stdout.readline() == "busy\n"
        begun = time.monotonic()
        assert run("parting:works", {"seconds": 0.5}, Limits(call_seconds=1.0, total_seconds=60)).kind == "answered"
        assert time.monotonic() - begun > 1.1  # so it did wait, for longer than the call may take
    finally:
        for other in others:
            other.kill()
            other.communicate()


def test_what_our_own_function_raises_is_raised(child):
    with pytest.raises(RuntimeError, match="KeyError: 'ours'"):
        run("parting:raises", {}, QUICK)


def test_what_the_child_started_is_ended_with_it(child):
    pid = run("parting:leaves_a_child", {}, QUICK).answer["pid"]
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pid)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_ledger_keeps_the_last_calls_and_leaves_no_file():
    ledger = Ledger.create()
    child = Ledger(ledger.path)
    for number in range(SLOTS + 5):
        child.start(f"step {number} {'x' * SLOT_BYTES}")
        child.finish()
    child.start("step ünfinished")
    assert ledger.read() == (SLOTS + 6, SLOTS + 5)
    assert len(ledger.last()) == SLOTS
    assert ledger.last(1) == ["step ünfinished"]
    child.close()
    ledger.remove()
    assert not Path(ledger.path).exists()


def test_a_full_disk_is_said_in_a_line_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(start.tempfile, "tempdir", str(tmp_path))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limit[1]))
    try:
        with pytest.raises(StorageFailed, match="cannot write to .*: File too large; make room there, or set TMPDIR"):
            run("child_of_tests:add", {"a": 2, "b": 3}, QUICK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []
