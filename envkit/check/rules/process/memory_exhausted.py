"""Memory grows until the machine has none left.

Why: the kernel ends some process then, and rarely the guilty one.

Fails:

    class Env(Lamp):
        kept = []
        def step(self, action):
            self.kept.append(np.ones(2**24))  # 128 megabytes a step
            return super().step(action)

Passes:

    class Env(Lamp):
        def step(self, action):
            scratch = np.ones(1000)
            self.bright += 0 * scratch.sum()
            return super().step(action)

Limits: judged on Linux only, at a limit of several gigabytes; a slow leak is another rule's.
Source: https://docs.kernel.org/filesystems/proc.html (statm)
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.death import Death


def check(death: Death) -> Iterator[Finding]:
    if death.kind == "memory":
        yield Finding(
            message=f"{death.how} during {death.what}",
            fix="keep only what the current episode needs; drop it in reset",
            at=" -> ".join(death.calls[-4:]) or death.what,
            program=death.program,
        )


RULE = Rule("EK003", "memory-exhausted", Severity.ERROR, check, essential=True)
