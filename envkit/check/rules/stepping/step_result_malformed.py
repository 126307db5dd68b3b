"""step does not return five parts.

Why: callers unpack observation, reward, terminated, truncated, info; before gym 0.26 there was one `done`.

Fails:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            return observation, reward, terminated or truncated, info

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            return observation, reward, terminated, truncated, info

Limits: none known.
Source: Gymnasium Env.step; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import error_line, show

MIGRATE = (
    "return observation, reward, terminated, truncated, {}: terminated when the game itself is over, truncated when "
    "only the time is up (a 4-tuple with `done` is the interface of the old gym)"
)


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace in rollouts.traces:
        for index, call in enumerate(trace.calls):
            result = call.copy
            if call.method != "step" or call.error is not None or (isinstance(result, tuple) and len(result) == 5):
                continue
            what = f"a tuple of {len(result)}" if isinstance(result, tuple) else show(result, most=80)
            message = f"step returned {what}, not the five parts (observation, reward, terminated, truncated, info)"
            tally.add(what, trace, index, message, MIGRATE)
    for trace, call in rollouts.errors:
        if call.method == "step" and call.error is not None and is_unpacking(call.error):
            message = f"step did not return five parts: {error_line(call.error)}"
            tally.add("unpack", trace, len(trace.calls) - 1, message, MIGRATE)
    yield from tally.findings()


def is_unpacking(error: BaseException) -> bool:
    """Whether a wrapper stumbled over a result of another length, before anybody could see it."""
    return isinstance(error, ValueError) and "values to unpack" in error_line(error)


RULE = Rule("EK501", "step-result-malformed", Severity.ERROR, check)
