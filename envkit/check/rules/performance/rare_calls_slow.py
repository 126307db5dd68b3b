"""Making an instance, or closing one, takes long, or the step that ends an episode does.

Why: vector environments and sweeps make hundreds of instances, and every test makes a few; the time is paid each time.

Fails:

    import time

    class Env(Lamp):
        def close(self):
            time.sleep(0.7)

Passes:

    import time

    class Env(Lamp):
        def close(self):
            time.sleep(0.001)

Limits: a second for making, half a second for closing; an ending step from a twentieth of a second on, where it takes
fifty times as long as others. By the quickest of several, so that load on the machine is not taken for it.
Source: https://docs.python.org/3/library/time.html; Gymnasium AsyncVectorEnv, which makes an instance for each worker.
"""

import statistics
from collections.abc import Iterator

from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.trace import Trace

ENOUGH = 3
LONG = {"make": 1.0, "close": 0.5}  # seconds
ENDING, TIMES = 0.05, 50
FIXES = {
    "make": "make tables once, for all instances, or when they are first needed; functools.cache does both",
    "close": "wait for nothing in close that was never started, and with a limit for what was",
}


def check(rollouts: Rollouts) -> Iterator[Finding]:
    for method, most in LONG.items():
        calls = [call for trace in rollouts.traces for call in trace.calls if call.method == method and not call.error]
        times = sorted(call.seconds for call in calls)[1:]  # the very first may import something
        if method == "make" and len(times) < ENOUGH:
            raise CannotJudge("too few instances were made")
        if len(times) >= ENOUGH and min(times) > most:
            begin = rollouts.traces[0].program(0)
            last = "env.reset(seed=0)\nbegun = time.perf_counter()\nenv.close()" if method == "close" else ""
            head = begin.replace("import envkit", "import time\n\nimport envkit", 1)
            timed = head if last else head.replace("\nenv = ", "\nbegun = time.perf_counter()\nenv = ", 1)
            yield Finding(
                message=f"{'making an instance' if method == 'make' else 'close'} takes {min(times):.2g} s each time",
                fix=FIXES[method],
                at=f"env.{method}" if method == "close" else "the constructor",
                program=f"{timed}\n{last}\nprint(time.perf_counter() - begun)".replace("\n\nprint", "\nprint"),
                count=len(times),
                kind=method,
            )
    yield from _endings(rollouts)


def _endings(rollouts: Rollouts) -> Iterator[Finding]:
    ends: list[tuple[float, Trace, int]] = []
    others: list[float] = []
    for trace, step in rollouts.steps():
        if step.ended:
            ends.append((step.call.seconds, trace, step.index))
        else:
            others.append(step.call.seconds)
    for how in ("terminated", "truncated"):
        some = [end for end in ends if end[1].calls[end[2]].copy[2 if how == "terminated" else 3]]
        if len(some) < ENOUGH or not others:
            continue
        quickest = min(some, key=lambda end: end[0])
        usual = statistics.median(others)
        if quickest[0] > max(ENDING, TIMES * usual):
            _, trace, index = quickest
            yield Finding(
                message=f"the step that ends an episode takes {quickest[0]:.2g} s, others {usual:.1g} s",
                fix="show what there is to celebrate in render, for people; step is called by programs",
                at=trace.place(index),
                program=trace.program(index),
                count=len(some),
                kind=how,
            )


RULE = Rule("EK873", "rare-calls-slow", Severity.WARNING, check, whole=True, symptom_of=("EK872",))
