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

from envkit.check.judging import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.lifecycle import Lifecycle
from envkit.core.show import error_line


def check(lifecycle: Lifecycle) -> Iterator[Finding]:
    trace = lifecycle.closed
    call = trace.error
    if call is not None and call.error is not None and call.method == "close":
        closes = sum(other.method == "close" for other in trace.calls)
        which = "close" if closes == 1 else "the second close"
        fix = "let close be called at any time and any number of times: check what is still open"
        yield at_call(trace, len(trace.calls) - 1, f"{which} raised {error_line(call.error)}", fix)


RULE = Rule("EK801", "close-raises", Severity.ERROR, check)
