"""Making a project's folder: all of it or nothing.

Everything is written into a temporary folder beside the target, which is then renamed. What was answered is recorded in
the project, with each file as it was made, so that a later version of the template can be merged with what its author
has changed since.
"""

import os
import shlex
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from envkit.core.errors import StorageFailed, UsageError
from envkit.core.show import show
from envkit.scaffold.names import Names
from envkit.scaffold.record import RECORD, Record
from envkit.scaffold.template import Template, find


def new(
    name: str,
    *,
    template: str = "gymnasium-env",
    directory: str | os.PathLike[str] | None = None,
    answers: Mapping[str, str] | None = None,
) -> Path:
    """Makes a project, and returns its folder.

    Args:
      name: one word, such as `frozen-pond`; every other name is derived from it.
      template: one of `envkit.scaffold.templates()`.
      directory: the folder in which the project's own folder is made; by default the working directory.
      answers: to what the template asks, such as {"author": "Ada"}.

    Raises:
      UsageError: the name cannot be one, the target exists, or there is no such template, folder or answer.
      StorageFailed: a file could not be written; nothing is left behind.
    """
    chosen = find(template)
    names = Names.of(name)
    known = {
        "project": names.project,
        "package": names.package,
        "class_name": names.class_name,
        "env_id": names.env_id,
        "alias": _alias(names),
        "year": str(date.today().year),
    }
    all_answers = chosen.answers(_checked(answers or {}), known)
    files = chosen.render(all_answers)
    target = _free(Path(directory or "."), names.folder)
    _write(target, {**files, **Record.of(chosen, all_answers, files).written()})
    return target


def summary(project: Path, template: Template) -> list[str]:
    """What to tell about a new project: what is in it, and what to type next."""
    import tomllib

    from envkit.scaffold.template import fill

    answers = tomllib.loads((project / RECORD).read_text("utf-8"))["answers"]
    parts = {fill(path, answers): fill(text, answers) for path, text in template.summary.items()}
    width = max(map(len, parts), default=0)
    inside = [f"  {path:{width}}  {text}" for path, text in parts.items()]
    commands = [f"cd {shlex.quote(str(project))}", *(fill(command, answers) for command in template.commands)]
    return [*inside, "", "Next:", *(f"  {command}" for command in commands)]


def _alias(names: Names) -> str:
    """What commands call the environment: the project's name, which is its alias, unless that means another one."""
    from envkit.core import catalogue

    return names.project if catalogue.find(names.project) is None else names.env_id


def _checked(answers: Mapping[str, str]) -> Mapping[str, str]:
    for name, text in answers.items():
        if not text.strip() or not text.isprintable() or len(text) > 200:
            raise UsageError(f"{name} is {show(text)}, which is no single line of at most 200 printable characters")
    return answers


def _free(directory: Path, folder: str) -> Path:
    if not directory.is_dir():
        where = show(str(directory))
        raise UsageError(f"there is no folder {where} to make the project in; make it first, or name another")
    target = directory / folder
    if target.is_symlink() or (target.exists() and not (target.is_dir() and _is_empty(target))):
        raise UsageError(f"{target} exists already, and nothing in it was touched; choose another name or --directory")
    return target


def _is_empty(folder: Path) -> bool:
    try:
        return not any(folder.iterdir())
    except OSError:
        return False


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    """The folder appears under its name when it is complete, or not at all; raises StorageFailed."""
    hidden = f".{target.name}-"
    try:
        with tempfile.TemporaryDirectory(prefix=hidden, dir=target.parent, ignore_cleanup_errors=True) as holder:
            _appear(Path(holder) / "project", files, target)
    except OSError as error:
        why = error.strerror or error
        raise StorageFailed(
            f"cannot make {target}: {why}; nothing was left behind; --directory DIR makes it in another folder"
        ) from error


def _appear(whole: Path, files: Mapping[str, bytes], target: Path) -> None:
    """Writes the files into a folder, which is then given its name; raises OSError."""
    for path, content in files.items():
        file = whole / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    if os.name == "nt" and target.exists():
        target.rmdir()  # it is empty; elsewhere the new folder takes its place
    whole.rename(target)
