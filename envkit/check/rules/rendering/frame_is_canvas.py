"""Writing to a frame that render returned changes later frames.

Why: viewers draw a score or a border over what they were given; here it stays in the environment's own picture.

Fails:

    class Env(Lamp):
        wall = None
        def render(self):
            frame = super().render()
            if self.render_mode != "rgb_array":
                return frame
            if self.wall is None:
                self.wall = np.full((16, 16, 3), 90, np.uint8)
            if self.steps == 0:
                return self.wall
            picture = self.wall.copy()
            picture[4:8] = frame[4:8]
            return picture

Passes:

    class Env(Lamp):
        wall = None
        def render(self):
            frame = super().render()
            if self.render_mode != "rgb_array":
                return frame
            if self.wall is None:
                self.wall = np.full((16, 16, 3), 90, np.uint8)
            picture = self.wall.copy()
            picture[4:8] = frame[4:8]
            return picture

Limits: judged where the frames are otherwise the same on two instances, and only after something new was drawn: the
same picture may be returned again while nothing changes.
Source: the habit of drawing over frames, as Gymnasium's AddRenderObservation and video wrappers' users do.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from envkit.check.judging.pairs import require_repeatable
from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering, frames
from envkit.core.compare import first_difference, same
from envkit.core.trace import Trace, call_text, listing


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, shown in rendering.shown.items():
        require_repeatable(shown.silent.calls[1:], shown.again.calls[1:])
        clean, again = (_pictures(trace) for trace in (shown.rendered, rendering.seconds[mode]))
        before: np.ndarray | None = None  # what the frame showed that was overwritten last, where that is known
        for place, index in frames(shown.spoiled):
            picture = clean.get(place[:2])
            if picture is None or not same(picture, again.get(place[:2])):
                before = None
                continue
            cached = before is None or same(before, picture)  # a cached picture may be returned again
            difference = None if cached else first_difference(picture, shown.spoiled.calls[index].copy, "frame")
            if difference:
                said = difference.replace(" in one and ", " as a rule and ").replace(" in the other", " then")
                message = f"overwriting the frames that were returned changes a later one: {said}"
                found = at_call(shown.spoiled, index, message, "return a copy of the picture", whole=True)
                yield replace(found, kind=mode, program=_program(shown.spoiled, index))
                break
            before = picture


def _pictures(trace: Trace) -> dict[tuple[int | None, int], np.ndarray]:
    """The frames that are arrays, by their places; the first of those that were rendered in a row."""
    found: dict[tuple[int | None, int], np.ndarray] = {}
    for place, index in frames(trace):
        if isinstance(trace.calls[index].copy, np.ndarray):
            found.setdefault(place[:2], trace.calls[index].copy)
    return found


def _program(trace: Trace, index: int) -> str:
    """Whitens every frame but the last, and prints that one."""
    texts = [call_text(call.method, call.arguments) for call in trace.calls[: index + 1]]
    spoiled = [f"{text}[:] = 255" if text == "render()" else text for text in texts[:-1]]
    again = [text == before == "render()[:] = 255" for before, text in itertools.pairwise(["", *spoiled])]
    return listing([*(text for text, twice in zip(spoiled, again, strict=True) if not twice), texts[-1]])


RULE = Rule("EK607", "frame-is-canvas", Severity.WARNING, check, symptom_of=("EK606", "EK704", "EK2"))
