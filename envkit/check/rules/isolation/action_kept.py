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
from envkit.check.pairs import indented, make_text, parting, playing, require_repeatable
from envkit.check.probes.tampering import Tampering
from envkit.check.rules.isolation.observation_is_state import repeatable
from envkit.core.case import case_of


def check(tampering: Tampering) -> Iterator[Finding]:
    for played in repeatable(tampering):
        clean = played.clean
        infos = require_repeatable(clean.calls[1:], played.again.calls[1:])
        found = parting(clean.calls[1:], played.actions.calls[1:], infos=infos)
        case = case_of(clean.calls[: found.number + 2]) if found else None
        if found and case:
            lines = playing(case.episodes, spoil_after=["if spoil:", "    action[...] = action // 2 + 1"])
            body = indented([f"env = {make_text(clean.calls[0])}", *lines, "print(result)"])
            yield Finding(
                message=f"an action array that is overwritten after the call changes the episode: {found.difference}",
                fix="keep a copy: self.last_action = np.array(action)",
                at=clean.place(found.number + 1),
                program="\n".join(["import envkit", "", "for spoil in (False, True):", *body]),
                case=case,
            )
            return


RULE = Rule("EK602", "action-kept", Severity.ERROR, check)
