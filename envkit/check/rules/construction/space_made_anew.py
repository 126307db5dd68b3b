"""A space is another object at every access, or after a reset, though an equal one.

Why: a caller seeds env.action_space and samples from it; the seed is lost with the object, and the run does not repeat.

Fails:

    class Env(Lamp):
        @property
        def action_space(self):
            return gym.spaces.Discrete(2)
        @action_space.setter
        def action_space(self, space):
            pass

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.space = gym.spaces.Discrete(2)
        @property
        def action_space(self):
            return self.space
        @action_space.setter
        def action_space(self, space):
            self.space = space

Limits: looks at a few calls of one instance.
Source: PettingZoo's API test asks for the same object at each access; Gymnasium Space.seed.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.space_objects import SpaceObjects


def check(spaces: SpaceObjects) -> Iterator[Finding]:
    make = spaces.trace.program(0)
    for held in spaces.held:
        if held.anew:
            yield Finding(
                message=f"env.{held.name} is another object each time it is read, so seeding it is in vain",
                fix=f"make it once, in __init__: self.{held.name} = ...",
                at=f"env.{held.name}",
                program=f"{make}\nprint(env.{held.name} is env.{held.name})",
                kind=held.name,
            )
        elif held.replaced:
            begin = "" if held.replaced == "reset()" else "env.reset()\n"
            yield Finding(
                message=f"{held.replaced} replaces env.{held.name} by another object, and its seed is lost",
                fix="make the spaces once, in __init__; they cannot change during an instance's life",
                at=held.replaced,
                program=(f"{make}\nheld = env.{held.name}\n{begin}env.{held.replaced}\nprint(env.{held.name} is held)"),
                kind=held.name,
            )


RULE = Rule("EK116", "space-made-anew", Severity.WARNING, check, whole=True, symptom_of=("EK103", "EK105"))
