"""reset raises.

Why: reset is allowed at any time with any seed: at first, after an end, in the middle of an episode.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            if 0 < self.steps < 5:
                raise RuntimeError("the episode is still running")
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            return super().reset(seed=seed, options=options)

Limits: after steps beyond the end, another rule speaks.
Source: Gymnasium Env.reset; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import error_line, innermost_line


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, call in rollouts.errors:
        if call.error is None or call.method != "reset" or _is_about_signature(call.error):
            continue
        if any(step.beyond for step in trace.steps[-1:]):
            continue  # unusable-after-the-end says so
        message = f"reset raised {error_line(call.error)}"
        where = innermost_line(call.error) or "reset"
        fix = f"let reset begin a new episode, whatever seed and whatever came before; see {where}"
        tally.add(type(call.error), trace, len(trace.calls) - 1, message, fix, whole=True)
    yield from tally.findings()


def _is_about_signature(error: BaseException) -> bool:
    """Whether reset-signature says so."""
    return isinstance(error, TypeError) and any(
        f"unexpected keyword argument '{name}'" in error_line(error) for name in ("seed", "options")
    )


RULE = Rule("EK404", "reset-raises", Severity.ERROR, check)
