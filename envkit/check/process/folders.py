"""A working directory and a folder for temporary files of one's own, in which nobody else makes any."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MADE_BY_PYTHON = {"__pycache__"}


@dataclass(frozen=True)
class Folders:
    """Both, and what lies in them."""

    work: Path
    temporary: Path

    def left(self) -> tuple[str, ...]:
        """The names in the working directory; those of folders end in a slash."""
        return _names(self.work)

    def left_temporary(self) -> tuple[str, ...]:
        return _names(self.temporary)


@contextmanager
def private() -> Iterator[Folders]:
    """Meanwhile this process works there; afterwards both folders are gone, and it is where it was before."""
    before, temporary = os.getcwd(), tempfile.tempdir  # noqa: PTH109
    root = Path(tempfile.mkdtemp(prefix="envkit-"))
    folders = Folders(root / "work", root / "temporary")
    try:
        folders.work.mkdir()
        folders.temporary.mkdir()
        os.chdir(folders.work)
        tempfile.tempdir = str(folders.temporary)
        yield folders
    finally:
        tempfile.tempdir = temporary
        with contextlib.suppress(OSError):
            os.chdir(before)
        shutil.rmtree(root, ignore_errors=True)


def _names(folder: Path) -> tuple[str, ...]:
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return ()
    return tuple(f"{path.name}/" if path.is_dir() else path.name for path in found if path.name not in MADE_BY_PYTHON)
