import errno
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from envkit.core.errors import ArtifactRefused, StorageFailed, UsageError
from envkit.runs.directory import BEFORE, CHECKPOINT, CONFIG, RunDirectory


def test_runs_of_one_label_are_counted(tmp_path):
    names = [RunDirectory.new(tmp_path / "runs", "pond-sarsa-s0").path.name for _ in range(3)]
    assert names == ["pond-sarsa-s0-1", "pond-sarsa-s0-2", "pond-sarsa-s0-3"]


@pytest.mark.parametrize(
    ("label", "name"),
    [("a/b:C-sarsa", "a-b-C-sarsa-1"), ("../../x", "x-1"), ("../.. y", "y-1"), ("Ünï-v0", "Ünï-v0-1")],
)
def test_a_label_is_made_into_one_plain_name(tmp_path, label, name):
    assert RunDirectory.new(tmp_path, label).path == tmp_path / name


@pytest.mark.parametrize("claim", ["new", "named"])
def test_many_at_once_never_share_a_directory(tmp_path, claim):
    start = threading.Barrier(16)

    def take(_):
        start.wait()
        try:
            return RunDirectory.new(tmp_path, "x").path if claim == "new" else RunDirectory.named(tmp_path / "own").path
        except UsageError:
            return None

    with ThreadPoolExecutor(16) as pool:
        paths = [path for path in pool.map(take, range(16)) if path]
    assert len(paths) == len(set(paths)) == (16 if claim == "new" else 1)


def test_a_named_directory_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "note").write_text("mine")
    with pytest.raises(UsageError, match=r"is not empty; name another --run-dir"):
        RunDirectory.named(tmp_path)
    assert (tmp_path / "note").read_text() == "mine"


def test_a_named_directory_may_be_empty(tmp_path):
    assert RunDirectory.named(tmp_path).path == tmp_path


@pytest.mark.parametrize("make", [lambda path: RunDirectory.new(path, "x"), RunDirectory.named])
def test_a_file_in_the_way_is_named(tmp_path, make):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match=str(tmp_path / "file")):
        make(tmp_path / "file")


def test_a_parent_that_is_a_file_is_told_with_the_remedy(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(StorageFailed, match=r"runs is not a directory; name another place with --run-dir DIR"):
        RunDirectory.new(tmp_path / "runs", "x")


@pytest.mark.parametrize("make", [lambda path: RunDirectory.new(path, "x"), RunDirectory.named])
def test_a_place_that_cannot_be_written_is_named_with_the_remedy(make, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match=r"cannot write into .*; name another place with --run-dir"):
        make(tmp_path / "file" / "below")


def test_numbers_that_are_not_finite_never_get_into_a_file(tmp_path):
    run = RunDirectory.new(tmp_path, "x")
    with pytest.raises(ValueError, match="not JSON compliant"):
        run.write_json("result.json", {"mean": float("nan")})
    run.write_json("result.json", {"mean": 1.5})
    assert json.loads((run.path / "result.json").read_text()) == {"mean": 1.5}


def test_an_abandoned_run_leaves_nothing(tmp_path):
    made, taken = RunDirectory.new(tmp_path, "x"), tmp_path / "taken"
    taken.mkdir()
    named = RunDirectory.named(taken)
    for run in (made, named):
        run.write("config.json", b"{}")
        run.abandon()
    assert not made.path.exists()
    assert list(taken.iterdir()) == []


@pytest.mark.parametrize("make", [lambda path: RunDirectory.new(path, "x"), RunDirectory.named])
def test_the_folders_made_for_an_abandoned_run_go_with_it(tmp_path, make):
    run = make(tmp_path / "deep" / "runs")
    run.write("config.json", b"{}")
    run.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_another_run_uses_stays(tmp_path):
    first = RunDirectory.new(tmp_path / "runs", "x")
    second = RunDirectory.new(tmp_path / "runs", "x")
    first.abandon()
    assert list((tmp_path / "runs").iterdir()) == [second.path]


def test_of_two_checkpoints_the_newest_that_can_be_read_is_gone_on_from(tmp_path):
    run = RunDirectory.new(tmp_path, "x")
    run.write_json(CONFIG, {})
    for number in range(3):
        run.keep({"number": np.array(number)})
    assert (int(run.kept()[0]["number"]), run.kept()[1]) == (2, "")
    newest, before = run.path / CHECKPOINT, run.path / BEFORE
    newest.write_bytes(newest.read_bytes()[:-9])
    arrays, note = run.kept()
    assert int(arrays["number"]) == 1
    assert note.startswith(f"gone on from {BEFORE}, for {newest} is damaged")
    newest.unlink()  # as by a process that was killed in between
    with RunDirectory.again(run.path) as again:
        assert int(again.kept()[0]["number"]) == 1
    before.write_bytes(b"")
    with pytest.raises(ArtifactRefused, match=f"{before} is damaged"):
        run.kept()
    run.forget()
    assert [file.name for file in run.path.iterdir()] == [CONFIG]


def test_a_full_disk_costs_no_checkpoint(tmp_path, monkeypatch):
    run = RunDirectory.new(tmp_path, "x")
    run.keep({"number": np.array(1)})
    monkeypatch.setattr("envkit.runs.atomic.os.fsync", lambda descriptor: os.write(descriptor, b"") or full())
    for _ in range(3):
        with pytest.raises(StorageFailed, match="No space left"):
            run.keep({"number": np.array(2)})
    assert int(run.kept()[0]["number"]) == 1


def full():
    raise OSError(errno.ENOSPC, "No space left on device")
