"""The child and everything it has started: found, counted and ended, and never anything else.

Who belongs to it is told by descent, as long as the child lives, and by a token in the environment variables, which
whatever the child starts inherits: so a daemon that has left its group, its session and its parent is found as well.
Linux only; elsewhere nothing is found, and only the child's process group is ended.
"""

import contextlib
import os
import signal
from pathlib import Path

from envkit.isolate.waiting import delayed

TOKEN = "ENVKIT_CHILD"  # the environment variable
MOST_TASKS = 64  # whose children are looked for; more threads than that are only counted
PROC = Path("/proc")

Member = tuple[int, str]  # process id and time of its start: the number alone may be another process's by now


def descendants(pid: int) -> set[Member]:
    """The process itself and whatever descends from it."""
    found: set[Member] = set()
    waiting = [pid]
    while waiting:
        number = waiting.pop()
        begun = _start(number)
        if begun is None or (number, begun) in found:
            continue
        found.add((number, begun))
        for task in _tasks(number)[:MOST_TASKS]:
            with contextlib.suppress(OSError):
                waiting += [int(text) for text in (task / "children").read_text().split()]
    return found


def resident(family: set[Member]) -> int:
    """Bytes of memory in use by all of them; what they share counts once for each."""
    pages = 0
    for pid, _ in family:
        with contextlib.suppress(OSError, IndexError, ValueError):
            pages += int((PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def unshared(family: set[Member]) -> int:
    """The same, but what several of them share, such as a process and its forks, counts once; slow to find out."""
    found = 0
    for pid, begun in family:
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
            found += 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration, IndexError, ValueError):
            found += resident({(pid, begun)})
    return found


def threads(family: set[Member]) -> int:
    return sum(len(_tasks(pid)) for pid, _ in family)


def waited(family: set[Member]) -> dict[Member, float]:
    """Seconds that the main thread of each was ready to run but had no processor; empty where the system keeps none."""
    found = {}
    for member in family:
        if (seconds := delayed(PROC / str(member[0]))) is not None:
            found[member] = seconds
    return found


def end(family: set[Member], token: str) -> None:
    """Kills the members that still live, and whoever carries the token, until there are none."""
    for pid, begun in family:
        if _start(pid) == begun:
            _kill(pid)
    for _ in range(20):  # what is being started just now carries the token too
        holders = _holders(token)
        if not holders:
            return
        for pid in holders:
            _kill(pid)


def _holders(token: str) -> list[int]:
    """The living processes, but for this one, in whose environment the token stands."""
    wanted = f"{TOKEN}={token}".encode()
    found = []
    for entry in PROC.glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()  # empty once the process has ended
        except OSError:  # it has ended, or is another user's
            continue
        if wanted in environment.split(b"\0") and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _start(pid: int) -> str | None:
    """When it was started; None where there is no such process, or it has ended."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _tasks(pid: int) -> list[Path]:
    try:
        return list((PROC / str(pid) / "task").iterdir())
    except OSError:
        return []
