"""Compiling a Python function, with every function of ours that it calls, by numba.

The result does the same arithmetic in the same order as the Python original: no fast-math, no fused operations, so it
gives the same bits. What was compiled is kept in the user's cache folder. numba sees neither other files nor replaced
globals when it judges whether a kept result is still good, so each has a folder of its own, named by a digest of all
sources that take part and of the versions.

Source: https://numba.readthedocs.io/en/stable/developer/caching.html
"""

import hashlib
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from envkit.core.cache import cache_root

# The loop makes no arrays, so numba need not count references to them; counting takes 95 % of the time otherwise.
OPTIONS: dict[str, Any] = {"_nrt": False}

_compiled: dict[str, Any] = {}  # by name and digest; the same for all seeds of this process
_writable: set[Path] = set()  # folders that were tried: half a millisecond each


def cache_problem() -> str:
    """Why compiled code cannot be kept for the next process; an empty text if it can."""
    folder = cache_root() / "compiled"
    if folder in _writable:
        return ""
    if not folder.is_absolute():
        return "there is no home folder; set XDG_CACHE_HOME to a folder that can be written"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return f"{folder} cannot be written ({error.strerror}); set XDG_CACHE_HOME to a folder that can"
    _writable.add(folder)
    return ""


def compiled(function: FunctionType, *, keep: bool) -> Any:
    """The function, compiled at its first call, or taken from the cache if `keep` and it is there.

    A function of the same sources that this process has compiled before is not compiled again.
    """
    parts = _parts(function)
    name = f"{function.__name__}-{_digest(parts)}"
    if name not in _compiled:
        _compiled[name] = _compile(function, parts, cache_root() / "compiled" / name if keep else None)
    return _compiled[name]


def is_kept(function: FunctionType) -> bool:
    """Whether it need not be compiled any more: this process or an earlier one has."""
    name = f"{function.__name__}-{_digest(_parts(function))}"
    return name in _compiled or any((cache_root() / "compiled" / name).glob("**/*.nbi"))


def _compile(function: FunctionType, parts: list[FunctionType], folder: Path | None) -> Any:
    done: dict[int, Any] = {}
    for part in parts[:-1]:
        done[id(part)] = _unkept(_linked(part, done))
    whole = _linked(function, done)
    return _unkept(whole) if folder is None else Kept(whole, folder)


def _unkept(function: FunctionType) -> Any:
    import numba

    return numba.njit(**OPTIONS)(function)


class Kept:
    """A function that numba compiles at its first call, or loads from the folder, which it makes anew if damaged."""

    def __init__(self, whole: FunctionType, folder: Path):
        self.whole, self.folder = whole, folder
        self.dispatcher = self._cached()

    def __call__(self, *arguments: Any) -> Any:
        try:
            return self.dispatcher(*arguments)
        except OSError:  # the disk is full, or no longer there
            self.dispatcher = _unkept(self.whole)
        except Exception:
            if self.dispatcher.signatures:  # it was there, and ran
                raise
            shutil.rmtree(self.folder, ignore_errors=True)
            self.dispatcher = self._cached()
        return self.dispatcher(*arguments)

    def _cached(self) -> Any:
        import numba

        config: Any = numba.config
        before = config.CACHE_DIR
        config.CACHE_DIR = str(self.folder)
        try:
            return numba.njit(cache=True, **OPTIONS)(self.whole)
        finally:
            config.CACHE_DIR = before


def _parts(function: FunctionType) -> list[FunctionType]:
    """The function and all Python functions that it reaches by global names, each before its callers."""
    found: list[FunctionType] = []

    def visit(part: FunctionType) -> None:
        if all(part is not known for known in found):
            for called in _called(part).values():
                visit(called)
            found.append(part)

    visit(function)
    return found


def _called(function: FunctionType) -> dict[str, FunctionType]:
    names = function.__code__.co_names
    return {name: value for name in names if isinstance(value := function.__globals__.get(name), FunctionType)}


def _linked(function: FunctionType, done: dict[int, Any]) -> FunctionType:
    """A copy of the function that calls the compiled ones."""
    names = {name: done[id(called)] for name, called in _called(function).items()}
    return FunctionType(function.__code__, {**function.__globals__, **names}, function.__name__, function.__defaults__)


@cache
def _source(file: Path) -> bytes:
    """What this process has loaded does not change any more, whatever happens to the file."""
    return file.read_bytes()


def _digest(parts: list[FunctionType]) -> str:
    """A name for the sources, the constants that they read, and the versions that turn them into machine code."""
    return _digested(
        tuple((part.__qualname__, part.__code__.co_filename, part.__code__, _reads(part)) for part in parts)
    )


def _reads(part: FunctionType) -> tuple[str, ...]:
    """The constants that the function reads, as texts."""
    values = ((name, part.__globals__.get(name)) for name in part.__code__.co_names)
    return tuple(f"{name}={value!r}" for name, value in values if isinstance(value, bool | int | float | str))


@cache
def _digested(parts: tuple[tuple[str, str, CodeType, tuple[str, ...]], ...]) -> str:
    import numba
    import numpy

    digest = hashlib.sha256(f"{sys.version} {numba.__version__} {numpy.__version__} {OPTIONS}".encode())
    for name, filename, code, constants in parts:
        digest.update(name.encode())
        file = Path(filename)
        digest.update(_source(file) if file.is_file() else repr(code.co_code).encode())
        digest.update("".join(constants).encode())
    return digest.hexdigest()[:16]
