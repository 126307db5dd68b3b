"""A project and a newer template: what `envkit new --update` does.

Each file is compared three ways: as the template once made it, as it is now, as the template makes it today. What only
one side changed is taken from that side, what both changed is merged line by line, and what the author has deleted
stays deleted. The files are replaced together: when one cannot be, all are put back. The record is written last, so
that even an update that was killed can be run again.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from envkit.core.errors import UsageError
from envkit.core.show import show
from envkit.scaffold.committed import refuse_uncommitted
from envkit.scaffold.merge import OURS, ended_like, merge, with_lf
from envkit.scaffold.record import Record, digest, is_inside, text_of
from envkit.scaffold.template import Template, find
from envkit.scaffold.together import write_together

MINE = "yours"  # how the author's side of a conflict is marked


class Status(StrEnum):
    """What an update does with a file."""

    UNCHANGED = "unchanged"  # the template did not change it, or the author has made the same change
    UPDATED = "updated"  # the author had not changed it
    MERGED = "merged"  # both had, in different places
    CONFLICT = "conflict"  # both had, in the same place
    DELETED = "deleted"  # by the author, and so it stays
    KEPT = "kept"  # the author's, and no file of the template's any more
    NEW = "new"
    REMOVED = "removed"  # the template has it no more, and the author had not changed it


@dataclass(frozen=True)
class Change:
    """One file's part in an update.

    Args:
      path: with forward slashes.
      writes: {path: content, or None to delete the file}; usually this path or nothing.
      note: for people, where the status does not say it all.
    """

    path: str
    status: Status
    writes: Mapping[str, bytes | None]
    note: str = ""


@dataclass(frozen=True)
class Update:
    """What an update does, or has done.

    Args:
      before, after: versions of the template.
      record: the two files that are written last; empty where there is nothing to do at all.
    """

    project: Path
    template: str
    before: int
    after: int
    changes: tuple[Change, ...]
    record: Mapping[str, bytes]

    @property
    def is_needed(self) -> bool:
        return bool(self.record)

    @property
    def conflicts(self) -> list[Change]:
        return [change for change in self.changes if change.status is Status.CONFLICT]


def update(project: str | os.PathLike[str] = ".", *, dry_run: bool = False, force: bool = False) -> Update:
    """Brings a project that `new` made to the template as it is today.

    Args:
      project: its folder.
      dry_run: find out what would happen, and change nothing.
      force: even where git has changes that are not committed.

    Raises:
      UsageError: the project has no record, an unknown or newer template, conflicts of an earlier update, or changes
        that are not committed; nothing was changed.
      ArtifactRefused: the record is damaged; nothing was changed.
      StorageFailed: a file could not be written; all files are as they were.
    """
    folder = Path(project)
    planned = plan(folder)
    if planned.is_needed and not dry_run:
        if not force:
            refuse_uncommitted(folder)
        writes = {path: content for change in planned.changes for path, content in change.writes.items()}
        write_together(folder, {**writes, **planned.record})
    return planned


def plan(project: Path, template: Template | None = None) -> Update:
    """What an update would do; by default to the template that the project was made from."""
    record = Record.read(project)
    template = template or find(record.template)
    if record.version > template.version:
        raise UsageError(
            f"{show(str(project))} is of version {record.version} of the template {template.name}, and this envkit has "
            f"version {template.version}; update envkit first: pip install -U envkit"
        )
    asked = {name: text for name, text in record.answers.items() if name in template.variables}
    answers = template.answers(asked, {name: text for name, text in record.answers.items() if name not in asked})
    files = template.render(answers)
    new = Record.of(template, answers, files)
    if record == new:
        return Update(project, template.name, record.version, template.version, (), {})
    paths = sorted({*files, *record.digests})
    changes = [_change(project, path, record, files.get(path), template) for path in paths]
    kept = tuple(change for change in changes if change is not None)
    return Update(project, template.name, record.version, template.version, kept, new.written())


def _change(project: Path, path: str, record: Record, theirs: bytes | None, template: Template) -> Change | None:
    """What becomes of a file; None for one that neither side has."""
    if not is_inside(path) or _leads_elsewhere(project, path):
        return Change(path, Status.KEPT, {}, "a link or a folder, and so left alone")
    ours = _content(project / path)
    then = record.digests.get(path)
    if theirs is None:
        if ours is None:
            return None
        if _digest(ours) == then:
            return Change(path, Status.REMOVED, {path: None}, "the template has it no more")
        return Change(path, Status.KEPT, {}, "the template has it no more, but you changed it")
    if ours is None:
        if then is None:
            return Change(path, Status.NEW, {path: theirs})
        return Change(path, Status.DELETED, {}, "you deleted it, and so it stays")
    if digest(theirs) in (then, _digest(ours)):
        return Change(path, Status.UNCHANGED, {})
    if _digest(ours) == then:
        return Change(path, Status.UPDATED, {path: _ended_like(ours, theirs)})
    return _merged(path, record.texts.get(path), ours, theirs, f"{template.name} {template.version}")


def _merged(path: str, base: str | None, ours: bytes, theirs: bytes, name: str) -> Change:
    our_text, their_text = text_of(ours), text_of(theirs)
    if our_text is None or their_text is None:
        place = PurePosixPath(path)
        beside = str(place.with_name(f"{place.stem}.template{place.suffix}"))
        note = f"no text: yours stays, the template's is {beside}"
        return Change(path, Status.CONFLICT, {beside: theirs}, note)
    if any(line.startswith(f"{OURS}{MINE}") for line in our_text.splitlines()):
        raise UsageError(f"{path} has conflicts of an earlier update in it; resolve them first: look for {OURS}{MINE}")
    result = merge(base, our_text, their_text, our_name=MINE, their_name=name)
    writes = {path: result.text.encode()}
    if not result.conflicts:
        return Change(path, Status.MERGED, writes)
    lines = [n for n, line in enumerate(result.text.split("\n"), 1) if line.startswith(f"{OURS}{MINE}")]
    unknown = "" if base is not None else ", as the original is not known"
    where = ", ".join(map(str, lines))
    return Change(path, Status.CONFLICT, writes, f"marked in line{'s' * (len(lines) > 1)} {where}{unknown}")


def _digest(ours: bytes) -> str:
    """Of the author's file as it would be with the line ends that templates have."""
    text = text_of(ours)
    return digest(ours if text is None else with_lf(text).encode())


def _ended_like(ours: bytes, theirs: bytes) -> bytes:
    our_text, their_text = text_of(ours), text_of(theirs)
    return theirs if our_text is None or their_text is None else ended_like(our_text, their_text).encode()


def _leads_elsewhere(project: Path, path: str) -> bool:
    """Whether something on the way to the file is a link, or the file itself a folder: not ours to write to."""
    file = project / path
    above = [project.joinpath(*file.relative_to(project).parts[:n]) for n in range(1, len(PurePosixPath(path).parts))]
    return any(part.is_symlink() for part in [*above, file]) or file.is_dir() or any(part.is_file() for part in above)


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}; nothing was changed") from error
