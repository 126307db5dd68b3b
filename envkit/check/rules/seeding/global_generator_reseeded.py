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

from envkit.check.judging.pairs import make_text
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.rules.seeding.global_generator_used import STATE, reseeded, with_imports


def check(rollouts: Rollouts) -> Iterator[Finding]:
    for module, state in STATE.items():
        if reseeded(rollouts.watched, module):
            call = rollouts.watched[0][0].calls[1]
            make = make_text(rollouts.watched[0][0].calls[0])
            draw = f"{module.replace('numpy', 'np')}.random()"
            yield Finding(
                message=f"making an instance, or {call}, puts the generator of {module} into one state each time",
                fix="seed self.np_random only: super().reset(seed=seed)",
                at=f"env.{call}",
                program=with_imports(
                    module,
                    f"env = {make}\nenv.{call}\nbefore = {state}\n{draw}\nenv.{call}\n"
                    f"print(before == {state})  # True: what drew from it draws the same again",
                ),
                kind=module,
            )


RULE = Rule("EK208", "global-generator-reseeded", Severity.ERROR, check)
