"""What the machine has to offer."""

import contextlib
import os
from pathlib import Path

STAT, STOLEN = Path("/proc/stat"), 8  # where Linux counts, and in which field of a processor's line


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def stolen() -> float:
    """Seconds since the start that a virtual machine's host kept a processor from it, the most of any; else 0."""
    found = 0.0
    with contextlib.suppress(OSError, IndexError, ValueError):
        for line in STAT.read_text().splitlines():
            if line.startswith("cpu") and line[3].isdigit():
                found = max(found, int(line.split()[STOLEN]) / os.sysconf("SC_CLK_TCK"))
    return found
