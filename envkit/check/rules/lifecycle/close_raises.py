"""close raises, the first time or the second.

Why: close stands in `finally` blocks, in __del__ and in wrappers, so it is called more than once; what it raises hides
the error that led there.

Fails:

    class Env(Lamp):
        def close(self):
            del self.bright

Passes:

    class Env(Lamp):
        def close(self):
            self.window = None

Limits: not tried before the first reset.
Source: Gymnasium Env.close; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import error_line


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, call in rollouts.errors:
        if call.error is None or call.method != "close":
            continue
        closes = sum(other.method == "close" for other in trace.calls)
        which = "close" if closes == 1 else "the second close"
        fix = "let close be called at any time and any number of times: check what is still open"
        tally.add(type(call.error), trace, len(trace.calls) - 1, f"{which} raised {error_line(call.error)}", fix)
    yield from tally.findings()


RULE = Rule("EK801", "close-raises", Severity.ERROR, check)
