"""The info that step returns is no dictionary.

Why: wrappers add keys to it, and vector environments merge the infos of their members.

Fails:

    class Env(Lamp):
        def step(self, action):
            *rest, info = super().step(action)
            return *rest, None

Passes:

    class Env(Lamp):
        def step(self, action):
            *rest, info = super().step(action)
            return *rest, {"bright": self.bright}

Limits: none known.
Source: Gymnasium Env.step; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import a, show


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, step in rollouts.steps():
        if isinstance(step.info, dict):
            continue
        message = f"info is {show(step.info, most=60)}, {a(type(step.info).__name__)}, not a dictionary"
        tally.add(type(step.info), trace, step.index, message, "return {} as info")
    yield from tally.findings()


RULE = Rule("EK506", "info-not-a-dict", Severity.ERROR, check)
