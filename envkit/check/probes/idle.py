"""Lets an instance wait between two steps, and reads what the rest of the process works meanwhile."""

import re
import threading
import time
from dataclasses import dataclass

from envkit.check.acting.actions import RANDOM, script
from envkit.check.model import Probe
from envkit.check.subject import Subject
from envkit.core.trace import Trace

SECONDS, WINDOWS = 0.02, 3
BUSY = 0.25  # of a processor; less is what any thread that looks round now and then takes


@dataclass(frozen=True)
class Idle:
    """What was read.

    Args:
      trace: the record until then.
      share: of one processor, what was worked by other threads than the caller's, the least of some windows.
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
    begun, own, all_together = time.perf_counter(), time.thread_time(), time.process_time()
    time.sleep(SECONDS)
    worked = (time.process_time() - all_together) - (time.thread_time() - own)
    return max(0.0, worked) / (time.perf_counter() - begun)


PROBE = Probe("idle", Idle, run)
