"""The same seed and actions are drawn differently by another instance.

Why: pictures that are the observation, or a regression test of a drawing, cannot be compared from run to run.

Fails:

    class Env(Lamp):
        made = 0
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            Env.made += 1
            self.shade = Env.made % 251
        def render(self):
            frame = super().render()
            if self.render_mode == "rgb_array":
                frame[0, 0] = self.shade
            return frame

Passes:

    class Env(Lamp):
        shade = 7
        def render(self):
            frame = super().render()
            if self.render_mode == "rgb_array":
                frame[0, 0] = self.shade
            return frame

Limits: judged where the episode itself repeats; a time of day in the picture is enough. Frames of another size are
frame-changes-size.
Source: dm_control issue 100; Gymnasium issue 690.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from envkit.check.judging import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.pairs import indented, make_text, playing, require_repeatable
from envkit.check.probes.rendering import Rendering, frames
from envkit.core.case import case_of
from envkit.core.compare import first_difference
from envkit.core.trace import Call, Trace


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, shown in rendering.shown.items():
        one, other = shown.rendered, rendering.seconds[mode]
        if len(one.calls) < 2 or one.calls[1].error is not None:
            continue
        require_repeatable(shown.silent.calls[1:], shown.again.calls[1:])
        seconds = dict(reversed(list(frames(other))))
        for place, index in frames(one):
            difference = unlike(one.calls[index], other.calls[seconds[place]]) if place in seconds else None
            if difference:
                if "has shape" not in difference:
                    message = f"the same seed and actions are drawn differently by another instance: {difference}"
                    fix = "draw the state as it is now: no time, no chance, no count, nothing of the last episode"
                    found = at_call(one, index, message, fix, whole=True)
                    yield replace(found, kind=mode, program=program(one, index))
                break


def unlike(left: Call, right: Call) -> str | None:
    """How two frames differ; None where they do not, or one of the two is none."""
    if left.method != "render" or right.method != "render" or left.error or right.error:
        return None
    frames = left.copy, right.copy
    if not all(isinstance(frame, np.ndarray | str) for frame in frames):
        return None
    return first_difference(*frames, "frame")


def program(trace: Trace, index: int) -> str:
    """Two instances, the same calls, both frames printed."""
    case = case_of(trace.calls[: index + 1], trace.beginning(index))
    make = make_text(trace.calls[0])
    body = [*(playing(case.episodes) if case else []), "print(env.render())"]
    return "\n".join(["import envkit", "", f"for env in ({make}, {make}):", *indented(body)])


RULE = Rule("EK708", "frames-not-repeatable", Severity.WARNING, check, symptom_of=("EK704", "EK705", "EK706", "EK2"))
