"""Templates: which there are, and how one becomes the files of a project.

A template is a folder with a manifest, `template.toml`. Files that end in `.jinja` are rendered and lose that ending;
all others are copied as they are. A placeholder without an answer is an error, never an empty text. What several
templates have in common lies once in `shared/`: whole files in parts that a manifest names, before which a template's
own file goes, and passages to be included.
"""

import importlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from envkit.core.errors import unknown_option

if TYPE_CHECKING:
    import jinja2

PACKAGE = "envkit._templates"
MANIFEST = "template.toml"
SHARED = "shared"
RENDERED = ".jinja"


@dataclass(frozen=True)
class Template:
    """A folder of `templates/`.

    Args:
      name: of the folder.
      folder: where it lies.
      version: counts up whenever a project made from it would come out differently.
      description: one line for people.
      parts: folders of `shared/` that belong to it, a later one before an earlier.
      texts: {what only the template's own files and parts speak of: the text}.
      variables: {what may be answered: its default}.
      renames: {name of a file or folder in the template: its name in the project}.
      summary: {file: what it is for}, for the message after creation.
      commands: what to type next, in the project's folder.
    """

    name: str
    folder: Path
    version: int
    description: str
    parts: tuple[str, ...]
    texts: Mapping[str, str]
    variables: Mapping[str, str]
    renames: Mapping[str, str]
    summary: Mapping[str, str]
    commands: tuple[str, ...]

    def answers(self, given: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
        """All names that the template may use: the known ones, and what was answered or its default."""
        for name in given:
            if name not in self.variables:
                raise unknown_option(f"answer to the template {self.name}", name, self.variables)
        defaults = {name: fill(text, known) for name, text in self.variables.items()}
        return {**known, **defaults, **given}

    def render(self, answers: Mapping[str, str]) -> dict[str, bytes]:
        """{path in the project, with forward slashes: content}, by path."""
        renames = {name: fill(text, answers) for name, text in self.renames.items()}
        texts = {name: fill(text, answers) for name, text in self.texts.items()}
        words: dict[str, Any] = {**answers, **texts, "parts": self.parts}
        files = {}
        for folder in (*(self.folder.parent / SHARED / part for part in self.parts), self.folder):
            for source in _files(folder):
                path = PurePosixPath(source.relative_to(folder).as_posix())
                content = source.read_bytes()
                if path.suffix == RENDERED:
                    text = _language(self.folder.parent / SHARED).from_string(content.decode()).render(words)
                    path, content = path.with_suffix(""), text.encode()
                files[str(PurePosixPath(*(renames.get(part, part) for part in path.parts)))] = content
        return dict(sorted(files.items()))


def templates() -> dict[str, Template]:
    """{name: template} of every template that comes with the kit."""
    root = Path(importlib.import_module(PACKAGE).__path__[0])
    return {manifest.parent.name: _load(manifest) for manifest in sorted(root.glob(f"*/{MANIFEST}"))}


def find(name: str) -> Template:
    """The template of that name; raises UsageError, which lists all, where there is none."""
    known = templates()
    if name not in known:
        raise unknown_option("template", name, known)
    return known[name]


def fill(text: str, answers: Mapping[str, str]) -> str:
    """The text with its placeholders replaced; what is put in is never read as a template itself."""
    return _language().from_string(text).render(answers)


def toml(text: str) -> str:
    """The text as TOML writes it, quotes included. TOML's strings are JSON's, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _language(snippets: Path | None = None) -> "jinja2.Environment":
    """Jinja; with a folder, its files can be included."""
    import jinja2

    language = jinja2.Environment(
        loader=None if snippets is None else jinja2.FileSystemLoader(snippets),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    language.filters["toml"] = toml
    return language


def _load(manifest: Path) -> Template:
    data: dict[str, Any] = tomllib.loads(manifest.read_text("utf-8"))
    return Template(
        name=manifest.parent.name,
        folder=manifest.parent,
        version=data["version"],
        description=data["description"],
        parts=tuple(data.get("parts", ())),
        texts=data.get("texts", {}),
        variables=data.get("variables", {}),
        renames=data.get("renames", {}),
        summary=data.get("summary", {}),
        commands=tuple(data.get("next", {}).get("commands", ())),
    )


def _files(folder: Path) -> Iterator[Path]:
    """Every file below, hidden ones included; neither the manifest nor what Python leaves behind."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST and "__pycache__" not in path.parts:
            yield path
