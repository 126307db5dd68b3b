import os
from pathlib import Path

import pytest

from envkit.core.errors import StorageFailed
from envkit.runs.atomic import atomic_write


def test_a_file_is_written_whole_and_replaced_whole(tmp_path):
    for data in (b"first", b"second"):
        atomic_write(tmp_path / "file", data)
        assert (tmp_path / "file").read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_others_may_read_it_as_the_umask_allows(tmp_path):
    before = os.umask(0o027)
    try:
        atomic_write(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("place", ["write", "fsync", "chmod", "replace"])
def test_whatever_fails_the_old_file_stays_and_nothing_is_left(tmp_path, monkeypatch, place):
    atomic_write(tmp_path / "file", b"old")

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    if place == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    elif place == "write":
        monkeypatch.setattr(Path, "write_bytes", fail)
    else:
        monkeypatch.setattr(Path, place, fail)
    with pytest.raises(StorageFailed, match=f"cannot write {tmp_path / 'file'}: No space left on device"):
        atomic_write(tmp_path / "file", b"new")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to(Path("real", "file"))
    atomic_write(tmp_path / "link", b"new")
    assert (tmp_path / "link").readlink() == Path("real", "file")
    assert (tmp_path / "real" / "file").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "link", "real"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_written_into(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        atomic_write(pipe, b"data")
        assert os.read(descriptor, 10) == b"data"
    finally:
        os.close(descriptor)
    assert pipe.is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="the system has no device that is always full")
def test_a_device_that_is_full_says_so_and_stays():
    with pytest.raises(StorageFailed, match="cannot write /dev/full: No space left on device"):
        atomic_write(Path("/dev/full"), b"data")
    assert Path("/dev/full").is_char_device()


def test_a_folder_is_not_written_over(tmp_path):
    with pytest.raises(StorageFailed, match=f"cannot write {tmp_path}: Is a directory"):
        atomic_write(tmp_path, b"data")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StorageFailed, match=r"cannot write .*/absent/file: No such file or directory"):
        atomic_write(tmp_path / "absent" / "file", b"")
