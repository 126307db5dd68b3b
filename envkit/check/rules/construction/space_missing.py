"""observation_space or action_space is missing, or is no Gymnasium space.

Why: policies, wrappers and vector environments are built from the two before the first reset.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = [0, 1]

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Discrete(2)

Limits: nothing else can be judged until this is mended.
Source: Gymnasium Env.action_space; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from gymnasium import Space

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import SPACES, Construction
from envkit.core.show import error_line, show


def check(construction: Construction) -> Iterator[Finding]:
    if construction.first.calls[0].error is not None:
        return
    spaces = construction.spaces[0]
    for name in SPACES:
        if name in spaces.errors:
            seen = f"reading {name} raised {error_line(spaces.errors[name])}"
        elif not isinstance(spaces.objects.get(name), Space):
            seen = f"{name} is {show(spaces.objects.get(name))}, which is no gymnasium.Space"
        else:
            continue
        yield Finding(
            message=seen,
            fix=f"set self.{name} to a space from gymnasium.spaces in the constructor",
            at=f"env.{name}",
            program=f"{construction.first.program(0)}\nprint(env.{name})",
        )


RULE = Rule("EK102", "space-missing", Severity.ERROR, check, essential=True)
