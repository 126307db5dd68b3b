"""reset does not take the keywords seed and options.

Why: every wrapper, vector environment and learner calls reset(seed=..., options=...).

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None):
            return super().reset(seed=seed)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            return super().reset(seed=seed, options=options)

Limits: none known.
Source: Gymnasium Env.reset; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator
from inspect import Parameter

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction


def check(construction: Construction) -> Iterator[Finding]:
    parameters = construction.reset_parameters
    if construction.env is None or any(name.startswith("**") for name in parameters):
        return
    required = [name for name in ("seed", "options") if parameters.get(name) is Parameter.empty]
    if required:
        yield Finding(
            message=f"reset cannot be called without {' and '.join(required)}",
            fix="write def reset(self, *, seed=None, options=None)",
            at="env.reset",
            program=f"{construction.first.program(0)}\nenv.unwrapped.reset()",
        )
    missing = [name for name in ("seed", "options") if name not in parameters]
    if missing:
        yield Finding(
            message=f"reset takes no {' and no '.join(missing)}; its parameters are {', '.join(parameters) or 'none'}",
            fix="write def reset(self, *, seed=None, options=None)",
            at="env.reset",
            program=f"{construction.first.program(0)}\nenv.unwrapped.reset({'=None, '.join(missing)}=None)",
        )


RULE = Rule("EK401", "reset-signature", Severity.ERROR, check)
