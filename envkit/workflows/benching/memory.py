"""What environments hold in memory: measured in a process of its own, which has never held anything else."""

import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from envkit.core.errors import FOREIGN, EnvkitError
from envkit.core.ref import EnvRef
from envkit.core.show import error_line
from envkit.isolate.ledger import Ledger
from envkit.workflows.benching.subject import Subject

FURTHER, STEPS = 64, 16
SECONDS, BYTES = 1.5, 2**30  # after which no further one is made


def weighed(ledger: Ledger | None, *, ref: EnvRef, seed: int) -> dict[str, Any]:
    """{"alone": bytes of a process with one environment at its peak, "each": bytes that a further one adds}.

    Each has been reset and stepped a little. `{"failed": text}` where that is not possible.
    """
    if ledger:
        ledger.chapter = "memory"
        ledger.start("make, reset and step several environments")
    try:
        subject = Subject(ref, (), seed)
        envs = [_used(subject)]
        alone, before, begun = peak(), now(), time.monotonic()
        while len(envs) <= FURTHER and time.monotonic() - begun < SECONDS and now() - before < BYTES:
            envs.append(_used(subject))
            if ledger:
                ledger.start(f"make, reset and step environment {len(envs)}")
        each = (now() - before) / max(1, len(envs) - 1)
        for env in envs:
            env.close()
    except FOREIGN as error:
        return {"failed": str(error) if isinstance(error, EnvkitError) else error_line(error)}
    if ledger:
        ledger.finish()
    return {"alone": alone, "each": max(0.0, each), "envs": len(envs)}


def _used(subject: Subject) -> Any:
    env = subject.maker()
    env.reset(seed=subject.seed)
    for action in subject.drawn(env.action_space, STEPS):
        _, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            env.reset()
    return env


def now() -> int:
    """Bytes of memory in use; at its peak where the system does not tell more."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return peak()


def peak() -> int:
    """The most bytes of memory that this process has had in use."""
    try:  # the kernel's count for a program, while that of getrusage begins with its parent's
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
