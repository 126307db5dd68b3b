"""The constructor takes render_mode and does not keep it.

Why: wrappers and recorders read env.render_mode to know what render() returns.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.mode, self.render_mode = render_mode, None
        def render(self):
            return np.zeros((16, 16, 3), np.uint8) if self.mode == "rgb_array" else "*" if self.mode else None

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.render_mode = render_mode

Limits: none known.
Source: Gymnasium Env.render_mode; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction
from envkit.core.show import show
from envkit.core.trace import Trace


def check(construction: Construction) -> Iterator[Finding]:
    for mode, (call, stored) in construction.by_mode.items():
        if call.error is None and stored != mode:
            yield Finding(
                message=f"made with render_mode={mode!r}, env.render_mode is {show(stored)}",
                fix="write self.render_mode = render_mode in the constructor",
                at="env.render_mode",
                program=f"{Trace('', (call,)).program()}\nprint(env.render_mode)",
            )
            return


RULE = Rule("EK108", "render-mode-forgotten", Severity.ERROR, check)
