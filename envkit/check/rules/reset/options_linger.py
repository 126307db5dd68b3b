"""The options of one reset still hold in a later episode that was given none.

Why: an episode is what its own reset asked for. An evaluation after a curriculum would otherwise play the curriculum.

Fails:

    class Env(Lamp):
        dim = False
        def reset(self, *, seed=None, options=None):
            self.dim = self.dim or bool(options)
            return super().reset(seed=seed)
        def step(self, action):
            self.bright -= 0.05 * self.dim
            return super().step(action)

Passes:

    class Env(Lamp):
        dim = False
        def reset(self, *, seed=None, options=None):
            self.dim = bool(options)
            return super().reset(seed=seed)
        def step(self, action):
            self.bright -= 0.05 * self.dim
            return super().step(action)

Limits: tried with an option that no environment knows, and with those that this one asks for, where a value is found
that it takes.
Source: Gymnasium Env.reset; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import is_pair, parting, require_repeatable
from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.options import Options


def check(options: Options) -> Iterator[Finding]:
    infos = require_repeatable(options.plain.calls[1:], options.again.calls[1:])
    tried = [(known.asked, known.after) for known in options.known]
    tried += [(options.asked, options.after)] if options.after else []
    for asked, after in tried:
        found = parting(options.plain.calls[1:], after.calls[2:], infos=infos) if is_pair(asked) else None
        if not found:
            continue
        yield at_call(
            after,
            found.number + 2,
            f"after {asked} an episode without options plays differently: {found.difference} (before, after)",
            "set everything that options can change in every reset, to its default where nothing was asked",
            whole=True,
        )
        return


RULE = Rule("EK407", "options-linger", Severity.ERROR, check, symptom_of=("EK203",))
