"""The environment works only in the main thread of a process.

Why: servers, notebooks and schedulers such as Ray run environments in other threads. Signal handlers, some windows and
event loops belong to the main thread.

Fails:

    import signal

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            signal.signal(signal.SIGUSR1, signal.getsignal(signal.SIGUSR1))
            return super().reset(seed=seed, options=options)

Passes:

    import signal
    import threading

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGUSR1, signal.getsignal(signal.SIGUSR1))
            return super().reset(seed=seed, options=options)

Limits: one episode of a few steps, made and played in the same thread.
Source: https://docs.python.org/3/library/signal.html#signals-and-threads
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import indented
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.vector import Vectors
from envkit.check.subject import cause
from envkit.core.show import error_line


def check(vectors: Vectors) -> Iterator[Finding]:
    trace = vectors.in_thread
    vectors.of(workers=False) if trace is None else []
    failed = trace.error if trace else None
    if trace is None or failed is None or failed.error is None:
        return
    lines = trace.program(len(trace.calls) - 1).replace("import envkit\n\n", "").splitlines()
    body = ["import threading", "", "import envkit", "", "", "def play():", *indented(lines), "", ""]
    yield Finding(
        message=f"in another thread than the main one, {failed} raised {error_line(cause(failed.error))}",
        fix="leave signal handlers, windows and event loops to whoever runs the environment",
        at=trace.place(len(trace.calls) - 1),
        program="\n".join([*body, "threading.Thread(target=play).start()"]),
    )


EXPLAINED_BY = ("EK115", "EK0", "EK101", "EK401", "EK404", "EK502", "EK801", "EK103", "EK203")

RULE = Rule("EK859", "main-thread-only", Severity.WARNING, check, symptom_of=EXPLAINED_BY)
