"""What a project remembers of the template it was made from, so that `envkit new --update` can merge a later one.

`.envkit.toml` says which template in which version, what was answered, and each file's digest as it was made.
`.envkit-base.zip` holds the texts themselves, for a later kit has the old template no more. Both belong into version
control. Without the second, only files that both sides changed lose something: every difference in them is a conflict.
"""

import hashlib
import io
import re
import tomllib
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import envkit
from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.show import show
from envkit.scaffold.template import Template, toml

RECORD = ".envkit.toml"
BASE = ".envkit-base.zip"
LARGEST = 10_000_000  # bytes of all texts of a base together; a real one has some 50,000
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the date of every file in the base, so that the same texts make the same bytes

# What an answer has to look like; one that is not here is a line of text.
SHAPES = {
    "project": (r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "a name in lower case, such as frozen-pond"),
    "package": (r"[a-z][a-z0-9]*(_[a-z0-9]+)*", "the name of a package, such as frozen_pond"),
    "class_name": (r"[A-Za-z][A-Za-z0-9]*", "the name of a class, such as FrozenPondEnv"),
    "env_id": (r"[a-z][a-z0-9_]*/[A-Za-z0-9]+-v[0-9]+", "an id, such as frozen_pond/FrozenPond-v0"),
    "alias": (r"[a-z][a-zA-Z0-9_/-]*", "the project's name or the environment's id"),
    "year": (r"[0-9]{4}", "a year, such as 2026"),
}


@dataclass(frozen=True)
class Record:
    """A project's origin.

    Args:
      template: its name.
      version: of the template; 0 where the project is older than versions are.
      answers: to what the template asks, and the names derived from the project's own.
      digests: {path, with forward slashes: SHA-256 of the file as it was made}.
      texts: {path: the file as it was made}, of those that are known.
    """

    template: str
    version: int
    answers: Mapping[str, str]
    digests: Mapping[str, str]
    texts: Mapping[str, str]

    @classmethod
    def of(cls, template: Template, answers: Mapping[str, str], files: Mapping[str, bytes]) -> "Record":
        """The record of files as the template has just made them."""
        digests = {path: digest(content) for path, content in files.items()}
        texts = {path: text for path, content in files.items() if (text := text_of(content)) is not None}
        return cls(template.name, template.version, answers, digests, texts)

    @classmethod
    def read(cls, project: Path) -> "Record":
        """What the project's two files say.

        Raises:
          UsageError: there is no record.
          ArtifactRefused: it cannot be what `envkit new` wrote.
        """
        file = project / RECORD
        try:
            data = tomllib.loads(file.read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise UsageError(
                f"{show(str(project))} has no {RECORD}, so `envkit new` did not make it; "
                "name the project's folder: envkit new --update FOLDER"
            ) from None
        except OSError as error:
            raise UsageError(f"cannot read {file}: {error.strerror or error}") from error
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise _refused(file, f"is no TOML: {error}") from error
        template, version = data.get("template"), data.get("template_version", 0)
        if not isinstance(template, str):
            raise _refused(file, f"has the template {show(template)}, which is no name")
        if not isinstance(version, int) or isinstance(version, bool) or version < 0:
            raise _refused(file, f"has the template_version {show(version)}, which is no whole number")
        answers, digests = _table(file, data, "answers"), _table(file, data, "files")
        _check_answers(file, answers)
        for path, said in digests.items():
            if not is_inside(path) or not re.fullmatch(r"[0-9a-f]{64}", said):
                raise _refused(file, f"has the file {show(path)} = {show(said)}, which is no path and SHA-256")
        return cls(template, version, answers, digests, _read_base(project / BASE, digests))

    def written(self) -> dict[str, bytes]:
        """{name: content} of the two files."""
        lines = [
            "# Written by `envkit new`: where this project comes from, and what each file was when it was made.",
            "# `envkit new --update` needs it, and the texts in .envkit-base.zip: commit both.",
            f"template = {toml(self.template)}",
            f"template_version = {self.version}",
            f"envkit = {toml(envkit.__version__)}",
            "",
            "[answers]",
            *(f"{name} = {toml(text)}" for name, text in self.answers.items()),
            "",
            "[files]",
            *(f"{toml(path)} = {toml(said)}" for path, said in self.digests.items()),
        ]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path, text in sorted(self.texts.items()):
                archive.writestr(zipfile.ZipInfo(path, LONG_AGO), text.encode(), zipfile.ZIP_DEFLATED, 9)
        return {RECORD: ("\n".join(lines) + "\n").encode(), BASE: packed.getvalue()}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def text_of(content: bytes) -> str | None:
    """The content as text; None where it is none, such as a picture."""
    try:
        return None if b"\0" in content else content.decode()
    except UnicodeDecodeError:
        return None


def is_inside(path: str) -> bool:
    """Whether a path with forward slashes stays in the folder it starts from, on every system."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and not re.search(r'[\\:\0-\x1f"*?<>|]', path)


def _check_answers(file: Path, answers: Mapping[str, str]) -> None:
    for name, (shape, what) in SHAPES.items():
        if not re.fullmatch(shape, answers.get(name, "")):
            raise _refused(file, f"has the answer {name} = {show(answers.get(name))}, not {what}")
    for name, text in answers.items():
        if not text.strip() or not text.isprintable() or len(text) > 200:
            raise _refused(file, f"has the answer {name} = {show(text)}, no line of at most 200 printable characters")
    if answers["package"] != answers["project"].replace("-", "_"):
        raise _refused(file, f"has the package {answers['package']!r}, which is not that of {answers['project']!r}")


def _table(file: Path, data: Mapping[str, Any], name: str) -> dict[str, str]:
    table = data.get(name)
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise _refused(file, f"has no table [{name}] of texts")
    return table


def _read_base(file: Path, digests: Mapping[str, str]) -> dict[str, str]:
    """{path: text} of what is in the base; empty where there is none."""
    if not file.exists():
        return {}
    try:
        contents = _unpacked(file)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise _refused(file, f"is damaged: {error}") from error
    texts = {}
    for path, content in contents.items():
        text = text_of(content)
        if text is None or digests.get(path) != digest(content):
            raise _refused(file, f"has another {show(path)} in it than {RECORD} says")
        texts[path] = text
    return texts


def _unpacked(file: Path) -> dict[str, bytes]:
    """{path: content} of an archive; raises whatever zipfile does where it is damaged."""
    with zipfile.ZipFile(file) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            raise _refused(file, "is larger than any that envkit writes")
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def _refused(file: Path, why: str) -> ArtifactRefused:
    without = ", or delete it: what both sides changed will then be marked" if file.name == BASE else ""
    return ArtifactRefused(f"{file} {why}; restore it, as with `git checkout {file.name}`{without}")
