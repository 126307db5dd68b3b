"""Lets an instance wait between two steps, and reads what the rest of the process works meanwhile."""

import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from envkit.check.acting.actions import RANDOM, script
from envkit.check.model import Probe
from envkit.check.subject import Subject
from envkit.core.trace import Trace
from envkit.isolate.waiting import delayed

SECONDS, WINDOWS = 0.02, 3
LONGEST = 2.0  # seconds of a window, on a machine where others have all processors
BUSY = 0.25  # of a processor; less is what any thread that looks round now and then takes
TASKS = Path("/proc/self/task")  # where the system is Linux


@dataclass(frozen=True)
class Idle:
    """What was read.

    Args:
      trace: the record until then.
      share: of one processor, what was worked by other threads than the caller's, the least of some windows; what a
        thread waits for a busy machine is no part of its window.
      threads: the names of those that Python knows, without numbers.
    """

    trace: Trace
    share: float
    threads: tuple[str, ...]


def run(subject: Subject) -> Idle:
    driver = subject.open("waiting between steps")
    if driver.ok:
        driver.reset(seed=None if subject.budget.frugal else subject.seed)  # a seeded one may cost as much as all else
    for action in script(subject.action_space, RANDOM, subject.rng(700), 1):
        if driver.playing:
            driver.step(action)
    share = 1.0
    for _ in range(WINDOWS):  # threads that have just worked for the step, such as a library's, may linger
        share = min(share, _others_share())
        if share < BUSY:
            break
    others = (thread for thread in threading.enumerate() if thread is not threading.current_thread())
    names = {re.sub(r"-\d+", "", thread.name) for thread in others}  # which number it has, chance decides
    return Idle(driver.finish(), share, tuple(sorted(names)))


def _others_share() -> float:
    begun, own, all_together, before = time.perf_counter(), time.thread_time(), time.process_time(), _waited()
    elapsed = had = 0.0  # had: what was left to the thread that waited most for a processor
    while had < SECONDS / 2 and elapsed < LONGEST:
        time.sleep(SECONDS)
        waited = max((seconds - before.get(thread, 0.0) for thread, seconds in _waited().items()), default=0.0)
        elapsed = time.perf_counter() - begun
        had = elapsed - waited
    worked = (time.process_time() - all_together) - (time.thread_time() - own)
    return max(0.0, worked) / max(had, SECONDS / 2)  # of hardly any window nothing could be said


def _waited() -> dict[str, float]:
    """Seconds that each other thread was ready to run but had no processor; empty where the system does not tell."""
    found = {}
    for task in TASKS.glob("[0-9]*"):
        if task.name != str(threading.get_native_id()) and (seconds := delayed(task)) is not None:
            found[task.name] = seconds
    return found


PROBE = Probe("idle", Idle, run)
