"""A child that is started ahead of its request serves the next run, or nobody, and leaves nothing behind."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from envkit.isolate import start
from envkit.isolate.parent import Limits, run

QUICK = Limits(call_seconds=5, total_seconds=60)
CHILD = """
import os

loaded = []

def ready():
    loaded.append(os.getpid())

def broken():
    raise RuntimeError("nothing is ready")

def told(ledger):
    return {"pid": os.getpid(), "loaded": loaded}
"""


@pytest.fixture(autouse=True)
def a_child_of_tests(tmp_path, monkeypatch):
    (tmp_path / "ahead_of_tests.py").write_text(CHILD)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    while start._waiting:
        start._waiting.pop().abandon()


def answer():
    ending = run("ahead_of_tests:told", {}, QUICK)
    assert ending.kind == "answered"
    return ending.answer


def test_the_next_run_takes_the_child_that_has_loaded_ahead_and_the_one_after_it_another():
    start.ahead("ahead_of_tests:ready")
    waiting = start._waiting[0].process.pid
    assert answer() == {"pid": waiting, "loaded": [waiting]}
    assert answer()["loaded"] == []


def test_one_is_started_ahead_at_a_time():
    start.ahead("ahead_of_tests:ready")
    start.ahead("ahead_of_tests:ready")
    assert len(start._waiting) == 1


def test_a_child_that_waits_in_other_surroundings_is_not_taken(tmp_path, monkeypatch):
    start.ahead("ahead_of_tests:ready")
    waiting = start._waiting[0]
    monkeypatch.setenv("ENVKIT_TEST_OF_SURROUNDINGS", "1")
    assert answer()["pid"] != waiting.process.pid
    assert waiting.process.returncode is not None
    assert not Path(waiting.folder).exists()

    start.ahead("ahead_of_tests:ready")
    waiting = start._waiting[0]
    monkeypatch.chdir(tmp_path)
    assert answer()["pid"] != waiting.process.pid


def test_what_importing_gymnasium_sets_does_not_matter(monkeypatch):
    monkeypatch.delenv(start.PROMPT, raising=False)
    start.ahead("ahead_of_tests:ready")
    monkeypatch.setenv(start.PROMPT, "hide")
    assert answer()["loaded"]


def test_a_check_on_the_command_line_starts_one_child():
    program = """
        import sys
        from envkit.isolate import start

        class Counted(start.Start):
            def __init__(self, ready=""):
                print("started", ready)
                super().__init__(ready)

        start.Start = Counted
        from envkit.cli.main import main

        sys.argv = ["envkit", "check", "CartPole-v1", "--budget", "quick", "--select", "EK1"]
        main()
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True, timeout=120
    )
    assert [line for line in told.stdout.splitlines() if "started" in line] == ["started envkit.check.session:ready"]


@pytest.mark.parametrize("ready", ["ahead_of_tests:broken", "ahead_of_tests:missing", "no_such_module:ready"])
def test_what_goes_wrong_ahead_is_left_to_the_request(ready):
    start.ahead(ready)
    assert answer()["loaded"] == []


def test_a_child_that_is_never_asked_ends_with_the_process_that_started_it():
    program = """
        from envkit.isolate import start

        start.ahead("ahead_of_tests:ready")
        print(start._waiting[0].process.pid, start._waiting[0].folder, start._waiting[0].ledger.path)
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True, timeout=60
    )
    pid, *left = told.stdout.split()
    assert told.stderr == ""
    assert not any(Path(path).exists() for path in left)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
