"""An episode that is shown in a window is another one than without.

Why: what a person watches is then not what was trained; and what is recorded from a window cannot be repeated.

Fails:

    class Env(Lamp):
        metadata = {**Lamp.metadata, "render_modes": ["human", "rgb_array", "ansi"]}
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            return observation, reward, terminated, truncated or (self.render_mode == "human" and self.steps > 3), info

Passes:

    class Env(Lamp):
        metadata = {**Lamp.metadata, "render_modes": ["human", "rgb_array", "ansi"]}

Limits: some dozens of steps; frames are not waited for. Needs a display for libraries that draw with one.
Source: openai/gym issue 2255.
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import parting, require_repeatable
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.human import Human
from envkit.core.case import case_of


def check(human: Human) -> Iterator[Finding]:
    trace = human.trace
    if trace is None or human.silent is None or human.again is None:
        return
    if trace.error is not None:
        raise CannotJudge("human mode raised an error")
    silent = human.silent.calls[1:]
    infos = require_repeatable(silent, human.again.calls[1:])
    played = tuple(call for call in trace.calls[1:] if call.method not in ("render", "close"))
    found = parting(silent, played, infos=infos)
    if found:
        index = trace.calls.index(played[found.number])
        yield Finding(
            message=f"with render_mode='human' the same episode plays differently: {found.difference} (without, with)",
            fix="let no rule of the game look at render_mode; draw from a copy of what is drawn",
            at=trace.place(index),
            program=trace.program(index),
            case=case_of(trace.calls[: index + 1]),
        )


RULE = Rule("EK711", "human-mode-changes-episode", Severity.ERROR, check, symptom_of=("EK207",))
