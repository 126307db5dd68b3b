"""reset does not return an observation and an info dictionary.

Why: callers unpack two values; before gym 0.26 it was one.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed, options=options)
            return observation, info, {}

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed, options=options)
            return observation, info

Limits: none known.
Source: Gymnasium Env.reset; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import show


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace in rollouts.traces:
        for index, call in enumerate(trace.calls):
            if call.method != "reset" or call.error is not None:
                continue
            result = call.copy
            if not isinstance(result, tuple) or len(result) != 2:
                what = f"a tuple of {len(result)}" if isinstance(result, tuple) else show(result, most=80)
                message = f"reset returned {what}, not the two parts (observation, info)"
            elif not isinstance(result[1], dict):
                message = f"the info that reset returned is {show(result[1], most=80)}, not a dictionary"
            else:
                continue
            fix = "return observation, {}"
            tally.add(message.partition(",")[0], trace, index, message, fix)
    yield from tally.findings()


RULE = Rule("EK403", "reset-result-malformed", Severity.ERROR, check)
