"""An instance draws another picture, or none, once another instance was drawn or closed, though its state is the same.

Why: instances share a canvas, a window or fonts; videos of vector environments then show each other's episodes, and
closing one ends the drawing of all.

Fails:

    class Env(Lamp):
        FONTS = {}
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.FONTS["small"] = 1
        def render(self):
            frame = super().render()
            return frame * self.FONTS["small"] if self.render_mode == "rgb_array" else frame
        def close(self):
            self.FONTS.clear()

Passes:

    class Env(Lamp):
        FONTS = {"small": 1}
        def render(self):
            frame = super().render()
            return frame * self.FONTS["small"] if self.render_mode == "rgb_array" else frame

Limits: one state, drawn three times; where two renders of one instance alone already differ, renders-differ speaks.
Source: Gymnasium issue 1413; pygame.quit, which ends pygame for the whole process.
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import make_text
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.check.subject import cause
from envkit.core.compare import first_difference
from envkit.core.show import error_line
from envkit.core.trace import Call

WHEN = ("drawn", "closed")


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, shown in rendering.shown.items():
        if not shown.neighbour or mode.endswith("_list"):
            continue
        for when, (before, after) in zip(WHEN, zip(shown.neighbour, shown.neighbour[1:], strict=False), strict=True):
            said = _said(before, after)
            if said:
                make = make_text(shown.rendered.calls[0])
                closing = "other.close()\n" if when == "closed" else ""
                yield Finding(
                    message=f"once another instance was {when}, render {said}",
                    fix="let every instance have its own canvas and fonts, and close give up only these",
                    at=f"env.render(), mode {mode!r}",
                    program=(
                        f"import envkit\n\nenv, other = {make}, {make}\nenv.reset(seed=9)\nprint(env.render())\n"
                        f"other.reset(seed=77)\nother.render()\n{closing}print(env.render())"
                    ),
                    kind=mode,
                )
                break


def _said(before: Call, after: Call) -> str:
    """What is another one now; empty where nothing is, or nothing was drawn before."""
    if before.error is not None:
        return ""
    if after.error is not None:
        return f"raises {error_line(cause(after.error))}"
    difference = first_difference(before.copy, after.copy, "frame")
    return f"draws another picture: {difference}" if difference else ""


RULE = Rule("EK712", "frame-depends-on-others", Severity.ERROR, check, whole=True, symptom_of=("EK704", "EK207", "EK1"))
