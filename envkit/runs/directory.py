"""A directory for one run, which no other run ever shares.

config.json   what was asked: environment, algorithm, seed, hyper-parameters, versions
policy.npz    the policy and its values
curve.csv, .jsonl  of learning: steps, episodes, mean return, and what else was noted
planning.csv, .jsonl  watched values by planning, sweep after sweep
frames.npz    the values at some moments of learning, where pictures can be drawn of them
episodes.csv, .jsonl  of a training: every episode
evaluations.csv, .jsonl  of a training: what was played in between to see how far it is
checkpoint.npz  of a run that was interrupted, or of a training: where it stood
checkpoint-before.npz  likewise the time before, should that one be damaged
events.jsonl  of a training: what happened, as it happened
lock          which process is at work here
result.json   what came out; written last, so where it is, the run is complete
"""

import contextlib
import csv
import io
import itertools
import json
import math
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.errors import ArtifactRefused, StorageFailed, UsageError
from envkit.runs.arrays import Arrays, packed, unpacked
from envkit.runs.atomic import atomic_write
from envkit.runs.lock import locked

RUNS = Path("runs")  # where they go by default, below the current directory
OPTION = "--run-dir"  # by which another place is named
CONFIG, RESULT = "config.json", "result.json"
CHECKPOINT, BEFORE = "checkpoint.npz", "checkpoint-before.npz"
EVENTS = "events.jsonl"
SEEDS = "seeds.json"  # in the directory of many runs
POLICY, FRAMES, CURVE, PLANNING = "policy.npz", "frames.npz", "curve", "planning"
EPISODES, EVALUATIONS = "episodes", "evaluations"  # of a training


def way_on(path: Path) -> str:
    """What can be done with a run that lacks something: go on with it, or make it anew."""
    if (path / RESULT).exists():
        return "the run was complete, so it cannot be gone on with; start it anew"
    if _generations(path):
        return f"the run is not over: envkit solve --resume {path} goes on with it"
    return "nothing was kept to go on with; start it anew"


class RunDirectory:
    """A directory that belongs to this run alone; made by `new` or `named`."""

    def __init__(self, path: Path, *, made: Sequence[Path]):
        """
        Args:
          made: the directories that were made for it, its own included; the inner ones first.
        """
        self.path = path
        self._made = tuple(made)

    @classmethod
    def new(cls, parent: Path, label: str, *, option: str = OPTION) -> "RunDirectory":
        """The first free `parent/label-1`, `-2`, ...; making it is what claims it, so two processes never share one.

        Args:
          option: by which another place is named.

        Raises:
          StorageFailed: when it cannot be made or written.
        """
        label = re.sub(r"[^\w.]+", "-", label).strip("-.")[:80]
        number = 1
        while True:
            path = parent / f"{label}-{number}"
            missing = _missing(parent)
            try:
                parent.mkdir(parents=True, exist_ok=True)
                path.mkdir()
            except FileExistsError:
                if not path.exists():  # it is the parent that exists, and is a file
                    message = f"cannot make {path}: {parent} is not a directory; name another place with {option} DIR"
                    raise StorageFailed(message) from None
                number += 1
            except OSError as error:
                raise StorageFailed(_unmade(path, error, option)) from error
            else:
                return cls(path, made=(path, *missing))

    @classmethod
    def named(cls, path: Path, *, option: str = OPTION) -> "RunDirectory":
        """This very directory: made, or taken if it is empty.

        Args:
          option: as of `new`.

        Raises:
          UsageError: when something is in it already.
          StorageFailed: when it cannot be made or written.
        """
        missing = _missing(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise UsageError(f"{path} is not empty; name another {option} DIR, or leave it out for a fresh one")
            # Two processes may have come as far as this; only one of them can make the file.
            os.close(os.open(path / CONFIG, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            if path.is_dir():
                raise UsageError(f"{path} was taken by another run just now; name another {option} DIR") from None
            raise StorageFailed(f"cannot make {path}: a file of that name exists; name another {option} DIR") from None
        except OSError as error:
            raise StorageFailed(_unmade(path, error, option)) from error
        return cls(path, made=missing)

    @classmethod
    @contextlib.contextmanager
    def again(cls, path: Path, *, over: bool = False) -> Iterator["RunDirectory"]:
        """A directory whose run was interrupted; while it is open no other process gets it.

        Args:
          over: take one whose run is complete too.

        Raises:
          UsageError: where there is no such run, it is complete, or another process works on it.
        """
        if not (path / CONFIG).is_file():
            raise UsageError(f"{path} is not the directory of a run: it has no {CONFIG}")
        if (path / RESULT).exists() and not over:
            raise UsageError(f"{path} is complete: there is nothing to go on with")
        if not _generations(path):
            raise UsageError(f"{path} has no {CHECKPOINT}: {way_on(path)}")
        with locked(path):
            yield cls(path, made=())

    @classmethod
    @contextlib.contextmanager
    def claimed(cls, wanted: str | Path | bool | None, label: str) -> Iterator["RunDirectory | None"]:
        """A run's directory, taken before any work is done, and cleared away if the work fails with nothing kept.

        While it is open no other process gets it.

        Args:
          wanted: this directory; by default a new one below `runs`; none at all if False.
          label: of a new one's name.
        """
        if wanted is False:
            yield None
            return
        directory = cls.named(Path(wanted)) if isinstance(wanted, str | Path) else cls.new(RUNS, label)
        with locked(directory.path):
            try:
                yield directory
            except BaseException:
                if not _generations(directory.path):
                    directory.abandon()
                raise

    def read_json(self, name: str) -> Any:
        """What a file of the run says. Raises ArtifactRefused where it is no JSON."""
        try:
            return json.loads((self.path / name).read_bytes())
        except (OSError, ValueError) as error:
            raise ArtifactRefused(f"{self.path / name} is damaged: {error}") from error

    def keep(self, arrays: Arrays) -> None:
        """Writes a checkpoint; the one before it stays, should this one be damaged one day."""
        newest = self.path / CHECKPOINT
        with contextlib.suppress(FileNotFoundError):
            newest.replace(self.path / BEFORE)
        self.write_arrays(CHECKPOINT, arrays)

    def kept(self) -> tuple[dict[str, npt.NDArray[Any]], str]:
        """(the newest checkpoint that can be read, a note where that is not the newest of all).

        Raises:
          ArtifactRefused: none can be read; it speaks of the newest.
        """
        first: ArtifactRefused | None = None
        for path in _generations(self.path):
            try:
                arrays = unpacked(path)
            except ArtifactRefused as error:
                first = first or error
            else:
                return arrays, "" if first is None else f"gone on from {path.name}, for {first}"
        raise first or ArtifactRefused(f"{self.path / CHECKPOINT} is missing")

    @property
    def can_go_on(self) -> bool:
        """Whether anything was kept to go on from."""
        return any(path.is_file() for path in _generations(self.path))

    def forget(self) -> None:
        """Removes the checkpoints: the run is over, and cannot be gone on with."""
        for path in _generations(self.path):
            path.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        with contextlib.suppress(OSError):
            (self.path / name).unlink()

    def write(self, name: str, data: bytes) -> None:
        """Writes a file of the run, atomically."""
        atomic_write(self.path / name, data)

    def write_json(self, name: str, data: Any) -> None:
        """Writes strict JSON: a number that is not finite is refused."""
        self.write(name, (json.dumps(data, indent=2, allow_nan=False) + "\n").encode())

    def write_arrays(self, name: str, arrays: Arrays) -> None:
        self.write(name, packed(arrays))

    def write_table(self, name: str, columns: Sequence[str], rows: npt.NDArray[np.float64]) -> None:
        """Writes NAME.csv and NAME.jsonl; numbers that are whole are written so, and nan is left empty, or null."""
        told = [[_told(value) for value in row] for row in rows.tolist()]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([columns, *told])
        self.write(f"{name}.csv", text.getvalue().encode())
        lines = [json.dumps(dict(zip(columns, row, strict=True)), allow_nan=False) + "\n" for row in told]
        self.write(f"{name}.jsonl", "".join(lines).encode())

    def abandon(self) -> None:
        """Removes what a run that failed has written, and the directories that were made for it if nobody uses them."""
        for entry in self.path.iterdir():
            if entry.is_dir():  # of a run within this one
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # another run has moved in meanwhile
            for folder in self._made:
                folder.rmdir()


def _told(value: float) -> float | int | None:
    """A number as JSON knows it, or None."""
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


def _generations(path: Path) -> list[Path]:
    """The checkpoints of a run, the newest first."""
    return [file for file in (path / CHECKPOINT, path / BEFORE) if file.exists()]


def _missing(path: Path) -> list[Path]:
    """The directories that are to be made for `path`, itself included; the inner ones first."""
    return list(itertools.takewhile(lambda folder: not folder.exists(), (path, *path.parents)))


def _unmade(path: Path, error: OSError, option: str) -> str:
    return f"cannot write into {path}: {error.strerror or error}; name another place with {option} DIR"
