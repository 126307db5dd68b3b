"""render raises in a declared mode.

Why: recorders call it after reset, after every step and after the last one; a video is lost at its end.

Fails:

    class Env(Lamp):
        def render(self):
            if self.bright >= 1 or self.steps >= 20:
                raise AttributeError("the scene is gone")
            return super().render()

Passes:

    class Env(Lamp):
        def render(self):
            return super().render()

Limits: human mode is tried for a few steps only.
Source: Gymnasium Env.render; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.core.show import error_line


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, trace in rendering.modes.items():
        call = trace.error
        if call is not None and call.error is not None and call.method == "render":
            yield at_call(
                trace,
                len(trace.calls) - 1,
                f"render raised {error_line(call.error)} in mode {mode!r}",
                "draw whatever state there is: after reset, in mid-episode and after the end",
            )


RULE = Rule("EK701", "render-raises", Severity.ERROR, check)
