"""Frames differ in size, from one to the next or from one instance to another.

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
from dataclasses import replace

import numpy as np

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.check.rules.rendering.frames_not_repeatable import program
from envkit.core.trace import Trace

FIX = "fix the frame's size in the constructor"


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, trace in rendering.modes.items():
        first = None
        for index, shape in _shapes(trace):
            if first is not None and shape != first:
                message = f"frames of one instance differ in size: {first} at first, {shape} later"
                yield at_call(trace, index, message, FIX)
                break
            first = shape
        else:
            second = next(_shapes(rendering.seconds[mode]), None)
            if first is not None and second is not None and second[1] != first:
                message = f"frames of two instances differ in size: {first} and {second[1]}"
                found = at_call(trace, second[0], message, FIX)
                yield replace(found, program=program(trace, second[0]))


def _shapes(trace: Trace) -> Iterator[tuple[int, tuple[int, ...]]]:
    """(index of the call, shape) of every frame that is an array."""
    for index, call in enumerate(trace.calls):
        if call.method == "render" and isinstance(call.copy, np.ndarray):
            yield index, call.copy.shape


RULE = Rule("EK703", "frame-changes-size", Severity.ERROR, check)
