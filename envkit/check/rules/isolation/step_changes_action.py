"""step writes to the action array of its caller.

Why: the learner stores the very array that it passed; the stored action is then not the one that was chosen.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Box(-1, 1, (1,), np.float32)
        def step(self, action):
            np.clip(action, -0.1, 0.1, out=action)
            return super().step(int(action[0] > 0))

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Box(-1, 1, (1,), np.float32)
        def step(self, action):
            push = np.clip(action, -0.1, 0.1)
            return super().step(int(push[0] > 0))

Limits: 120 random actions.
Source: Gymnasium Env.step; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.tampering import SEED, Tampering
from envkit.core.show import show
from envkit.core.trace import literal


def check(tampering: Tampering) -> Iterator[Finding]:
    if not tampering.mutated:
        return
    call, before, after = tampering.mutated[0]
    make = tampering.clean.program(0)
    yield Finding(
        message=f"step was given {show(before)} and left {show(after)} in the caller's array",
        fix="work on a copy: action = np.clip(action, low, high), without out= and without +=",
        at=str(call),
        program=f"{make}\nenv.reset(seed={SEED})\naction = {literal(before)}\nenv.step(action)\nprint(action)",
        count=len(tampering.mutated),
    )


RULE = Rule("EK601", "step-changes-action", Severity.ERROR, check)
