"""A benchmark in a file, to compare a later one with."""

import json
from pathlib import Path
from typing import Any

from envkit.core.errors import ArtifactRefused, StorageFailed, UsageError
from envkit.runs.atomic import atomic_write
from envkit.workflows.benching.result import KIND, SCHEMA, Bench, Row


class Saved:
    """What is compared of a file: whose it is, and the rows and the memory."""

    def __init__(self, data: dict[str, Any]):
        self.env, self.env_kwargs = str(data["env"]), dict(data["env_kwargs"])
        self.cores = data["machine"]["cores"]
        self.rows = tuple(Row.from_json(row) for row in data["rows"])
        self.memory = {str(name): [float(value) for value in values] for name, values in data["memory"].items()}


def save(bench: Bench, path: Path) -> None:
    """Raises StorageFailed where it cannot be written."""
    atomic_write(path, (json.dumps(bench.to_json(), indent=1, allow_nan=False) + "\n").encode())


def expect_folder(path: Path) -> None:
    """Raises StorageFailed for a file that could not be written in the end, before anything is measured."""
    if not path.parent.is_dir() or path.is_dir():
        wrong = "is a directory" if path.is_dir() else f"has no directory {path.parent}"
        raise StorageFailed(f"cannot write {path}: it {wrong}; name a file in a directory that exists")


def load(path: Path) -> Saved:
    """
    Raises:
      UsageError: there is no such file.
      ArtifactRefused: it is damaged, is something else, or was written by another version of envkit.
    """
    try:
        data = json.loads(path.read_bytes())
    except (FileNotFoundError, IsADirectoryError):
        raise UsageError(
            f"there is no file {path} to compare with; `envkit bench ENV --save {path}` writes one"
        ) from None
    except (OSError, ValueError) as error:
        raise ArtifactRefused(f"{path} is damaged: {error}") from error
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise ArtifactRefused(f"{path} is no benchmark of envkit; `envkit bench ENV --save FILE` writes one")
    if data.get("schema") != SCHEMA:
        raise ArtifactRefused(f"{path} has schema {data.get('schema')!r}, and this envkit reads {SCHEMA}: save it anew")
    try:
        return Saved(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactRefused(f"{path} is damaged: {type(error).__name__}: {error}") from error
