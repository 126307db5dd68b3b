"""The log of a run: whatever happens to its end, what stood before can be read."""

from pathlib import Path

import pytest

from envkit.core.errors import ArtifactRefused, StorageFailed
from envkit.runs.events import EventLog, events

THREE = [{"kind": "episode", "steps": 5, "return": 0.1}, {"kind": "a", "text": 'x", "crc": "0"}\n'}, {"number": None}]


@pytest.fixture
def path(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    for event in THREE:
        log.add(event)
    log.sync()
    log.close()
    return log.path


def test_what_was_added_is_read(path):
    assert events(path) == (THREE, 0)


def test_of_a_log_that_was_cut_off_anywhere_all_whole_lines_are_read(path):
    data = path.read_bytes()
    ends = [place for place, byte in enumerate(data) if byte == ord("\n")]
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        whole = sum(size >= end for end in ends)
        found, damaged = events(path)
        assert found == THREE[:whole]
        assert damaged == (size not in (0, *ends, *(end + 1 for end in ends)))


def test_what_is_added_to_a_log_that_was_cut_off_stands_on_a_line_of_its_own(path):
    data = path.read_bytes()
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        before, _ = events(path)
        log = EventLog(path)
        log.add({"new": 1})
        log.close()
        found, _ = events(path)
        assert found == [*before, {"new": 1}]


def test_zeros_at_the_end_are_no_lines(path):
    path.write_bytes(path.read_bytes() + b"\0" * 100)
    assert events(path) == (THREE, 0)


def test_a_changed_bit_costs_its_line_alone(path):
    data = path.read_bytes()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 4
        path.write_bytes(changed)
        found, damaged = events(path)
        assert all(event in THREE for event in found)
        assert len(found) >= len(THREE) - 2  # a newline that is gone costs two
        assert damaged >= 1


def test_where_it_cannot_be_written_it_says_so(tmp_path):
    with pytest.raises(StorageFailed, match=r"cannot write .*nowhere/events.jsonl: No such file"):
        EventLog(tmp_path / "nowhere" / "events.jsonl")
    log = EventLog(tmp_path / "full")
    log._file.close()
    log._file = Path("/dev/full").open("ab", buffering=0)  # noqa: SIM115
    with log._file, pytest.raises(StorageFailed, match="No space left"):
        log.add({"a": 1})
    with pytest.raises(ArtifactRefused, match="cannot be read: No such file"):
        events(tmp_path / "nothing")
