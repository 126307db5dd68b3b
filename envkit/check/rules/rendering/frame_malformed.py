"""render returns something else than its mode promises.

Why: encoders and viewers take uint8 pictures of height x width x 3, and text for ansi.

Fails:

    class Env(Lamp):
        def render(self):
            frame = super().render()
            return frame / 255 if self.render_mode == "rgb_array" else frame

Passes:

    class Env(Lamp):
        def render(self):
            return super().render()

Limits: modes that Gymnasium does not define are not judged.
Source: Gymnasium Env.render; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.core.show import a, show


def check(rendering: Rendering) -> Iterator[Finding]:
    tally = Tally()
    for mode, trace in rendering.modes.items():
        for index, call in enumerate(trace.calls):
            why = _why(mode, call.copy) if call.method == "render" and call.error is None else None
            if why:
                message = f"render in mode {mode!r} returned {why}"
                fix = "return np.uint8 of shape (height, width, 3)" if "rgb" in mode else "return a str"
                tally.add((mode, type(call.copy)), trace, index, message, fix)
    yield from tally.findings()


def _why(mode: str, frame: object) -> str | None:
    if mode == "ansi":
        good = isinstance(frame, str) or hasattr(frame, "getvalue")
        return None if good else f"{a(type(frame).__name__)}, not text"
    if mode == "rgb_array_list":
        if not isinstance(frame, list):
            return f"{a(type(frame).__name__)}, not a list of frames"
        return next((why for why in (_why("rgb_array", one) for one in frame) if why), None)
    if mode != "rgb_array":
        return None
    if not isinstance(frame, np.ndarray):
        return f"{show(frame, most=60)}, {a(type(frame).__name__)}, not an array"
    if frame.dtype != np.uint8:
        return f"an array of {frame.dtype}, not uint8"
    if frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
        return f"an array of shape {frame.shape}, not (height, width, 3)"
    return None


RULE = Rule("EK702", "frame-malformed", Severity.ERROR, check)
