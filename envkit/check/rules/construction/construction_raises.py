"""The module cannot be imported, or the constructor raises.

Why: nobody can use it; and a second instance in the same process is what every evaluation and vector environment makes.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.bulb = self.find_bulb()

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.bulb = None

Limits: a missing required argument is the caller's mistake and exits with code 2.
Source: Gymnasium, "Create a Custom Environment".
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction
from envkit.check.subject import cause
from envkit.core.show import error_line


def check(construction: Construction) -> Iterator[Finding]:
    for trace in (construction.first, construction.second):
        error = trace.calls[0].error
        if error is None:
            continue
        which = "" if trace is construction.first else "a second instance in the same process: "
        inner = cause(error)
        yield Finding(
            message=f"{which}{error if inner is not error else error_line(error)}",
            fix="mend the line named below"
            if which == ""
            else "keep what belongs to one instance on self, not in the module or class",
            at=_line(inner),
            program=trace.program(0)
            if trace is construction.first
            else f"{trace.program(0)}\nother = env = {_make(trace)}",
        )
        return


def _make(trace: object) -> str:
    return trace.program(0).rpartition("env = ")[2]  # type: ignore[attr-defined, no-any-return]


def _line(error: BaseException) -> str:
    """The innermost line of the environment's own code."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else "the constructor"


RULE = Rule("EK101", "construction-raises", Severity.ERROR, check)
