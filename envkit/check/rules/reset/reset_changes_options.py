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
from envkit.check.probes.options import Options
from envkit.core.compare import same
from envkit.core.trace import literal


def check(options: Options) -> Iterator[Finding]:
    for before, after in [options.unknown, *((known.options, known.left) for known in options.known)]:
        if same(dict(before), dict(after)):
            continue
        seed = options.asked.arguments.get("seed", 0)
        yield Finding(
            message=f"reset was given options={literal(before)} and left {literal(after)} behind",
            fix="work on a copy: options = dict(options or {})",
            at=f"env.reset(seed={seed}, options=...)",
            program=(
                f"{options.plain.program(0)}\noptions = {literal(before)}\n"
                f"env.reset(seed={seed}, options=options)\nprint(options)"
            ),
        )
        return


RULE = Rule("EK405", "reset-changes-options", Severity.ERROR, check)
