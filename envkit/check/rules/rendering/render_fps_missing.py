"""Pictures are declared, but not how many a second.

Why: players and recorders need the pace; without it every library guesses another.

Fails:

    class Env(Lamp):
        metadata = {"render_modes": ["rgb_array"]}

Passes:

    class Env(Lamp):
        metadata = {"render_modes": ["rgb_array"], "render_fps": 4}

Limits: text modes need no pace.
Source: Gymnasium Env.metadata; https://gymnasium.farama.org/api/env/
"""

import numbers
from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.core.show import show


def check(rendering: Rendering) -> Iterator[Finding]:
    pictures = [mode for mode in rendering.modes if mode.startswith("rgb_array")]
    fps = rendering.fps
    if pictures and not (isinstance(fps, numbers.Real) and float(fps) > 0):
        yield Finding(
            message=f"metadata['render_fps'] is {show(fps)}, but {pictures[0]!r} is declared",
            fix='add "render_fps": 30 to metadata, or how many steps a second look right',
            at="env.metadata",
            program=f"{rendering.shown[pictures[0]].silent.program(0)}\nprint(env.metadata)",
        )


RULE = Rule("EK707", "render-fps-missing", Severity.WARNING, check)
