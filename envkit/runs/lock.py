"""One process at a time in a run's directory, and who that is.

The system's lock on the file is what counts, for it goes with its process whatever that dies of. What stands in the
file says who has it; when another machine's process has died on a shared disk, that is all there is to go by.
"""

import contextlib
import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from envkit.core.errors import StorageFailed, UsageError

LOCK = "lock"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within, the folder is this process's alone.

    Raises:
      UsageError: another process is at work in it, or one of another machine was and never said that it ended.
      StorageFailed: the lock cannot be written.
    """
    path = folder / LOCK
    with _opened(path) as file:
        if not _taken(file) or not _is_at(path, file):
            raise UsageError(f"{_owner(file) or 'another process'} is at work in {folder}")
        owner = _owner(file)
        if owner and not owner.endswith(f" of {platform.node()}"):
            raise UsageError(
                f"{owner} was at work in {folder} and has not ended as far as it says; if it has: rm {path}"
            )
        _write(file, json.dumps({"pid": os.getpid(), "host": platform.node()}).encode())
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # it went with the folder
                path.unlink()


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("a+b", buffering=0)  # the caller closes it; "a" makes it, and cuts nothing
    except OSError as error:
        raise StorageFailed(f"cannot write {path}: {error.strerror or error}") from error


def _is_at(path: Path, file: BinaryIO) -> bool:
    """Whether it is this file still that lies there: whoever held it may have removed it just before it was ours."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _owner(file: BinaryIO) -> str:
    """`process 123 of HOST`; empty where nobody has it, or it does not say."""
    file.seek(0)
    try:
        told = json.loads(file.read(1000) or b"null")
        return f"process {int(told['pid'])} of {told['host']}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""


def _write(file: BinaryIO, data: bytes) -> None:
    with contextlib.suppress(OSError):  # the lock holds without; what is written only says whose it is
        file.truncate(0)
        file.write(data)


def _taken(file: BinaryIO) -> bool:
    """Whether the file is ours alone, until it is closed; true as well where the system has no such locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
