"""What can be read of the process: settings, global random generators, and what an environment may leave behind."""

import contextlib
import ctypes
import os
import random
import threading
import tracemalloc
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from envkit.check.process import settings

Reading = Mapping[str, Any]
# Processes that Python and libraries start once, for the rest of the process, and those of the checker itself.
HELPERS = ("resource_tracker", "forkserver", "semaphore_tracker", "loky", "envkit.check.", "envkit.isolate.")


def descriptors() -> int:
    """How many files, pipes and sockets are open; 0 where the system does not say."""
    listing = Path("/proc/self/fd")
    return len(list(listing.iterdir())) if listing.is_dir() else 0


def threads() -> int:
    """How many threads there are, those of libraries included where the system says so."""
    listing = Path("/proc/self/task")
    return len(list(listing.iterdir())) if listing.is_dir() else threading.active_count()


def children() -> dict[int, str]:
    """{process id: command} of the child processes that have not ended; Linux only."""
    found = {}
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            pids = [int(text) for text in task.read_text().split()]
        except OSError:  # a thread that ended just now
            continue
        found.update({pid: _command(pid) for pid in pids})
    return {pid: command for pid, command in found.items() if not any(name in command for name in HELPERS)}


def _command(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return HELPERS[0]
    return text if text and state != "Z" else HELPERS[0]  # it has ended, or has hardly begun


def sockets() -> int:
    """How many sockets are open; Linux only."""
    found = 0
    for entry in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError):
            found += os.readlink(entry).startswith("socket:")  # noqa: PTH115 - it names no file
    return found


def resident() -> int:
    """Bytes of memory in use, that of libraries below Python included; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError, AttributeError):  # Windows has no sysconf
        return 0


class _Allocated(ctypes.Structure):
    """What glibc's mallinfo2 returns."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "mapped", "usmblks", "fsmblks", "used", "free", "keepcost")
    )


def heap() -> int:
    """Bytes that are allocated and not freed, below Python too; those of small objects of Python's are not all told.

    That of the whole process, rounded as the system does, where the C library does not say.
    """
    told = _mallinfo()
    if told is None:
        return resident()
    allocated = told()
    return int(allocated.mapped + allocated.used)


@cache
def _mallinfo() -> Any:
    try:
        function = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):
        return None
    function.restype = _Allocated
    return function


def held() -> int:
    """Bytes that are held: by Python and numpy where memory is traced, else by everybody."""
    return tracemalloc.get_traced_memory()[0] if tracemalloc.is_tracing() else heap()


GENERATORS: Mapping[str, Callable[[], Any]] = {
    "numpy.random": lambda: _numpy_state(),
    "random": lambda: hash(random.getstate()),
}
LEFTOVERS: Mapping[str, Callable[[], Any]] = {
    "threads": threads,
    "descriptors": descriptors,
    "child processes": children,
}


def _numpy_state() -> int:
    state = np.random.get_state(legacy=False)
    inner = state["state"]
    return hash((inner["key"].tobytes(), inner["pos"], state.get("has_gauss"))) if "key" in inner else hash(str(state))


def generators() -> dict[str, Any]:
    """The states of the global random generators."""
    return {what: read() for what, read in GENERATORS.items()}


def read() -> dict[str, Any]:
    """Everything that can be read of the process now."""
    return {**generators(), **settings.read(), **{what: read() for what, read in LEFTOVERS.items()}}


def scatter(number: int) -> None:
    """Puts the global generators into a state that nothing else puts them into, so that what seeds them shows."""
    np.random.seed(1_000_003 + number)
    random.seed(f"envkit {number}")
