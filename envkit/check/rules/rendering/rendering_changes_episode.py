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

from envkit.check.judging.pairs import parting, require_repeatable
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.core.case import case_of


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
            yield Finding(
                message=f"rendering in mode {mode!r} changes the episode: {found.difference} (silent, rendered)",
                fix="let render only read the state: no draw from np_random, no physics, no clock in it",
                at=trace.place(index),
                program=trace.program(index),
                case=case_of(trace.calls[: index + 1], trace.beginning(index)),
            )
            return
    if refused:
        raise refused


RULE = Rule("EK705", "rendering-changes-episode", Severity.ERROR, check, symptom_of=("EK207",))
