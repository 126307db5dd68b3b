"""A log to which lines are only ever added, so that a process may die at any moment and lose the last line at most.

Each line is a JSON object that ends with a checksum of what stands before it: `{"kind": "episode", ..., "crc": "..."}`.
"""

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envkit.core.errors import ArtifactRefused, StorageFailed

MARK = ', "crc": "'


class EventLog:
    """Adds events to a file. Raises StorageFailed where that cannot be done."""

    def __init__(self, path: Path):
        self.path = path
        try:
            self._file = path.open("ab+", buffering=0)  # open for as long as the run is
            self._finish_line()
        except OSError as error:
            raise self._failed(error) from error

    def add(self, event: Mapping[str, Any]) -> None:
        """Adds one; it has at least one entry, and none that is not of JSON's kinds."""
        self._write(_line(event))

    def sync(self) -> None:
        """Returns when all that was added is on the disk."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        self._file.close()

    def _finish_line(self) -> None:
        """What a process that died left half written must not swallow the next line."""
        size = self._file.seek(0, os.SEEK_END)
        if size:
            self._file.seek(size - 1)
            if self._file.read(1) != b"\n":
                self._write(b"\n")

    def _write(self, data: bytes) -> None:
        try:
            written = self._file.write(data)
        except OSError as error:
            raise self._failed(error) from error
        if written != len(data):
            raise StorageFailed(f"cannot write {self.path}: {written} of {len(data)} bytes went in; is the disk full?")

    def _failed(self, error: OSError) -> StorageFailed:
        return StorageFailed(f"cannot write {self.path}: {error.strerror or error}")


def _line(event: Mapping[str, Any]) -> bytes:
    body = json.dumps(event, allow_nan=False, separators=(", ", ": "))[:-1].encode()
    return body + f'{MARK}{zlib.crc32(body):08x}"}}\n'.encode()


def events(path: Path) -> tuple[list[dict[str, Any]], int]:
    """(all whole events, how many lines were damaged).

    Raises:
      ArtifactRefused: the file cannot be read.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise ArtifactRefused(f"{path} cannot be read: {error.strerror or error}") from error
    read = [_event(line) for line in lines if line.strip(b"\0")]
    whole = [event for event in read if event is not None]
    return whole, len(read) - len(whole)


def _event(line: bytes) -> dict[str, Any] | None:
    body, mark, check = line.rpartition(MARK.encode())
    if not mark or check != f'{zlib.crc32(body):08x}"}}'.encode():
        return None
    event: dict[str, Any] = json.loads(body + b"}")  # which the checksum vouches for
    return event
