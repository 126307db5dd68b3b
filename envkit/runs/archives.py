"""Zip archives from elsewhere: nothing is unpacked to disk, and nothing is allocated that is larger than was agreed.

What an archive declares is looked at before any of it is read: names that lead out of a folder, names that come twice,
members that are larger than they may be, or that would grow on being read. An archive with one such member is refused
as a whole, for whoever wrote it meant no good.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from envkit.core.errors import ArtifactRefused
from envkit.core.show import error_line, show

MOST_MEMBERS = 10_000
HEADER = b"PK\x01\x02"  # of each member, in the directory at the archive's end
GROWTH, HARMLESS = 50, 2**20  # how many times larger than stored a member may be, if it has more than so many bytes
NAME = re.compile(r"(?![.-])[\w.-]{1,100}(/(?![.-])[\w.-]{1,100})*", re.ASCII)
OWN_NAME = re.compile(r"[\w-]{1,100}/[.]?[\w.-]{1,100}(/[\w.-]{1,100})?", re.ASCII)  # torch begins some with a point


@contextmanager
def opened(data: bytes, what: str, *, names: re.Pattern[str] = NAME) -> Iterator[zipfile.ZipFile]:
    """An archive whose directory was looked at.

    Args:
      data: all of it.
      what: it is called in errors.
      names: of its members, in full.

    Raises:
      ArtifactRefused: it is no archive, is damaged, or declares what no honest one does.
    """
    if data.count(HEADER) > MOST_MEMBERS:  # counted here, for the directory becomes objects when it is read
        raise ArtifactRefused(f"{what} has more than {MOST_MEMBERS:,} members")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _look_at(archive, what, names)
            yield archive
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError, NotImplementedError, MemoryError) as error:
        # RuntimeError: a member wants a password; NotImplementedError: it is packed in a way that nobody uses
        raise ArtifactRefused(f"{what} is no zip archive, or is damaged: {error_line(error)}") from error


def member(archive: zipfile.ZipFile, name: str, what: str, most: Mapping[str, int]) -> bytes:
    """What a member holds.

    Args:
      most: {name: bytes that it may have}.

    Raises:
      ArtifactRefused: there is no such member, or it is too large.
    """
    if name not in archive.namelist():
        raise ArtifactRefused(f"{what} has no {name}")
    size = archive.getinfo(name).file_size
    if size > most[name]:
        raise ArtifactRefused(f"{what} says that {name} has {size:,} bytes; more than {most[name]:,} are not read")
    return archive.read(name)


def _look_at(archive: zipfile.ZipFile, what: str, names: re.Pattern[str]) -> None:
    seen: set[str] = set()
    for info in archive.infolist():
        if info.filename != info.orig_filename or not names.fullmatch(info.filename):
            raise ArtifactRefused(
                f"{what} holds {show(info.orig_filename)}, and no such archive has a file of that name"
            )
        if info.filename in seen:
            raise ArtifactRefused(f"{what} holds {info.filename} twice")
        if info.file_size > max(HARMLESS, GROWTH * info.compress_size):
            sizes = f"{info.compress_size:,} bytes that become {info.file_size:,}"
            raise ArtifactRefused(f"{what} holds {info.filename}, {sizes}: that is a bomb, not a model")
        seen.add(info.filename)
