"""An episode that is rendered is another episode.

Why: the evaluation that is recorded is not the evaluation that is reported; a bug is gone as soon as one looks.

Fails:

    class Env(Lamp):
        def render(self):
            self.sparkle = self.np_random.random()
            return super().render()

Passes:

    class Env(Lamp):
        def render(self):
            self.sparkle = 0.5 + 0.5 * np.sin(self.steps)
            return super().render()

Limits: one episode of at most 120 steps, rendered at its first steps.
Source: openai/gym issue 2255.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from envkit.check.judging.pairs import indented, make_text, parting, playing, require_repeatable
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.core.case import Case, case_of
from envkit.core.trace import Trace


def check(rendering: Rendering) -> Iterator[Finding]:
    refused = None
    for mode, shown in rendering.shown.items():
        silent = shown.silent.calls[1:]
        try:
            infos = require_repeatable(silent, shown.again.calls[1:])
        except CannotJudge as reason:
            refused = reason
            continue
        trace = shown.rendered
        played = tuple(call for call in trace.calls[1:] if call.method != "render")
        found = parting(silent, played, infos=infos)
        if found and trace.error is None:
            index = trace.calls.index(played[found.number])
            case = case_of(trace.calls[: index + 1], trace.beginning(index))
            yield Finding(
                message=f"rendering in mode {mode!r} changes the episode: {found.difference} (silent, rendered)",
                fix="let render only read the state: no draw from np_random, no physics, no clock in it",
                at=trace.place(index),
                program=_program(mode, trace, case) if case else trace.program(index),
                case=case,
            )
            return
    if refused:
        raise refused


def _program(mode: str, trace: Trace, case: Case) -> str:
    """The episode without and with rendering, and the last answer of each."""
    renders = ["if mode:", "    env.render()"]
    lines = playing(case.episodes, spoil_after=renders)
    lines = [each for line in lines for each in ((line, *renders) if ".reset(" in line else (line,))]
    make = f"{make_text(replace(trace.calls[0], arguments=_unshown(trace)))[:-1]}, render_mode=mode)"
    body = indented([f"env = {make}", *lines, "print(mode, result)"])
    return "\n".join(["import envkit", "", f"for mode in (None, {mode!r}):", *body])


def _unshown(trace: Trace) -> dict[str, Any]:
    return {name: value for name, value in trace.calls[0].arguments.items() if name != "render_mode"}


RULE = Rule("EK705", "rendering-changes-episode", Severity.ERROR, check, symptom_of=("EK207",))
