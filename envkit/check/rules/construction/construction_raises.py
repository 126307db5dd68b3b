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

from envkit.check.judging.pairs import make_text
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction
from envkit.check.subject import cause
from envkit.core.errors import NotAnEnvironment
from envkit.core.show import error_line, innermost_line, show
from envkit.core.trace import Call


def check(construction: Construction) -> Iterator[Finding]:
    for trace in (construction.first, construction.second):
        error = trace.calls[0].error
        if error is None:
            continue
        inner = cause(error)
        line = innermost_line(inner) or str(trace.calls[0].arguments["target"])
        said = str(error) if inner is not error else error_line(error)
        program = trace.program(0)
        if isinstance(error, NotAnEnvironment):
            fix = "derive it from gymnasium.Env, or return one: class Name(gymnasium.Env)"
            yield Finding(message=said, fix=fix, at=str(trace.calls[0].arguments["target"]), program=program)
        elif trace is construction.first:
            yield Finding(message=said, fix=_fix(inner, line, trace.calls[0]), at=line, program=program)
        else:
            yield Finding(
                message=f"a second instance in the same process: {said}",
                fix=f"keep what belongs to one instance on self, not in the module or class; see {line}",
                at=line,
                program=f"{program}\nother = {make_text(trace.calls[0])}",
            )
        return


def _fix(error: BaseException, line: str, made: Call) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"install it, or mend {line}"
    given = ", ".join(f"{name}={show(value)}" for name, value in made.arguments.items() if name != "target")
    return f"give something else than {given}, or mend {line}" if given else f"mend {line}"


RULE = Rule("EK101", "construction-raises", Severity.ERROR, check, essential=True)
