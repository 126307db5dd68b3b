"""Many files written as one: all of them, or none.

New contents are written beside the old ones first, where a full disk does no harm, and then moved into their places one
by one. When a move fails, those before it are undone. Only a machine that dies in between leaves some of both.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from envkit.core.errors import StorageFailed

UNCHANGED = "all files are as they were"


def write_together(folder: Path, writes: Mapping[str, bytes | None]) -> None:
    """Gives files their new contents, in the given order.

    Args:
      writes: {path within the folder: content, or None to delete the file}.

    Raises:
      StorageFailed: when it cannot; then all files are as they were.
    """
    try:
        shelves = Path(tempfile.mkdtemp(prefix=".envkit-update-", dir=folder))
    except OSError as error:
        raise _failed(folder, error, UNCHANGED) from error
    stuck: list[Path] = []
    try:
        entries = enumerate(writes.items())
        staged = [_Staged(folder / path, content, shelves / str(number)) for number, (path, content) in entries]
        try:
            for file in staged:
                file.put()
        except BaseException:
            stuck = [file.target for file in reversed(staged) if not file.undone()]
            raise
    except OSError as error:
        lost = f"{stuck[0]} could not be put back; what was there is in {shelves}" if stuck else UNCHANGED
        raise _failed(folder, error, lost) from error
    finally:
        if not stuck:
            shutil.rmtree(shelves, ignore_errors=True)


class _Staged:
    """A new content for a file, beside the old one, until it is put in its place; and the way back."""

    def __init__(self, target: Path, content: bytes | None, shelf: Path):
        self.target, self.new, self.old = target, shelf / "new", shelf / "old"
        self.deletes, self.existed = content is None, target.exists()
        self.made = [above for above in target.parents if not above.exists()]  # the innermost first
        shelf.mkdir()
        if self.existed:
            shutil.copy2(target, self.old)
        if content is not None:
            self.new.write_bytes(content)
            if self.existed:
                shutil.copymode(target, self.new)

    def put(self) -> None:
        if self.deletes:
            self.target.unlink()
            return
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.new.replace(self.target)

    def undone(self) -> bool:
        """Puts back what was there, whether or not it was replaced already; False where that failed too."""
        try:
            if self.existed:
                self.old.replace(self.target)
            else:
                self.target.unlink(missing_ok=True)
        except OSError:
            return False
        for above in self.made:
            with contextlib.suppress(OSError):  # other files may still be in it, or have had it removed
                above.rmdir()
        return True


def _failed(folder: Path, error: OSError, after: str) -> StorageFailed:
    return StorageFailed(f"cannot update {folder}: {error.strerror or error}; {after}")
