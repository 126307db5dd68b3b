"""Instances are never freed, though they were closed and nobody uses them any more.

Why: evaluations, sweeps and tests make thousands of instances; all of them stay, with everything they hold.

Fails:

    class Env(Lamp):
        ALL = []
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.ALL.append(self)

Passes:

    class Env(Lamp):
        OPEN = {}
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.OPEN[id(self)] = self
        def close(self):
            self.OPEN.pop(id(self), None)

Limits: after garbage collection; one that is kept until the next is made is not held against it.
Source: https://docs.python.org/3/library/weakref.html
"""

from collections.abc import Iterator

from envkit.check.judging.leaking import instances
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.soak import Soak


def check(soak: Soak) -> Iterator[Finding]:
    if len(soak.lives) < 3:
        raise CannotJudge(soak.reason or "there was no time for several instances")
    if soak.alive >= len(soak.lives) - 1:
        yield Finding(
            message=f"{soak.alive} of {len(soak.lives)} instances are still there after close, del and gc.collect()",
            fix="take it out of every list, callback and atexit in close; or keep weak references: weakref.WeakSet()",
            at="env.close",
            program=instances(
                soak.make, ["gc"], "sum(type(one) is kind for one in gc.get_objects())",
                begin=f"kind = type({soak.make}.unwrapped)",
            ),
        )  # fmt: skip


RULE = Rule("EK815", "instances-kept-alive", Severity.WARNING, check, whole=True, symptom_of=("EK816",))
