"""What can be read of the process: what an environment must leave as it found it."""

import gc
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Reading = Mapping[str, Any]


def _handlers() -> dict[str, str]:
    return {name.name: _name(signal.getsignal(name)) for name in (signal.SIGINT, signal.SIGTERM)}


def _name(value: Any) -> str:
    return getattr(value, "__qualname__", None) or str(value)


def _files() -> dict[str, tuple[int, int]]:
    """Size and time of change of what lies in the working directory."""
    found = {}
    for entry in os.scandir():
        try:
            seen = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        found[entry.name] = (0, 0) if entry.is_dir(follow_symlinks=False) else (seen.st_size, seen.st_mtime_ns)
    return found


def _descriptors() -> int:
    """How many files, pipes and sockets are open; 0 where the system does not say."""
    listing = Path("/proc/self/fd")
    return len(list(listing.iterdir())) if listing.is_dir() else 0


def _children() -> int:
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    try:
        return len(listing.read_text().split())
    except OSError:
        return 0


GENERATORS: Mapping[str, Callable[[], Any]] = {
    "numpy.random": lambda: _numpy_state(),
    "random": lambda: hash(random.getstate()),
}
SETTINGS: Mapping[str, Callable[[], Any]] = {
    "numpy.seterr": lambda: dict(np.geterr()),
    "numpy's print options": lambda: {key: str(value) for key, value in np.get_printoptions().items()},
    "the working directory": os.getcwd,
    "os.environ": lambda: dict(os.environ),
    "sys.path": lambda: list(sys.path),
    "the recursion limit": sys.getrecursionlimit,
    "the signal handlers": _handlers,
    "sys.excepthook": lambda: _name(sys.excepthook),
    "sys.stdout": lambda: type(sys.stdout).__name__ + str(id(sys.stdout)),
    "sys.stderr": lambda: type(sys.stderr).__name__ + str(id(sys.stderr)),
    "the warning filters": lambda: [str(entry) for entry in warnings.filters],
    "the level of the root logger": lambda: logging.getLogger().level,
    "the handlers of the root logger": lambda: [_name(type(handler)) for handler in logging.getLogger().handlers],
    "the locale": lambda: locale.setlocale(locale.LC_ALL),
    "garbage collection": gc.isenabled,
    "the umask": lambda: _umask(),
    "the thread switch interval": sys.getswitchinterval,
}
LEFTOVERS: Mapping[str, Callable[[], Any]] = {
    "files": _files,
    "threads": threading.active_count,
    "descriptors": _descriptors,
    "child processes": _children,
}


def _numpy_state() -> int:
    state = np.random.get_state(legacy=False)
    inner = state["state"]
    return hash((inner["key"].tobytes(), inner["pos"], state.get("has_gauss"))) if "key" in inner else hash(str(state))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def generators() -> dict[str, Any]:
    """The states of the global random generators."""
    return {what: read() for what, read in GENERATORS.items()}


def read() -> dict[str, Any]:
    """Everything that can be read of the process now."""
    return {what: read() for what, read in {**GENERATORS, **SETTINGS, **LEFTOVERS}.items()}
