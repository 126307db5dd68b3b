"""The same action does something else, or is refused, when it comes as another type of integer.

Why: people and tables pass int, spaces sample np.int64, and policies pass either; all of them mean the same action.

Fails:

    class Env(Lamp):
        def step(self, action):
            return super().step(action.item())  # what an int has not

Passes:

    class Env(Lamp):
        def step(self, action):
            return super().step({0: 0, 1: 1}[int(action)])

Limits: np.int32 and arrays that must not be written to are warnings, arrays without dimensions advice. Boxes are given
in their own dtype only.
Source: PettingZoo's test for np.int32 actions; stable-baselines3's predict returns arrays.
"""

from collections.abc import Iterator
from dataclasses import replace

from envkit.check.judging.pairs import parting, require_repeatable
from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.actions_given import ActionsGiven
from envkit.core.show import error_line
from envkit.core.trace import Trace

LEVELS = {"an int": Severity.ERROR, "an array without dimensions": Severity.ADVICE}


def check(given: ActionsGiven) -> Iterator[Finding]:
    if not given.forms:
        return
    require_repeatable(given.sampled.calls[1:], given.again.calls[1:])
    for form, trace in given.forms.items():
        found = parting(given.sampled.calls[1:], trace.calls[1:], infos=False)
        if found is None:
            continue
        index = found.number + 1
        sampled = given.sampled.calls[min(index, len(given.sampled.calls) - 1)]
        if sampled.error is not None:
            continue  # it is the form that the space samples which is refused; step-raises says so
        error = trace.calls[index].error
        said = f"raises {error_line(error)}" if error is not None else f"plays on differently: {found.difference}"
        fix = "begin step with action = np.clip(action, low, high), which copies" if "written" in form else FIX
        finding = at_call(trace, index, f"an action given as {form} {said}", fix)
        yield replace(
            finding, kind=form, program=_program(trace, index, form), severity=LEVELS.get(form, Severity.WARNING)
        )


FIX = "begin step with action = int(action)"


def _program(trace: Trace, index: int, form: str) -> str:
    """Integers are spelled in the form in which they were given."""
    text = trace.program(index)
    if "written" not in form:
        return text
    head, _, last = text.rpartition("\n")
    action = last.removeprefix("print(env.step(").removesuffix("))")
    return f"{head}\naction = {action}\naction.flags.writeable = False\nprint(env.step(action))"


RULE = Rule("EK507", "action-type-matters", Severity.ERROR, check, symptom_of=("EK601",))
