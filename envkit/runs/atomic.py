"""The one way in which envkit writes an artifact: whole, or not at all.

The bytes go to a temporary file beside the target and to the disk, and take the target's name in one step; the folder
is synchronised last, so that the name survives a power cut too. A reader sees the old file or the new one. Where the
target is a link, what it leads to is replaced and the link stays; a device or a pipe, such as /dev/stdout, is written
into, for nothing may take its place.

Source: the POSIX rules for rename and fsync; Pillai and others, All File Systems Are Not Created Equal (OSDI 2014).
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from envkit.core.errors import StorageFailed


def atomic_write(path: Path, data: bytes) -> None:
    """Writes `data` to `path`.

    Raises:
      StorageFailed: when it cannot; what was at `path` before is untouched, and nothing is left beside it.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path`, with its ending, which takes its place when all went well.

    Raises:
      StorageFailed: when it cannot be written; then all is as it was before, as after any other exception.
    """
    temporary: Path | None = None
    try:
        is_sink = path.exists() and not path.is_file()
        target = path if is_sink else path.resolve()
        folder = None if is_sink else target.parent
        descriptor, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=folder)
        os.close(descriptor)
        temporary = Path(name)
        yield temporary
        if is_sink:
            with temporary.open("rb") as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            return
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())  # mkstemp gives 0600
        temporary.replace(target)
        temporary = None
        _sync_folder(target.parent)
    except OSError as error:
        raise StorageFailed(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
