"""What becomes of a search that is stopped or killed, and of one whose files are not what they were."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from searches import CORRIDOR, TARGET, TOLD, found, quick, table

from envkit.cli.main import run
from envkit.core.errors import ArtifactRefused, EnvironmentFailed, Interrupted, StorageFailed, UsageError
from envkit.runs.lock import locked
from envkit.workflows.tune import go_on, tune
from envkit.workflows.tuning import store


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_environment_that_fails_ends_it_and_what_was_found_is_kept(jobs):
    with pytest.raises(EnvironmentFailed, match=r"the bow broke.*; \d+ trials? of 50 (is|are) kept: envkit tune --res"):
        quick(50, env_kwargs={"fails_after": 30 + jobs}, tune_dir="t", jobs=jobs)
    assert 1 <= len(table(Path("t/trials.csv"))) < 50
    assert Path("t/preset.toml").is_file()


def test_an_environment_that_fails_at_once_leaves_nothing_behind():
    with pytest.raises(EnvironmentFailed, match="not one trial had ended, so nothing is kept"):
        quick(env_kwargs={"fails_after": 1})
    assert not Path("tunes").exists()


def stopping(number, after=2):
    """A reporter that sends a signal after so many improvements."""
    seen = []

    def report(progress):
        if progress.notice and "trial" in progress.notice:
            seen.append(progress.notice)
            if len(seen) == after:
                os.kill(os.getpid(), number)

    return report


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_cleanly_and_it_goes_on_as_if_nothing_had_been(number, code):
    whole = quick(14)
    with pytest.raises(Interrupted, match=r"stopped; \d+ trials of 14 are kept: envkit tune --resume t$") as caught:
        quick(14, tune_dir="t", report=stopping(number))
    assert caught.value.exit_code == code
    assert not Path("t/result.json").exists()
    assert found(go_on("t")) == found(whole)


def test_a_training_under_way_is_stopped_too():
    def report(progress):
        if progress.steps > 200:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted, match="stopped; not one trial had ended, so nothing is kept"):
        tune(CORRIDOR, "a2c", trials=3, steps=1_000_000, report=report)
    assert not Path("tunes").exists()


def test_a_search_that_is_killed_loses_no_more_than_the_trial_under_way():
    whole = quick(14, pause=0.1)
    command = [sys.executable, "-m", "envkit", "tune", TARGET, "--algo", TOLD, "--trials", "14", "--steps", "1"]
    command += [
        "--search",
        "height=0:1",
        "--search",
        "curve=straight,bent",
        "--set",
        "pause=0.1",
        "--eval-episodes",
        "5",
    ]
    process = subprocess.Popen([*command, "--tune-dir", "t", "--no-plots"], stderr=subprocess.DEVNULL)
    patience = time.monotonic() + 120
    while len(table(Path("t/trials.csv")) if Path("t/trials.csv").exists() else ()) < 3:
        assert process.poll() is None
        assert time.monotonic() < patience
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = len(table(Path("t/trials.csv")))
    assert before < 14
    tuned = go_on("t")
    assert found(tuned) == found(whole)
    with sqlite3.connect("t/study.db") as database:
        states = [row[0] for row in database.execute("SELECT state FROM trials")]
    assert len(states) <= 15
    assert "RUNNING" not in states


def test_one_that_is_over_goes_on_for_more_trials():
    whole = quick(14)
    quick(6, tune_dir="t")
    with pytest.raises(UsageError, match=r"t is complete: --trials \+N makes N more trials"):
        go_on("t")
    assert found(go_on("t", trials=8)) == found(whole)


def test_when_the_time_is_up_what_there_is_counts():
    tuned = quick(10_000, timeout=3.0, tune_dir="t")
    assert 1 <= len(tuned.attempts) < 10_000
    assert tuned.why == "the time is up"
    assert len(go_on("t", timeout=2.0).attempts) > len(tuned.attempts)
    with pytest.raises(UsageError, match="not one trial was over when the time is up"):
        tune(CORRIDOR, "a2c", steps=10**6, timeout=0.5)


@pytest.fixture
def _impatient(monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.2)


@pytest.mark.usefixtures("_impatient")
def test_a_store_that_another_process_has_locked_is_told_and_left_alone(capsys):
    quick(3, tune_dir="t")
    before = Path("t/study.db").read_bytes()
    other = sqlite3.connect("t/study.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert run(["tune", "--resume", "t", "--trials", "+3"]) == 5
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "t/study.db is locked by another process; when that has ended, go on with envkit tune --resume t" in error
    other.close()
    assert Path("t/study.db").read_bytes() == before
    assert len(go_on("t", trials=3).attempts) == 6


@pytest.mark.usefixtures("_impatient")
def test_a_lock_in_the_midst_of_it_loses_nothing_that_was_kept():
    whole = quick(14)
    other = None

    def report(progress):
        nonlocal other
        if progress.notice and other is None and "best so far" in progress.notice:
            other = sqlite3.connect("t/study.db", isolation_level=None)
            other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StorageFailed, match="t/study.db is locked by another process"):
        quick(14, tune_dir="t", report=report)
    other.close()
    assert found(go_on("t")) == found(whole)


def test_two_processes_do_not_search_in_one_directory():
    quick(3, tune_dir="t")
    with locked(Path("t")), pytest.raises(UsageError, match=r"process \d+ of .* is at work in t"):
        go_on("t", trials=1)


def _other_database(path):
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE songs (title TEXT)")
    database.close()


def _other_study(path):
    path.write_bytes((quick(2, seed=5).run_dir / "study.db").read_bytes())


def _scribbled(path):
    data = bytearray(path.read_bytes())
    for begin in range(8192, len(data) - 100, 4096):
        data[begin : begin + 64] = b"\xff" * 64
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.unlink(), "study.db cannot be read: No such file"),
        (lambda path: path.write_bytes(b""), "study.db is no SQLite file"),
        (lambda path: path.write_text("trial,height\n"), "study.db is no SQLite file"),
        (lambda path: path.write_bytes(path.read_bytes()[:6000]), "study.db is damaged: "),
        (lambda path: path.write_bytes(path.read_bytes()[:-5000]), "study.db is damaged: "),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + b"\7" * 5000), "study.db is damaged: "),
        (_scribbled, "study.db is damaged: "),
        (_other_database, "study.db is a database of something else: it has no table studies"),
        (_other_study, "study.db is of another study: "),
    ],
)
def test_a_store_that_is_damaged_or_foreign_is_refused_and_left_alone(capsys, damage, message):
    quick(3, tune_dir="t")
    damage(Path("t/study.db"))
    before = {path.name: path.read_bytes() for path in Path("t").iterdir()}
    assert run(["tune", "--resume", "t", "--trials", "+1"]) == 4
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith(f"envkit: t/{message}")
    assert {path.name: path.read_bytes() for path in Path("t").iterdir()} == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "t/config.json is damaged"),
        ("[]", "is not the configuration of a run: it has no schema"),
        (
            '{"schema": 1, "family": "deep"}',
            "is not the configuration of a search, but of a run: envkit solve --resume",
        ),
        ('{"schema": 1, "family": "tune"}', "is not the configuration of a search: KeyError: 'request'"),
    ],
)
def test_a_configuration_that_is_none_is_refused(text, message):
    quick(2, tune_dir="t")
    Path("t/config.json").write_text(text)
    with pytest.raises(ArtifactRefused) as caught:
        go_on("t")
    assert message in str(caught.value)


def test_what_is_no_search_is_not_gone_on_with():
    Path("empty").mkdir()
    with pytest.raises(UsageError, match=r"empty is not the directory of a search: it has no config.json"):
        go_on("empty")
