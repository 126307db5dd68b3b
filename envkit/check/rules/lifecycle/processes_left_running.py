"""Child processes are still there when every instance is closed.

Why: they keep memory, ports and devices; at the end of training they are left on the machine, and nobody knows of them.

Fails:

    class Env(Lamp):
        helper = 0
        def reset(self, *, seed=None, options=None):
            if not Env.helper:
                Env.helper = os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "20")
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            helper = os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "0")
            os.waitpid(helper, 0)

Limits: Linux only. Processes that Python's multiprocessing starts once for itself do not count.
Source: https://docs.python.org/3/library/subprocess.html; Gymnasium Env.close
"""

from collections.abc import Iterator

from envkit.check.judging.leaking import instances
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.soak import Soak
from envkit.check.probes.surroundings import Surroundings


def check(surroundings: Surroundings, soak: Soak) -> Iterator[Finding]:
    children = {**surroundings.children, **soak.children}
    if children:
        command = min(children.values())
        shown = command if len(command) <= 80 else f"{command[:79]}…"
        many = "a child process is" if len(children) == 1 else f"{len(children)} child processes are"
        yield Finding(
            message=f"{many} still there when every instance is closed: {shown}",
            fix="end it in close, and wait for it: self.helper.terminate(), self.helper.wait()",
            at="env.close",
            program=instances(soak.make, ["os"], 'open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read()'),
        )


RULE = Rule("EK814", "processes-left-running", Severity.ERROR, check, whole=True)
