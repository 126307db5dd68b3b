import re
import sys

import pytest

from envkit.cli import progress as module
from envkit.cli.progress import progress
from envkit.core.progress import Progress


class Clock:
    now = 0.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(module, "time", Clock())
    return module.time


def told(clock, seconds, *, show=True):
    """Reports 100 of 1,000 episodes after each of these times."""
    with progress(show=show) as report:
        for number, passed in enumerate(seconds):
            clock.now += passed
            report(Progress(100 * (number + 1), 1000, 0, -1.0))


def test_a_long_job_is_announced_once_with_its_size(clock, capsys):
    told(clock, [2, 2, 2, 2])
    assert capsys.readouterr().err == "envkit: 1,000 episodes, 16 s or more; --episodes N for fewer\n"


@pytest.mark.parametrize(
    "seconds",
    [[0.1] * 10, [5, 0.1, 0.1, 0.1], [0.1, 5, 0.1, 0.1], [0.5, 0.5, 0.5, 3, 3, 0.1]],
    ids=["short", "first", "later", "twice"],
)
def test_a_short_job_is_not_and_neither_is_one_that_waits_for_the_compiler_or_an_update(clock, capsys, seconds):
    told(clock, seconds)
    assert capsys.readouterr().err == ""


def test_a_quiet_job_says_nothing(clock, capsys):
    told(clock, [2, 2, 2], show=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("columns", [80, 120])
def test_the_bar_fits_the_terminal_with_the_time_that_remains(clock, capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress(show=True) as report:
        for episodes in (250_000, 1_000_000):
            clock.now += 60
            report(Progress(episodes, 2_000_000, 10**9, -123.4))
    written = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().err)
    line = next(line.strip() for line in written.splitlines() if "2,000,000" in line)
    assert len(line) <= columns
    assert line.count("━") >= 15
    assert re.search(r"50% of 2,000,000 episodes, return -123.4 \d:\d\d:\d\d$", line)
