"""metadata["render_modes"] is missing, or is no list of names.

Why: recorders and viewers read there what they may ask for.

Fails:

    class Env(Lamp):
        metadata = {"render.modes": ["rgb_array"]}

Passes:

    class Env(Lamp):
        metadata = {"render_modes": ["rgb_array"], "render_fps": 4}

Limits: an environment without pictures declares an empty list, or keeps the metadata of gymnasium.Env.
Source: Gymnasium Env.metadata; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction
from envkit.core.show import show


def check(construction: Construction) -> Iterator[Finding]:
    env, modes = construction.env, construction.modes
    if env is None or (isinstance(modes, list | tuple) and all(isinstance(mode, str) for mode in modes)):
        return
    yield Finding(
        message=f"metadata['render_modes'] is {show(modes)}, not a list of names; metadata is {show(env.metadata)}",
        fix='write metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 30} in the class',
        at="env.metadata",
        program=f"{construction.first.program(0)}\nprint(env.metadata)",
    )


RULE = Rule("EK106", "render-modes-malformed", Severity.ERROR, check)
