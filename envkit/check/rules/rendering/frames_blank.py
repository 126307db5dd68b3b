"""All frames are the same picture, though the observation changes.

Why: nobody can see what the agent does; often the actors are drawn in the colour of the ground, or outside the picture.

Fails:

    class Env(Lamp):
        def render(self):
            frame = super().render()
            return frame * 0 if self.render_mode == "rgb_array" else frame

Passes:

    class Env(Lamp):
        def render(self):
            frame = super().render()
            return frame // 2 if self.render_mode == "rgb_array" else frame

Limits: only arrays, and only where at least eight different observations were drawn.
Source: Gymnasium Env.render: "compute the render frames".
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from envkit.check.judging.tally import at_call
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.core.compare import same
from envkit.core.trace import Trace

ENOUGH = 8


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, shown in rendering.shown.items():
        trace = shown.rendered
        drawn = list(drawn_frames(trace))
        if drawn and all(_of_zeros_and_ones(frame) for _, _, frame in drawn):
            ones = next((index for index, _, frame in drawn if frame.any()), None)
            if ones is not None:
                message = f"every pixel of all {len(drawn)} frames is 0 or 1, of 255"
                fix = "scale to 0..255 before the cast: (255 * picture).astype(np.uint8)"
                yield replace(at_call(trace, ones, message, fix), kind=mode)
                continue
        if not drawn or not all(isinstance(frame, np.ndarray) and same(frame, drawn[0][2]) for _, _, frame in drawn):
            continue
        seen: list[object] = []
        for _, observation, _ in drawn:
            if not any(same(observation, other) for other in seen):
                seen.append(observation)
        if len(seen) >= ENOUGH:
            frame = drawn[0][2]
            if shown.blind and not frame.any():
                raise CannotJudge(
                    "the frames are black, and SDL_VIDEODRIVER says there is no display: some draw nothing then"
                )
            how = f"nothing but {int(frame.min())}" if frame.min() == frame.max() else "the same picture"
            message = f"all {len(drawn)} frames are {how}, though they show {len(seen)} different observations"
            found = at_call(trace, drawn[-1][0], message, "draw what changes: the positions, the agent")
            yield replace(found, kind=mode)


def _of_zeros_and_ones(frame: object) -> bool:
    return isinstance(frame, np.ndarray) and frame.dtype == np.uint8 and frame.size > 0 and int(frame.max()) <= 1


def drawn_frames(trace: Trace) -> Iterator[tuple[int, object, np.ndarray]]:
    """(index of the call, what was observed before it, frame) of every frame within an episode."""
    observation: object = None
    for index, call in enumerate(trace.calls):
        if call.method in ("reset", "step") and isinstance(call.copy, tuple) and call.copy:
            observation = call.copy[0]
        elif call.method == "render" and call.error is None:
            yield index, observation, call.copy


RULE = Rule("EK709", "frames-blank", Severity.WARNING, check, whole=True, symptom_of=("EK108",))
