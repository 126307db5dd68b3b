"""reset(seed=...) seeds a global generator: numpy.random or random.

Why: it restarts everybody else's random numbers too: exploration, shuffling, initial weights.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            np.random.seed(seed)
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            return super().reset(seed=seed, options=options)

Limits: torch's and other libraries' generators are not looked at.
Source: NumPy, numpy.random.seed; NEP 19.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.surroundings import Surroundings


def check(surroundings: Surroundings) -> Iterator[Finding]:
    for module, reseeded in surroundings.reseeded.items():
        if reseeded:
            yield Finding(
                message=f"reset(seed=21) puts the global generator of {module} into the same state each time",
                fix="seed self.np_random only: super().reset(seed=seed)",
                at="env.reset(seed=21)",
                program=surroundings.program,
            )


RULE = Rule("EK208", "global-generator-reseeded", Severity.ERROR, check)
