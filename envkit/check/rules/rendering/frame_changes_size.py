"""Frames of one instance differ in size.

Why: a video has one size; the encoder fails or distorts at the first frame that differs.

Fails:

    class Env(Lamp):
        def render(self):
            frame = super().render()
            return np.repeat(frame, 1 + self.steps % 3, axis=0) if self.render_mode == "rgb_array" else frame

Passes:

    class Env(Lamp):
        def render(self):
            frame = super().render()
            return np.repeat(frame, 3, axis=0) if self.render_mode == "rgb_array" else frame

Limits: frames of the first steps and of the end.
Source: Gymnasium RecordVideo.
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.judging import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering


def check(rendering: Rendering) -> Iterator[Finding]:
    for trace in rendering.modes.values():
        first: tuple[int, ...] | None = None
        for index, call in enumerate(trace.calls):
            if call.method != "render" or not isinstance(call.copy, np.ndarray):
                continue
            if first is not None and call.copy.shape != first:
                yield at_call(
                    trace,
                    index,
                    f"frames of one instance differ in size: {first} at first, {call.copy.shape} later",
                    "fix the frame's size in the constructor",
                )
                break
            first = call.copy.shape


RULE = Rule("EK703", "frame-changes-size", Severity.ERROR, check)
