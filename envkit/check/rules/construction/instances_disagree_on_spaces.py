"""Two instances, made alike, declare different spaces.

Why: a policy is built for one of them and used on the other; vector environments refuse to be made.

Fails:

    class Env(Lamp):
        made = 0
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            Env.made += 1
            self.action_space = gym.spaces.Discrete(2 + Env.made)

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None, actions=2):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Discrete(actions)

Limits: compares the first two instances.
Source: Gymnasium SyncVectorEnv, which asserts equal spaces.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import SPACES, Construction


def check(construction: Construction) -> Iterator[Finding]:
    first, second = construction.spaces
    for name in SPACES:
        if name in first.copies and name in second.copies and first.copies[name] != second.copies[name]:
            make = construction.first.program(0).partition("env = ")[2]
            yield Finding(
                message=f"{name} is {first.copies[name]} in one instance and {second.copies[name]} in the next",
                fix="let a space depend on the constructor's arguments only",
                at=f"env.{name}",
                program=f"import envkit\n\nfor env in ({make}, {make}):\n    print(env.{name})",
            )


RULE = Rule("EK103", "instances-disagree-on-spaces", Severity.ERROR, check, symptom_of=("EK110",))
