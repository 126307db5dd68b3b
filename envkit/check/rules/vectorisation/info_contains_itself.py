"""An info contains itself, so that whoever walks through it never comes to an end.

Why: vector environments walk through dictionaries in infos, and so do loggers; Python ends them with a RecursionError.

Fails:

    class Env(Lamp):
        def step(self, action):
            *rest, info = super().step(action)
            info["last"] = info
            return *rest, info

Passes:

    class Env(Lamp):
        def step(self, action):
            *rest, info = super().step(action)
            return *rest, info | {"last": dict(info)}

Limits: looks into dictionaries, lists and tuples.
Source: gymnasium.vector.VectorEnv, which adds up the infos of its copies key by key.
"""

from collections.abc import Iterator
from typing import Any

from envkit.check.judging.infos import infos
from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, index, info in infos(rollouts):
        path = circle(info, "info", ())
        if path:
            tally.add(path, trace, index, f"{path} is a part of info that holds it", "put a copy there, or its numbers")
    yield from tally.findings()


def circle(value: Any, path: str, above: tuple[int, ...]) -> str:
    """Where something is met again inside itself; empty where nothing is."""
    if not isinstance(value, dict | list | tuple) or len(above) > 50:
        return ""
    if id(value) in above:
        return path
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return next((found for key, part in pairs if (found := circle(part, f"{path}[{key!r}]", (*above, id(value))))), "")


RULE = Rule("EK862", "info-contains-itself", Severity.ERROR, check)
