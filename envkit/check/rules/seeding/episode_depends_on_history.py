"""A seeded episode differs on an instance that has played before.

Why: reset left something over: a counter, a hidden state, a generator that the seed does not reach. Evaluations then
depend on what was played before them.

Fails:

    class Env(Lamp):
        dirt = 0.0
        def step(self, action):
            self.dirt += 0.0001  # never cleaned in reset
            self.bright -= self.dirt
            return super().step(action)

Passes:

    class Env(Lamp):
        dirt = 0.0
        def reset(self, *, seed=None, options=None):
            self.dirt = 0.0
            return super().reset(seed=seed, options=options)
        def step(self, action):
            self.dirt += 0.0001
            self.bright -= self.dirt
            return super().step(action)

Limits: the instance has played a few episodes before; what shows only after hundreds may pass.
Source: Gymnasium Env.reset; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import case, history_program, parting, place, require_begun
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.twins import Twins


def check(twins: Twins) -> Iterator[Finding]:
    require_begun(*(pair.left_calls for pair in twins.used))
    fresh = [parting(pair.left_calls, pair.right_calls) for pair in twins.fresh]
    if any(found and not found.in_info for found in fresh):
        return  # not even two fresh instances agree
    for pair in twins.used:
        found = parting(pair.left_calls, pair.right_calls, infos=False if any(fresh) else None)
        if found:
            yield Finding(
                message=(
                    f"seed={pair.seed} plays differently on an instance that has played before than on a fresh one: "
                    f"{found.difference}"
                ),
                fix="set every attribute that step changes in reset",
                at=place(pair, found),
                program=history_program(pair, found),
                case=case(pair, found, history=True),
            )
            return


EXPLAINED_BY = ("EK207", "EK212", "EK404", "EK502", "EK802")

RULE = Rule("EK203", "episode-depends-on-history", Severity.ERROR, check, symptom_of=EXPLAINED_BY)
