"""All instances hold one and the same space object.

Why: seeding or drawing from one instance's action space moves the other's; runs side by side stop being independent.

Fails:

    class Env(Lamp):
        buttons = gym.spaces.Discrete(2)
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = Env.buttons

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Discrete(2)

Limits: harmless as long as nobody samples or seeds the space.
Source: Gymnasium Space.seed; https://gymnasium.farama.org/api/spaces/
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import SPACES, Construction


def check(construction: Construction) -> Iterator[Finding]:
    first, second = construction.spaces
    for name in SPACES:
        space = first.objects.get(name)
        if space is not None and space is second.objects.get(name):
            make = construction.first.program(0).partition("env = ")[2]
            yield Finding(
                message=f"two instances share one {name} object: seeding it in one reseeds the other",
                fix=f"make the space in the constructor: self.{name} = ...",
                at=f"env.{name}",
                program=f"import envkit\n\nfirst, second = {make}, {make}\nprint(first.{name} is second.{name})",
            )


RULE = Rule("EK104", "space-shared", Severity.WARNING, check)
