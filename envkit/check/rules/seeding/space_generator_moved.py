"""The environment draws from a space's generator, or seeds it, which belongs to the caller.

Why: agents sample from env.action_space, which they have seeded; what they draw then depends on what the environment
does meanwhile, and a reset without a seed may even start the generator from chance.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            self.action_space.seed(seed)
            return super().reset(seed=seed)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            if seed is not None:
                self.action_space.seed(seed)
            return super().reset(seed=seed)

Limits: looks at a few calls of one instance. A reset that was given a seed may seed the spaces too.
Source: Gymnasium Space.seed; Env.reset seeds np_random alone.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.space_objects import SEED, SpaceObjects

STATE = "np_random.bit_generator.state"


def check(spaces: SpaceObjects) -> Iterator[Finding]:
    for held in spaces.held:
        if held.moved:
            begin = "" if held.moved == "reset()" else "env.reset()\n"
            yield Finding(
                message=f"{held.moved} moves the generator of env.{held.name}, which the caller has seeded",
                fix="draw from self.np_random, and leave the seeding of spaces to the caller",
                at=held.moved,
                program=(
                    f"{spaces.trace.program(0)}\nenv.{held.name}.seed({SEED})\n{begin}"
                    f"before = env.{held.name}.{STATE}\nenv.{held.moved}\nprint(env.{held.name}.{STATE} == before)"
                ),
                kind=held.name,
            )


RULE = Rule("EK214", "space-generator-moved", Severity.WARNING, check, whole=True)
