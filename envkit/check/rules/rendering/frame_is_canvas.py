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

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from envkit.check.judging import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.pairs import make_text, playing
from envkit.check.probes.rendering import Place, Rendering, frames
from envkit.core.case import case_of
from envkit.core.compare import first_difference, same
from envkit.core.trace import Trace


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, shown in rendering.shown.items():
        clean, again = (_pictures(trace) for trace in (shown.rendered, rendering.seconds[mode]))
        before: list[np.ndarray] = []
        for place, index in frames(shown.spoiled):
            picture = clean.get(place)
            if picture is None or place not in again or not same(picture, again[place]):
                continue
            cached = bool(before) and same(before[-1], picture)  # a cached picture may be returned again
            difference = first_difference(picture, shown.spoiled.calls[index].copy, "frame")
            if difference and before and not cached:
                said = difference.replace(" in one and ", " as a rule and ").replace(" in the other", " then")
                message = f"overwriting the frames that were returned changes a later one: {said}"
                whole = place[1] == 0
                found = at_call(shown.spoiled, index, message, "return a copy of the picture", whole=whole)
                yield replace(found, kind=mode, program=_program(shown.spoiled, index))
                break
            before.append(picture)


def _pictures(trace: Trace) -> dict[Place, np.ndarray]:
    """The frames that are arrays, by their places; the first of each place."""
    found: dict[Place, np.ndarray] = {}
    for place, index in frames(trace):
        if isinstance(trace.calls[index].copy, np.ndarray):
            found.setdefault(place, trace.calls[index].copy)
    return found


def _program(trace: Trace, index: int) -> str:
    """Renders, whitens the frame, and renders again."""
    case = case_of(trace.calls[: index + 1], trace.beginning(index))
    body = playing(case.episodes) if case else []
    lines = [*body, "frame = env.render()", "print(frame)", "frame[:] = 255", "print(env.render())"]
    return "\n".join(["import envkit", "", f"env = {make_text(trace.calls[0])}", *lines])


RULE = Rule("EK607", "frame-is-canvas", Severity.WARNING, check, symptom_of=("EK606",))
