"""reset changes the options dictionary of its caller.

Why: the caller uses the dictionary again for the next episode, and it is empty.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            while options:
                options.popitem()
            return super().reset(seed=seed)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            options = dict(options or {})
            options.pop("envkit", None)
            return super().reset(seed=seed)

Limits: tried with keys that the environment does not know.
Source: Gymnasium Env.reset; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.tampering import SEEDS, Tampering


def check(tampering: Tampering) -> Iterator[Finding]:
    if tampering.options is None:
        return
    before, after = tampering.options
    if before != after:
        seed = SEEDS[0]
        yield Finding(
            message=f"reset was given options={before} and left {after} behind",
            fix="work on a copy: options = dict(options or {})",
            at=f"env.reset(seed={seed}, options=...)",
            program=(
                f"{tampering.played[0].clean.program(0)}\noptions = {before}\n"
                f"env.reset(seed={seed}, options=options)\nprint(options)"
            ),
        )


RULE = Rule("EK405", "reset-changes-options", Severity.ERROR, check)
