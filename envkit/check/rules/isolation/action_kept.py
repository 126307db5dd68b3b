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

Limits: seen where the kept array changes an episode of 120 steps. A warning where only the info holds it.
Source: Gymnasium Env.step; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator
from typing import Any

from envkit.check.judging.pairs import indented, make_text, parting, playing, require_repeatable
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.tampering import Played, Tampering
from envkit.check.rules.isolation.observation_is_state import repeatable
from envkit.core.case import case_of
from envkit.core.compare import first_difference, same
from envkit.core.trace import Trace, literal, program


def check(tampering: Tampering) -> Iterator[Finding]:
    for played in repeatable(tampering):
        handed_out = next(_handed_out(played), None)
        if handed_out:
            yield handed_out
            return
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


def _handed_out(played: Played) -> Iterator[Finding]:
    """What was returned and is the caller's array, or a view of it: it changes with the next action."""
    calls = played.actions.calls
    for index, call in enumerate(calls):
        names = ("observation", "reward", "terminated", "truncated", "info")
        if call.method != "step" or call.error is not None or len(names) != len(parts := _parts(call.result)):
            continue
        for name, result, kept in zip(names, parts, _parts(call.copy), strict=True):
            difference = first_difference(kept, result, name)
            if difference and call_is_steady(played.clean, index):
                action = literal(call.arguments["action"])
                yield Finding(
                    message=f"the {name} that step returned holds the caller's action array: {difference}",
                    fix="return a copy: np.array(action)",
                    at=played.actions.place(index),
                    program=f"{_before(played.clean, index)}\naction = {action}\nresult = env.step(action)\n"
                    "action[...] = action // 2 + 1\nprint(result)",
                    severity=Severity.WARNING if name == "info" else Severity.ERROR,
                    case=case_of(calls[: index + 1]),
                )


def _parts(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else ()


def call_is_steady(clean: Trace, index: int) -> bool:
    """Whether the same call's result stayed as it was where no action was overwritten."""
    return index < len(clean.calls) and same(clean.calls[index].copy, clean.calls[index].result)


def _before(trace: Trace, index: int) -> str:
    """The calls before one of them."""
    begin = trace.beginning(index - 1)
    return program([*(trace.calls[:1] if begin else ()), *trace.calls[begin:index]], print_last=False)


RULE = Rule("EK602", "action-kept", Severity.ERROR, check)
