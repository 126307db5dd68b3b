"""step raises for an action that is a member of the action space.

Why: whatever the space contains, a learner will try: the bounds, the corners, the same action a hundred times.

Fails:

    class Env(Lamp):
        def step(self, action):
            if self.bright < 0.05:
                raise ZeroDivisionError("too dark")
            return super().step(action)

Passes:

    class Env(Lamp):
        def step(self, action):
            self.bright = max(self.bright, 0.05)
            return super().step(action)

Limits: judged before the end of an episode; beyond it an environment may refuse.
Source: Gymnasium Env.step; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.rules.stepping.step_result_malformed import is_unpacking
from envkit.core.show import error_line, innermost_line


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, call in rollouts.errors:
        if call.error is None or call.method != "step" or is_unpacking(call.error):
            continue
        message = f"step raised {error_line(call.error)}"
        fix = f"mend {innermost_line(call.error) or 'step'}, or what led there: this action in this state"
        tally.add(type(call.error), trace, len(trace.calls) - 1, message, fix)
    yield from tally.findings()


RULE = Rule("EK502", "step-raises", Severity.ERROR, check)
