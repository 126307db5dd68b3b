"""Scalars as TensorBoard reads them: an event file in a folder, which `tensorboard --logdir FOLDER` shows."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from envkit.core.errors import StorageFailed
from envkit.core.optional import need

EXTRA = {"extra": "tensorboard", "purpose": "an event file"}


def write_scalars(folder: Path, rows: Iterable[tuple[int, Mapping[str, float]]]) -> None:
    """Adds an event file to the folder, which is made if need be.

    Args:
      rows: (step, {tag: value}), such as (3, {"return": 41.0}) for the fourth episode.

    Raises:
      MissingExtra: when tensorboard is not installed.
      StorageFailed: when it cannot be written.
    """
    events = need("tensorboard.compat.proto.event_pb2", **EXTRA)
    summaries = need("tensorboard.compat.proto.summary_pb2", **EXTRA)
    writers = need("tensorboard.summary.writer.event_file_writer", **EXTRA)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writer = writers.EventFileWriter(str(folder))
        for step, values in rows:
            told = [summaries.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
            writer.add_event(events.Event(step=step, wall_time=time.time(), summary=summaries.Summary(value=told)))
        writer.close()
    except OSError as error:
        raise StorageFailed(f"cannot write {folder}: {error.strerror or error}; name another folder") from error
