"""Writing to a returned observation changes the episode.

Why: the observation is the environment's own state. Preprocessing in place, as normalising wrappers do, then moves it.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed, options=options)
            self.now = super().observe()
            return self.now, {}
        def step(self, action):
            self.bright = float(self.now[0])
            _, *rest = super().step(action)
            self.now = super().observe()
            return self.now, *rest

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed, options=options)
            self.now = super().observe()
            return self.now.copy(), {}
        def step(self, action):
            self.bright = float(self.now[0])
            _, *rest = super().step(action)
            self.now = super().observe()
            return self.now.copy(), *rest

Limits: a read-only array is legal.
Source: stable-baselines3 DummyVecEnv stores observations without a copy.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.pairs import parting, require_repeatable
from envkit.check.probes.tampering import SEED, Tampering
from envkit.core.trace import Trace, literal


def check(tampering: Tampering) -> Iterator[Finding]:
    yield from tampered(tampering, tampering.observations, "observation", "[0]")


def tampered(tampering: Tampering, touched: Trace, what: str, part: str) -> Iterator[Finding]:
    """The finding, if overwriting one part of every result changed the episode."""
    clean = tampering.clean
    infos = require_repeatable(clean.calls[1:], tampering.again.calls[1:])
    found = parting(clean.calls[1:], touched.calls[1:], infos=infos)
    if not found:
        return
    actions = [literal(call.arguments["action"]) for call in clean.calls[2 : found.number + 2]]
    make = clean.program(0).replace(
        "import envkit", "import envkit\nfrom envkit.check.probes.tampering import overwrite", 1
    )
    make, _, env = make.rpartition("env = ")
    yield Finding(
        message=f"the {what} is live: overwriting each one that was returned changes the episode: {found.difference}",
        fix=f"return a copy of the {what}",
        at=f"{found.call}, step {found.number} after reset(seed={SEED})",
        program=(
            f"{make}for spoil in (False, True):\n    env = {env}\n    result = env.reset(seed={SEED})\n"
            f"    for action in [{', '.join(actions)}]:\n        if spoil:\n            overwrite(result{part})\n"
            f"        result = env.step(action)\n    print(result)"
        ),
    )


RULE = Rule("EK604", "observation-is-state", Severity.ERROR, check)
