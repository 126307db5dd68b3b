"""The first instance in a process and a later one play the same seeded episode differently.

Why: something is carried from one instance to the next: a mutable default argument, a counter of the class, a variable
of the module. Evaluation uses another instance than training, and a vector environment several.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None, made=[]):
            super().__init__(render_mode)
            self.later = bool(made)
            made[:] = [True]
        def reward(self, burnt_out):
            return super().reward(burnt_out) * (0.5 if self.later else 1)

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None, made=()):
            super().__init__(render_mode)
            self.later = bool(made)
        def reward(self, burnt_out):
            return super().reward(burnt_out) * (0.5 if self.later else 1)

Limits: the first five instances in a new process.
Source: https://docs.python.org/3/faq/programming.html#why-are-default-values-shared-between-objects
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import indented
from envkit.check.judging.telling import first_parting, lines_of, place
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.processes import Processes, differences

ORDINALS = ("first", "second", "third", "fourth", "fifth")


def check(processes: Processes) -> Iterator[Finding]:
    """Where two processes alike agree on what the first and a later instance do, but those two do not agree."""
    processes.require()
    for later in range(1, len(processes.plain)):
        ends = (0, later)
        alike = [[rounds[i] for i in ends] for rounds in (processes.plain, processes.again)]
        found = first_parting(alike[0][:1], alike[0][1:])
        if found and not any(differences(*alike)):
            _, number, parting = found
            yield Finding(
                message=(
                    f"the {ORDINALS[later]} instance in a process plays the same seed and actions differently than the "
                    f"first: {parting.difference}"
                ),
                fix="keep state on self: no default argument, class attribute or variable of the module may change",
                at=place(processes, number, parting),
                program="\n".join([
                    "import envkit", "", f"for _ in range({later + 1}):",
                    *indented([*lines_of(processes, number, parting), "print(result)"]),
                ]),
            )  # fmt: skip
            return


RULE = Rule("EK212", "instances-differ", Severity.ERROR, check)
