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


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StorageFailed, match=r"cannot write .*/absent/file: No such file or directory"):
        atomic_write(tmp_path / "absent" / "file", b"")
