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

Limits: judged on a few hundred actions.
Source: Gymnasium Env.step; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.tampering import Tampering
from envkit.core.case import case_of
from envkit.core.show import show
from envkit.core.trace import literal, program


def check(tampering: Tampering) -> Iterator[Finding]:
    for played in tampering.played:
        if not played.mutated:
            continue
        index, before, after = played.mutated[0]
        calls = played.clean.calls[:index]
        begin = played.clean.beginning(index)
        opening = program([calls[0], *calls[begin:]] if begin else list(calls), print_last=False)
        yield Finding(
            message=f"step was given {show(before)} and left {show(after)} in the caller's array",
            fix="work on a copy: action = np.clip(action, low, high), without out= and without +=",
            at=played.clean.place(index),
            program=f"{opening}\naction = {literal(before)}\nenv.step(action)\nprint(action)",
            count=len(played.mutated),
            case=case_of(played.clean.calls[: index + 1], begin),
        )
        return


RULE = Rule("EK601", "step-changes-action", Severity.ERROR, check)
