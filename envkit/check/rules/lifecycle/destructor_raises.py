"""The destructor raises when an instance is collected: nobody can catch it, and it is printed at odd moments.

Why: the text appears wherever Python happens to clean up, mostly at the end of a training run, and hides what matters;
mostly __del__ closes what was never opened, or was closed before.

Fails:

    class Env(Lamp):
        def __del__(self):
            self.window.close()

Passes:

    class Env(Lamp):
        window = None
        def __del__(self):
            if self.window is not None:
                self.window.close()

Limits: sees what happens while the check runs, not what happens when the interpreter ends.
Source: https://docs.python.org/3/reference/datamodel.html#object.__del__
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.aftermath import Aftermath


def check(aftermath: Aftermath) -> Iterator[Finding]:
    raised = [(name, error) for name, error in aftermath.ignored if name.endswith("__del__")]
    if raised:
        name, error = raised[0]
        yield Finding(
            message=f"{name} raised {error}, where nobody can catch it",
            fix="look in __del__ whether there is anything to close; better, leave cleaning up to close",
            at=name,
            program=f"{aftermath.make}\nenv.reset(seed=0)\nenv.close()\ndel env",
            count=len(raised),
        )


RULE = Rule("EK817", "destructor-raises", Severity.WARNING, check, whole=True)
