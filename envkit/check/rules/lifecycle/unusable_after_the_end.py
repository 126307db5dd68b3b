"""A step beyond the end of an episode leaves an instance that cannot be reset.

Why: loops step once too often, vector environments with autoreset most of all; reset must always help.

Fails:

    class Env(Lamp):
        broken = False
        def reset(self, *, seed=None, options=None):
            if self.broken:
                raise RuntimeError("broken")
            return super().reset(seed=seed, options=options)
        def step(self, action):
            self.broken = self.bright >= 1 or self.steps >= 20
            return super().step(action)

Passes:

    class Env(Lamp):
        def step(self, action):
            if self.bright >= 1 or self.steps >= 20:
                raise gym.error.ResetNeeded("the episode has ended; call reset")
            return super().step(action)

Limits: raising in the step beyond the end is legal.
Source: Gymnasium Env.step; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.lifecycle import Lifecycle
from envkit.core.show import error_line

FIX = "set everything anew in reset; let step beyond the end raise, or change nothing"


def check(lifecycle: Lifecycle) -> Iterator[Finding]:
    tally = Tally()
    for trace in lifecycle.past_end:
        call = trace.error
        beyond = any(call.method == "step" and trace.is_beyond(i) for i, call in enumerate(trace.calls))
        if beyond and call is not None and call.error is not None and call.method in ("reset", "step"):
            if call.method == "step" and trace.is_beyond(len(trace.calls) - 1):
                continue  # to refuse is legal
            message = f"after a step beyond the end, {call.method} raised {error_line(call.error)}"
            tally.add(call.method, trace, len(trace.calls) - 1, message, FIX, whole=True)
    yield from tally.findings()


RULE = Rule("EK802", "unusable-after-the-end", Severity.ERROR, check)
