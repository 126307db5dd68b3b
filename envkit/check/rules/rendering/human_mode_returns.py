"""Human mode fails, or returns a frame instead of showing it.

Why: render() in human mode draws a window and returns None; callers that print or store its result are surprised.

Fails:

    class Env(Lamp):
        metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 4}
        def render(self):
            return np.full((16, 16, 3), int(255 * self.bright), np.uint8) if self.render_mode else None

Passes:

    class Env(Lamp):
        metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 4}
        def render(self):
            shown = self.render_mode == "rgb_array"
            return np.full((16, 16, 3), int(255 * self.bright), np.uint8) if shown else None

Limits: without a display, what needs one is not judged.
Source: Gymnasium Env.render; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.human import Human
from envkit.check.subject import cause
from envkit.core.show import error_line, show


def check(human: Human) -> Iterator[Finding]:
    trace = human.trace
    if trace is None:
        return
    if trace.error is not None and trace.error.error is not None and human.display:
        message = f"{trace.error.method} raised {error_line(cause(trace.error.error))} in mode 'human'"
        yield at_call(trace, len(trace.calls) - 1, message, "show a window in human mode, or do not declare it")
    for number, later in enumerate(human.later, 2):
        if trace.error is None and later.error is not None and later.error.error is not None:
            message = (
                f"window number {number}, opened after the others were closed, raised {error_line(later.error.error)}"
            )
            yield at_call(later, len(later.calls) - 1, message, "give the window back in close", whole=True)
            break
    for index, call in enumerate(trace.calls):
        if call.method == "render" and call.copy is not None:
            message = f"render in mode 'human' returned {show(call.copy, most=60)}, not None"
            yield at_call(trace, index, message, "return None in human mode")
            return


RULE = Rule("EK706", "human-mode-returns", Severity.ERROR, check)
