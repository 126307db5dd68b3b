"""Two renders of the same state are two different pictures.

Why: rendering advances or draws something: frames then depend on how often somebody looked.

Fails:

    class Env(Lamp):
        looks = 0
        def render(self):
            frame = super().render()
            self.looks += 1
            return np.roll(frame, 0) + np.uint8(self.looks) if self.render_mode == "rgb_array" else frame

Passes:

    class Env(Lamp):
        looks = 0
        def render(self):
            self.looks += 1
            return super().render()

Limits: tried after a reset and after the end.
Source: Gymnasium Env.render; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.core.compare import first_difference


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, trace in rendering.modes.items():
        if mode.endswith("_list"):
            continue  # a list hands out its frames and begins anew: the second is shorter by design
        for index, (call, following) in enumerate(zip(trace.calls, trace.calls[1:], strict=False)):
            if call.method == following.method == "render" and following.error is None:
                difference = first_difference(call.copy, following.copy, "the frame")
                if difference and "shape" not in difference:
                    yield at_call(
                        trace,
                        index + 1,
                        f"two renders in a row, mode {mode!r}, without a step between: {difference}",
                        "let render only read the state; draw random decoration once, in reset",
                    )
                    break


RULE = Rule("EK704", "renders-differ", Severity.ERROR, check)
