"""One seed, two different first observations.

Why: a run that cannot be repeated cannot be debugged, compared or reported.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.bright = np.random.default_rng().uniform(0.3, 0.7)  # ignores the seed
            return self.observe(), {}

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.bright = self.np_random.uniform(0.3, 0.7)
            return self.observe(), {}

Limits: a difference in the info alone is a warning. Compares three seeds; one that fails for rare seeds may pass.
Source: Gymnasium Env.reset; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import case, parting, place, require_begun, twin_program
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.twins import Twins


def check(twins: Twins) -> Iterator[Finding]:
    require_begun(*(pair.left_calls for pair in twins.fresh))
    for pair in twins.fresh:
        found = parting(pair.left_calls, pair.right_calls)
        if found and found.number == 0:
            yield Finding(
                message=f"two fresh instances, reset with seed={pair.seed}, start apart: {found.difference}",
                fix="draw from self.np_random, after super().reset(seed=seed)",
                at=place(pair, found),
                program=twin_program(pair, found),
                severity=found.severity,
                case=case(pair, found),
            )
            return


RULE = Rule("EK201", "reset-ignores-seed", Severity.ERROR, check, symptom_of=("EK207", "EK212"))
