"""Something that was returned changes later.

Why: learners store what they are given. With one buffer returned again and again, every stored observation is the last
one, and training goes on without a word.

Fails:

    class Env(Lamp):
        def observe(self):
            if not hasattr(self, "buffer"):
                self.buffer = np.zeros(2, np.float32)
            self.buffer[:] = super().observe()
            return self.buffer

Passes:

    class Env(Lamp):
        def observe(self):
            return super().observe().copy()

Limits: an object that is returned again, unchanged, is legal.
Source: Gymnasium check_env, "the observation must not be reused".
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import PARTS
from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.compare import first_difference
from envkit.core.trace import Trace

FIX = "return a copy: what is handed out must not be what the environment goes on using"


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace in rollouts.traces:
        for index, call in enumerate(trace.calls):
            names = PARTS.get(call.method, ())
            if not isinstance(call.copy, tuple) or len(call.copy) != len(names):
                continue
            for name, then, now in zip(names, call.copy, call.result, strict=True):
                difference = first_difference(then, now, name) if then is not now else None
                if difference:
                    said = difference.replace(" in one and ", " when it was returned and ").replace(
                        " in the other", " later"
                    )
                    message = f"what {call.method} returned was changed afterwards: {said}"
                    program = _program(trace, index, name)
                    tally.add((call.method, name), trace, index, message, FIX, program=program)
    yield from tally.findings()


def _program(trace: Trace, index: int, name: str) -> str:
    """Keeps what was returned, plays on, and prints it before and after."""
    call = trace.calls[index]
    part = PARTS[call.method].index(name)
    head, _, last = trace.program(index).rpartition("\n")
    last = last.removeprefix("print(").removesuffix(")")
    return (
        f"{head}\nkept = {last}[{part}]\nprint(kept)\n"
        f"for _ in range(3):\n    env.step(env.action_space.sample())\nprint(kept)"
    )


RULE = Rule("EK603", "returned-object-changes", Severity.ERROR, check, symptom_of=("EK604", "EK605"))
