"""A frame that render returned changes later.

Why: recorders keep frames until the episode is over. With one picture drawn over again and again, the video shows its
last moment only.

Fails:

    class Env(Lamp):
        picture = None
        def render(self):
            frame = super().render()
            if self.render_mode != "rgb_array":
                return frame
            if self.picture is None:
                self.picture = np.zeros((16, 16, 3), np.uint8)
            self.picture[:] = frame
            return self.picture

Passes:

    class Env(Lamp):
        picture = None
        def render(self):
            frame = super().render()
            if self.render_mode != "rgb_array":
                return frame
            if self.picture is None:
                self.picture = np.zeros((16, 16, 3), np.uint8)
            self.picture[:] = frame
            return self.picture.copy()

Limits: compares what was returned with how it looks when the instance was played on and closed.
Source: Gymnasium RecordVideo keeps the frames of an episode in a list.
"""

from collections.abc import Iterator
from dataclasses import replace

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.core.compare import first_difference
from envkit.core.trace import Trace


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, trace in rendering.modes.items():
        for index, call in enumerate(trace.calls):
            if call.method != "render" or call.copy is call.result:
                continue
            difference = first_difference(call.copy, call.result, "frame")
            if difference:
                said = difference.replace(" in one and ", " when it was returned and ").replace(
                    " in the other", " later"
                )
                found = at_call(
                    trace, index, f"a frame that was returned changes: {said}", "return a copy of the picture"
                )
                yield replace(found, kind=mode, program=_program(trace, index))
                break


def _program(trace: Trace, index: int) -> str:
    """Keeps the frame, plays on, and prints it before and after."""
    head = trace.program(index).rpartition("\n")[0]
    return (
        f"{head}\nframe = env.render()\nprint(frame)\nenv.step(env.action_space.sample())\nenv.render()\nprint(frame)"
    )


RULE = Rule("EK606", "frame-changes-later", Severity.ERROR, check)
