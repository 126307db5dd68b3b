"""The arguments in the environment's spec cannot be pickled.

Why: worker processes, run directories and published models make the environment again from its spec.

Fails:

    class Tinted(Lamp):
        def __init__(self, render_mode=None, tint=None):
            super().__init__(render_mode)

    def Env(render_mode=None):
        spec = gym.envs.registration.EnvSpec("Tinted-v0", entry_point=Tinted)
        spec.kwargs["tint"] = lambda share: share / 2
        return gym.make(spec, render_mode=render_mode)

Passes:

    class Tinted(Lamp):
        def __init__(self, render_mode=None, tint=None):
            super().__init__(render_mode)

    def Env(render_mode=None):
        spec = gym.envs.registration.EnvSpec("Tinted-v0", entry_point=Tinted)
        spec.kwargs["tint"] = 0.5
        return gym.make(spec, render_mode=render_mode)

Limits: only registered environments; that it cannot be written as JSON is not held against it.
Source: rlworkgroup/garage issue 2095; Gymnasium EnvSpec.
"""

import pickle
from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction
from envkit.core.show import error_line


def check(construction: Construction) -> Iterator[Finding]:
    spec = getattr(construction.first.calls[0].result, "spec", None)
    for name, value in dict(getattr(spec, "kwargs", None) or {}).items():
        try:
            pickle.dumps(value)
        except Exception as error:  # noqa: BLE001 - pickling a foreign object may raise anything
            yield Finding(
                message=f"the argument {name!r} in the spec cannot be pickled: {error_line(error)}",
                fix="pass numbers, texts, lists and dictionaries, and make the object in the constructor",
                at=f"env.spec.kwargs[{name!r}]",
                program=f"import pickle\n{construction.first.program(0)}\npickle.dumps(env.spec.kwargs)",
                kind=name,
            )


RULE = Rule("EK113", "spec-not-serialisable", Severity.WARNING, check)
