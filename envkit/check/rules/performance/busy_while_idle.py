"""A thread works all the time, also while nobody asks the environment for anything.

Why: it takes the interpreter from the learner and from every other environment of the process; with sixteen instances
training stands still.

Fails:

    import threading

    def spin(stop):
        while not stop.is_set():
            sum(range(100))

    class Env(Lamp):
        stop = None
        def reset(self, *, seed=None, options=None):
            if self.stop is None:
                self.stop = threading.Event()
                threading.Thread(target=spin, args=(self.stop,), daemon=True).start()
            return super().reset(seed=seed)
        def close(self):
            if self.stop is not None:
                self.stop.set()
        def __getstate__(self):
            return {name: value for name, value in vars(self).items() if name != "stop"}

Passes:

    import threading

    def wait(stop, work):
        while work.wait() and not stop.is_set():
            work.clear()

    class Env(Lamp):
        stop = work = None
        def reset(self, *, seed=None, options=None):
            if self.stop is None:
                self.stop, self.work = threading.Event(), threading.Event()
                threading.Thread(target=wait, args=(self.stop, self.work), daemon=True).start()
            return super().reset(seed=seed)
        def close(self):
            if self.stop is not None:
                self.stop.set()
                self.work.set()
        def __getstate__(self):
            return {name: value for name, value in vars(self).items() if name not in ("stop", "work")}

Limits: a quarter of a processor or more, in each of three fiftieths of a second between two steps; what other processes
work is not seen.
Source: https://docs.python.org/3/glossary.html#term-global-interpreter-lock
"""

from collections.abc import Iterator

from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.idle import BUSY, Idle
from envkit.core.trace import program

WATCHED = """
begun, own, whole = time.perf_counter(), time.thread_time(), time.process_time()
time.sleep(0.2)
others = time.process_time() - whole - (time.thread_time() - own)
print(others / (time.perf_counter() - begun))
""".strip()


def check(idle: Idle) -> Iterator[Finding]:
    if not any(call.method == "step" for call in idle.trace.calls):
        raise CannotJudge("no step was taken")
    if idle.share < BUSY:
        return
    who = f"there is {', '.join(idle.threads[:4])}" if idle.threads else "none of them is one of Python's"
    calls = program(list(idle.trace.calls), print_last=False)
    yield Finding(
        message=f"between two steps, while nothing is asked of the environment, other threads work: {who}",
        fix="let the thread wait until there is work: queue.get(), Event.wait(), or time.sleep in its loop",
        at="between two steps",
        program=f"import time\n\n{calls}\n{WATCHED}",
    )


RULE = Rule("EK874", "busy-while-idle", Severity.WARNING, check, whole=True)
