"""The default of reset's seed is a number.

Why: reset() is meant to go on with the generator; a default seed plays the same episode for ever.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=42, options=None):
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            return super().reset(seed=seed, options=options)

Limits: reads the signature only.
Source: Gymnasium Env.reset; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator
from inspect import Parameter

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction


def check(construction: Construction) -> Iterator[Finding]:
    default = construction.reset_parameters.get("seed")
    if default is not None and default is not Parameter.empty:
        yield Finding(
            message=f"the default of reset's seed is {default!r}, not None",
            fix="write def reset(self, *, seed=None, options=None)",
            at="env.reset",
            program=f"{construction.first.program(0)}\nfor _ in range(2):\n    print(env.unwrapped.reset()[0])",
        )


RULE = Rule("EK402", "reset-seed-has-default", Severity.ERROR, check)
