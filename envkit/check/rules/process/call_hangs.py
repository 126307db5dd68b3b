"""A call does not come back.

Why: training stands still for ever, without a message; vector environments wait for their slowest member.

Fails:

    class Env(Lamp):
        def step(self, action):
            while self.steps == 7:
                pass
            return super().step(action)

Passes:

    class Env(Lamp):
        def step(self, action):
            for _ in range(1000):
                pass
            return super().step(action)

Limits: what is slower than the time limit (`--timeout`, in seconds a call) counts as hanging.
Source: https://gymnasium.farama.org/api/vector/async_vector_env/ waits without limit by default.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.death import Death


def check(death: Death) -> Iterator[Finding]:
    if death.kind in ("hung", "overdue"):
        where = f"; it was in {death.where}" if death.where else ""
        yield Finding(
            message=f"{death.how} from {death.what}{where}",
            fix="bound every loop and wait by a count or a time; a call that is merely slow needs a longer --timeout",
            at=" -> ".join(death.calls[-4:]) or death.what,
            program=death.program,
        )


RULE = Rule("EK002", "call-hangs", Severity.ERROR, check, essential=True)
