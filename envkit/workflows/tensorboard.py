"""Scalars as TensorBoard reads them: an event file in a folder, which `tensorboard --logdir FOLDER` shows."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from envkit.core.errors import StorageFailed
from envkit.core.optional import need

EXTRA = {"extra": "tensorboard", "purpose": "an event file"}
FLUSHED = 10  # seconds after which what was added can be seen


class Scalars:
    """An event file of its own in a folder, which is made if need be."""

    def __init__(self, folder: Path, begin: int = 0):
        """
        Args:
          begin: what other files of the folder say of later steps holds no more.

        Raises:
          MissingExtra: when tensorboard is not installed.
          StorageFailed: when it cannot be written; so too `add` and `close`.
        """
        self._events = need("tensorboard.compat.proto.event_pb2", **EXTRA)
        self._summary = need("tensorboard.compat.proto.summary_pb2", **EXTRA).Summary
        writers = need("tensorboard.summary.writer.event_file_writer", **EXTRA)
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._writer = writers.EventFileWriter(str(folder), flush_secs=FLUSHED)
        except OSError as error:
            raise self._failed(error) from error
        if begin:
            session = self._events.SessionLog(status=self._events.SessionLog.START)
            self._add(self._events.Event(step=begin + 1, wall_time=time.time(), session_log=session))

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Adds {tag: value} of a step."""
        told = [self._summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
        self._add(self._events.Event(step=step, wall_time=time.time(), summary=self._summary(value=told)))

    def close(self) -> None:
        try:
            self._writer.close()
        except OSError as error:
            raise self._failed(error) from error

    def _add(self, event: object) -> None:
        try:
            self._writer.add_event(event)
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> StorageFailed:
        return StorageFailed(f"cannot write {self.folder}: {error.strerror or error}; name another folder")


def write_scalars(folder: Path, rows: Iterable[tuple[int, Mapping[str, float]]]) -> None:
    """Adds an event file to the folder.

    Args:
      rows: (step, {tag: value}), such as (3, {"return": 41.0}) for the fourth episode.

    Raises:
      MissingExtra, StorageFailed: as of `Scalars`.
    """
    scalars = Scalars(folder)
    try:
        for step, values in rows:
            scalars.add(step, values)
    finally:
        scalars.close()
