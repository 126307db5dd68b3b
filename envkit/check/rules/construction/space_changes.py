"""A space is another one after some resets.

Why: the policy and the buffers were built for the space that was declared first.

Fails:

    class Env(Lamp):
        resets = 0
        def reset(self, *, seed=None, options=None):
            self.resets += 1
            if self.resets == 3:
                self.observation_space = gym.spaces.Box(0, 2, (2,), np.float32)
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        resets = 0
        def reset(self, *, seed=None, options=None):
            self.resets += 1
            return super().reset(seed=seed, options=options)

Limits: looks after three resets.
Source: Gymnasium Env.observation_space; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import SPACES, Construction


def check(construction: Construction) -> Iterator[Finding]:
    before, after = construction.spaces[0], construction.after_resets
    for name in SPACES:
        if name in before.copies and name in after.objects and before.copies[name] != after.objects[name]:
            yield Finding(
                message=f"{name} was {before.copies[name]} at first and is {after.objects[name]} after three resets",
                fix="declare the widest space in the constructor and keep it",
                at=f"env.{name}",
                program=f"{construction.first.program(whole=True)}\nprint(env.{name})",
            )


RULE = Rule("EK105", "space-changes", Severity.ERROR, check)
