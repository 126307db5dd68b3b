"""The observation never changes.

Why: a policy that cannot see anything can only learn one action, or a sequence of them by heart.

Fails:

    class Env(Lamp):
        def observe(self):
            return np.zeros(2, np.float32)

Passes:

    class Env(Lamp):
        def observe(self):
            return super().observe()

Limits: a bandit, with one step an episode or a space of one element, is meant so and not judged.
Source: Sutton and Barto (2018), section 3.5, the Markov property.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.compare import same

ENOUGH = 50


def check(rollouts: Rollouts) -> Iterator[Finding]:
    steps = [step for _, step in rollouts.steps()]
    seen = [observation for _, _, _, observation in rollouts.observations()]
    one_step = all(step.number == 1 for step in steps)
    one_element = getattr(rollouts.observation_space, "n", None) == 1
    if len(seen) < ENOUGH or one_step or one_element or any(not same(o, seen[0]) for o in seen):
        return
    yield Finding(
        message=f"all {len(seen)} observations are equal",
        fix="observe what decides the next reward: at least what the action changes",
        at="observation",
        program=rollouts.traces[0].program(2),
        count=len(seen),
    )


RULE = Rule("EK902", "observation-constant", Severity.WARNING, check, whole=True)
