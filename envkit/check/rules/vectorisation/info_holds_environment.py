"""An info holds the environment itself, or another one.

Why: workers send every info to the main process: with it goes a copy of the whole environment, at every step.

Fails:

    class Env(Lamp):
        def step(self, action):
            *rest, info = super().step(action)
            return *rest, info | {"lamp": self}

Passes:

    class Env(Lamp):
        def step(self, action):
            *rest, info = super().step(action)
            return *rest, info | {"lamp": type(self).__name__}

Limits: looks at the entries of info, and into dictionaries, lists and tuples in it.
Source: Gymnasium AsyncVectorEnv, whose workers pickle their infos.
"""

from collections.abc import Iterator
from typing import Any

import gymnasium

from envkit.check.judging.infos import infos
from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts

DEEP = 4


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, index, info in infos(rollouts):
        for path, env in environments(info):
            message = f"info{path} is {type(env).__name__}, an environment"
            tally.add(path, trace, index, message, "put the numbers there that are needed")
    yield from tally.findings()


def environments(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """(path, environment) of each one inside."""
    if isinstance(value, gymnasium.Env | gymnasium.vector.VectorEnv):
        yield path, value
    elif isinstance(value, dict | list | tuple) and depth < DEEP:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in pairs:
            yield from environments(part, f"{path}[{key!r}]", depth + 1)


RULE = Rule("EK861", "info-holds-environment", Severity.WARNING, check)
