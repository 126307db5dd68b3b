"""The file in which Optuna keeps a study: SQLite, one file, no server.

What lies there is looked at before Optuna gets it, which would add its tables to whatever database it is given. Of what
can go wrong afterwards, each thing is told in one line.
"""

import contextlib
import sqlite3
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from envkit.core.errors import ArtifactRefused, EnvkitError, StorageFailed
from envkit.core.optional import need
from envkit.core.show import error_line

STORE = "study.db"
PATIENCE = 10.0  # seconds to wait for another process that writes
MAGIC = b"SQLite format 3\0"
TABLES = {"studies", "trials", "trial_params", "trial_values", "version_info"}  # some of Optuna's


def optuna() -> Any:
    """The package, which keeps its own log to itself."""
    package: Any = need("optuna", extra="tune", purpose="envkit tune")
    package.logging.set_verbosity(package.logging.ERROR)
    return package


@contextlib.contextmanager
def opened(path: Path, name: str, *, new: bool) -> Iterator[Any]:
    """Optuna's storage, closed in the end; the study in it is called `name`.

    Raises:
      ArtifactRefused: the file is damaged, of something else, or of another study.
      StorageFailed: it cannot be written, or another process has it.
    """
    if not new:
        with answered(path):
            _check(path, name)
    package = optuna()
    with answered(path):
        url = f"sqlite:///{path}"
        arguments = {"connect_args": {"timeout": PATIENCE}}
        storage = package.storages.RDBStorage(url, engine_kwargs=arguments)
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


@contextlib.contextmanager
def answered(path: Path) -> Iterator[None]:
    """Within, whatever the database refuses becomes an error that says so in one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Optuna's, on what it calls experimental
            yield
    except (EnvkitError, KeyboardInterrupt):
        raise
    except Exception as error:
        failure = _failure(path, error)
        if failure is None:
            raise
        raise failure from error


def _failure(path: Path, error: BaseException) -> EnvkitError | None:
    """What an error of SQLite, SQLAlchemy or Optuna's storage means; None for any other."""
    cause: BaseException | None = error
    while cause and not isinstance(cause, sqlite3.Error):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        told = "the runtime optuna version" in str(error)
        return ArtifactRefused(f"{path} is of another version of Optuna: {error_line(error)}") if told else None
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the rest of it goes into detail
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StorageFailed(f"{path} is locked by another process; when that has ended, go on with {_again(path)}")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return ArtifactRefused(f"{path} is damaged: {cause}")
    return StorageFailed(f"cannot read or write {path}: {cause}")


def _again(path: Path) -> str:
    return f"envkit tune --resume {path.parent}"


def _check(path: Path, name: str) -> None:
    """Refuses what is not the file of this study. It is opened for writing only to undo what a killed process began."""
    try:
        with path.open("rb") as file:
            begin = file.read(len(MAGIC))
    except OSError as error:
        raise ArtifactRefused(f"{path} cannot be read: {error.strerror or error}") from error
    if begin != MAGIC:
        raise ArtifactRefused(f"{path} is no SQLite file")
    with contextlib.closing(sqlite3.connect(f"file:{path.absolute()}?mode=rw", uri=True, timeout=PATIENCE)) as database:
        found = [row[0] for row in database.execute("PRAGMA quick_check(1)")]
        if found != ["ok"]:
            raise ArtifactRefused(f"{path} is damaged: {' '.join(' '.join(found).split())}")
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables >= TABLES:
            raise ArtifactRefused(f"{path} is a database of something else: it has no table {min(TABLES - tables)}")
        names = [row[0] for row in database.execute("SELECT study_name FROM studies")]
    if names != [name]:
        other = ", ".join(map(repr, names)) or "none"
        raise ArtifactRefused(f"{path} is of another study: {other}, and config.json asks for {name!r}")
