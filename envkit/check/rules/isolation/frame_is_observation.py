"""The frame that render returns lies in the same memory as the observation that was returned before it.

Why: whoever paints a score or a grid on the frame edits the observation that is already stored for learning.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 255, (8, 8, 3), np.uint8)
        def observe(self):
            self.seen = np.full((8, 8, 3), int(255 * self.bright), np.uint8)
            return self.seen
        def render(self):
            return self.seen if self.render_mode == "rgb_array" else super().render()

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 255, (8, 8, 3), np.uint8)
        def observe(self):
            self.seen = np.full((8, 8, 3), int(255 * self.bright), np.uint8)
            return self.seen
        def render(self):
            return self.seen.copy() if self.render_mode == "rgb_array" else super().render()

Limits: a frame that cannot be written to may be shared.
Source: NumPy, numpy.shares_memory; the habit of drawing over frames.
"""

from collections.abc import Iterator
from dataclasses import replace

from envkit.check.judging.pairs import make_text, playing
from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.core.case import case_of
from envkit.core.trace import Trace


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, shown in rendering.shown.items():
        if shown.shared:
            message = "the frame shares its memory with the observation that was returned before it"
            trace, index = shown.spoiled, shown.shared[0]
            found = at_call(trace, index, message, "return a copy: frame.copy()", whole=True)
            yield replace(found, kind=mode, count=len(shown.shared), program=_program(trace, index))


def _program(trace: Trace, index: int) -> str:
    """Overwrites the frame between two looks at the observation."""
    case = case_of(trace.calls[: index + 1], trace.beginning(index))
    looks = ["print(result[0])", "env.render()[:] = 99", "print(result[0])"]
    lines = [*(playing(case.episodes) if case else []), *looks]
    return "\n".join(["import envkit", "", f"env = {make_text(trace.calls[0])}", *lines])


RULE = Rule("EK609", "frame-is-observation", Severity.ERROR, check)
