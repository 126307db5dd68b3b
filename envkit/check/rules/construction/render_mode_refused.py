"""A declared render mode cannot be asked for: the constructor refuses it.

Why: since gym 0.26 the mode is chosen when the environment is made; recorders fail here.

Fails:

    class Env(Lamp):
        def __init__(self):
            super().__init__()

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)

Limits: not judged where a function makes the environment, which may fix the mode. human mode is tried apart, and last.
Source: Gymnasium Env.render; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction
from envkit.check.subject import cause
from envkit.core.show import error_line
from envkit.core.trace import Trace


def check(construction: Construction) -> Iterator[Finding]:
    for mode, (call, _) in construction.by_mode.items():
        if call.error is not None and not construction.by_function:
            yield Finding(
                message=f"the declared render mode {mode!r} cannot be made: {error_line(cause(call.error))}",
                fix="take render_mode=None in the constructor and keep it: self.render_mode = render_mode",
                at=str(call),
                program=Trace("", (call,)).program(),
            )


RULE = Rule("EK107", "render-mode-refused", Severity.ERROR, check, symptom_of=("EK115",))
