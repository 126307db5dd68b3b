"""Two instances, made alike, have different metadata.

Why: recorders and vector environments read it from one instance and use it for all; mostly a constructor edits the
dictionary of its class, which all instances share.

Fails:

    class Env(Lamp):
        metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 4}
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.metadata["render_fps"] += 1

Passes:

    class Env(Lamp):
        metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 4}
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.metadata = {**self.metadata, "render_fps": 5}

Limits: compares the first two instances, when they are new.
Source: Gymnasium Env.metadata, an attribute of the class.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction
from envkit.core.compare import first_difference


def check(construction: Construction) -> Iterator[Finding]:
    first, second = construction.metadata
    if not isinstance(first, dict) or not isinstance(second, dict):
        return
    difference = first_difference(first, second, "metadata")
    if difference:
        make = construction.first.program(0).partition("env = ")[2]
        yield Finding(
            message=f"of two instances, made alike: {difference}",
            fix="edit a copy: self.metadata = {**self.metadata, ...}; the dictionary belongs to the class",
            at="env.metadata",
            program=f"import envkit\n\nfor env in ({make}, {make}):\n    print(dict(env.metadata))",
        )


RULE = Rule("EK117", "instances-disagree-on-metadata", Severity.ERROR, check)
