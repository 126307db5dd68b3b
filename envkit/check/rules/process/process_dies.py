"""The whole process ends: a crash, os._exit, an abort, a crowd of processes.

Why: it takes the training run, the notebook or the worker with it, and no `except` helps.

Fails:

    class Env(Lamp):
        def step(self, action):
            if self.steps == 7:
                os._exit(3)
            return super().step(action)

Passes:

    class Env(Lamp):
        def step(self, action):
            if self.steps > 1000:
                raise RuntimeError("the simulator is gone; reset to start it again")
            return super().step(action)

Limits: the call is the last one that was begun; a crash caused earlier, by a corrupted memory, shows late.
Source: https://docs.python.org/3/library/faulthandler.html
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.death import Death


def check(death: Death) -> Iterator[Finding]:
    if death.kind in ("died", "crowd"):
        where = f" in {death.where}" if death.where else ""
        printed = f"; it had printed {death.output[-120:]!r}" if death.output else ""
        yield Finding(
            message=f"{death.how}{where} during {death.what}{printed}",
            fix="take out what ends the process; where going on is impossible, raise; guard native code",
            at=" -> ".join(death.calls[-4:]) or death.what,
            program=death.program,
        )


RULE = Rule("EK001", "process-dies", Severity.ERROR, check, essential=True)
