"""One seed and the same actions, two different episodes.

Why: the start agrees, and later something is drawn from elsewhere: a global generator, the time, the order of a set.

Fails:

    class Env(Lamp):
        def step(self, action):
            self.bright -= np.random.default_rng().uniform(0, 0.01)
            return super().step(action)

Passes:

    class Env(Lamp):
        def step(self, action):
            self.bright -= self.np_random.uniform(0, 0.01)
            return super().step(action)

Limits: three seeds, 120 steps each.
Source: Gymnasium Env.np_random; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import case, parting, place, require_begun, twin_program
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.twins import Twins


def check(twins: Twins) -> Iterator[Finding]:
    require_begun(*(pair.left_calls for pair in twins.fresh))
    partings = [(pair, parting(pair.left_calls, pair.right_calls)) for pair in twins.fresh]
    if any(found and found.number == 0 and not found.in_info for _, found in partings):
        return  # reset-ignores-seed tells that better
    for pair, found in partings:
        if found and found.number > 0:
            yield Finding(
                message=f"two fresh instances, given seed={pair.seed} and the same actions, part: {found.difference}",
                fix="draw every random number in step from self.np_random, and use neither time nor the order of sets",
                at=place(pair, found),
                program=twin_program(pair, found),
                severity=found.severity,
                case=case(pair, found),
            )
            return


RULE = Rule("EK202", "episode-not-repeatable", Severity.ERROR, check, symptom_of=("EK207", "EK212"))
