"""A default argument of the constructor is changed by use.

Why: the default is one object for all instances: what one of them adds to it, the next one starts with.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None, notes=[]):
            super().__init__(render_mode)
            notes.append("made")

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None, notes=None):
            super().__init__(render_mode)
            self.notes = list(notes or [])
            self.notes.append("made")

Limits: lists, dictionaries and sets that are defaults of the class's own constructor.
Source: Python's FAQ, "Why are default values shared between objects?"
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.aftermath import Aftermath
from envkit.check.probes.construction import Construction
from envkit.core.compare import first_difference
from envkit.core.show import show


def check(construction: Construction, aftermath: Aftermath) -> Iterator[Finding]:
    for name, before in construction.defaults.items():
        now = aftermath.defaults.get(name, before)
        if first_difference(before, now):
            kind = type(construction.env).__name__
            yield Finding(
                message=f"the default of {name!r} was {show(before, most=60)} once, and is {show(now, most=60)} by now",
                fix=f"def __init__(self, {name}=None), and make a new {type(before).__name__} inside",
                at=f"{kind}.__init__",
                program=f"{construction.first.program(0)}\nprint(type(env.unwrapped).__init__.__defaults__)",
                kind=name,
            )


RULE = Rule("EK114", "default-argument-changed", Severity.ERROR, check)
