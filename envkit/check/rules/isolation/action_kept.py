"""The environment goes on using the action array of its caller after the call.

Why: vector environments and learners fill one array again for the next step; the dynamics then change behind
the scenes.

Fails:

    class Env(Lamp):
        last = None
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Box(-1, 1, (1,), np.float32)
        def reset(self, *, seed=None, options=None):
            self.last = None
            return super().reset(seed=seed, options=options)
        def step(self, action):
            before, self.last = self.last, action  # inertia: the last action still pulls
            pull = 0.0 if before is None else float(before[0])
            return super().step(int(pull + action[0] > 0))

Passes:

    class Env(Lamp):
        last = None
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Box(-1, 1, (1,), np.float32)
        def reset(self, *, seed=None, options=None):
            self.last = None
            return super().reset(seed=seed, options=options)
        def step(self, action):
            before, self.last = self.last, action.copy()
            pull = 0.0 if before is None else float(before[0])
            return super().step(int(pull + action[0] > 0))

Limits: seen where the kept array changes an episode of 120 steps.
Source: Gymnasium Env.step; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.pairs import parting, require_repeatable
from envkit.check.probes.tampering import SEED, Tampering
from envkit.core.trace import literal


def check(tampering: Tampering) -> Iterator[Finding]:
    infos = require_repeatable(tampering.clean.calls[1:], tampering.again.calls[1:])
    found = parting(tampering.clean.calls[1:], tampering.actions.calls[1:], infos=infos)
    if not found:
        return
    actions = [literal(call.arguments["action"]) for call in tampering.clean.calls[2 : found.number + 2]]
    make = tampering.clean.program(0)
    make, _, env = make.rpartition("env = ")
    yield Finding(
        message=f"an action array that is overwritten after the call changes the episode: {found.difference}",
        fix="keep a copy: self.last_action = np.array(action)",
        at=f"{found.call}, step {found.number} after reset(seed={SEED})",
        program=(
            f"{make}for spoil in (False, True):\n    env = {env}\n    env.reset(seed={SEED})\n"
            f"    for action in [{', '.join(actions)}]:\n        result = env.step(action)\n"
            f"        if spoil:\n            action[...] = action // 2 + 1\n    print(result)"
        ),
    )


RULE = Rule("EK602", "action-kept", Severity.ERROR, check)
