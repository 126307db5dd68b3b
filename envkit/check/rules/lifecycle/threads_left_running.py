"""Threads are started again and again, and never end.

Why: each costs memory and time; a process can have some thousands, then it cannot start any more.

Fails:

    import threading

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.stop = threading.Event()
            threading.Thread(target=self.stop.wait, daemon=True).start()
        def __getstate__(self):
            return {name: value for name, value in vars(self).items() if name != "stop"}

Passes:

    import threading

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.stop = threading.Event()
            self.thread = threading.Thread(target=self.stop.wait, daemon=True)
            self.thread.start()
        def close(self):
            self.stop.set()
            self.thread.join()
        def __getstate__(self):
            return {name: value for name, value in vars(self).items() if name not in ("stop", "thread")}

Limits: threads that are started once, and used by all instances, are not held against it.
Source: https://docs.python.org/3/library/threading.html; Gymnasium Env.close
"""

from collections.abc import Iterator

from envkit.check.judging.leaking import after_a_round, episodes, instances
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.soak import Soak
from envkit.core.show import count

SHOWS = "threading.active_count()"
MANY = 100  # more than any pool that is shared


def check(soak: Soak) -> Iterator[Finding]:
    course = soak.rounds()
    grown, lives = course.growth("threads"), soak.per_life("threads")
    if grown:
        message = f"{count(grown, 'thread')} more are running after every {{calls}}"
        fix = "start it once, or join it: self.thread.join() before the next one is started"
        yield after_a_round(course, grown, message, fix, episodes(soak.make, ["threading"], SHOWS))
    elif soak.threads >= MANY:
        yield Finding(
            message=f"{soak.threads} threads are running though every instance so far was closed",
            fix="tell threads to end, with an Event, and join them, in close at the latest",
            at="env.close",
            program=episodes(soak.make, ["threading"], SHOWS),
            kind="episodes",
        )
    elif lives:
        yield Finding(
            message=f"every instance leaves {count(lives, 'thread')} running after close",
            fix="in close: tell the thread to end, with an Event, and join it",
            at="env.close",
            program=instances(soak.make, ["gc", "threading"], SHOWS),
            kind="instances",
        )


RULE = Rule("EK813", "threads-left-running", Severity.ERROR, check, whole=True)
