"""A key of info is no text.

Why: vector environments name what they know of a key by putting an underscore before it, loggers and data frames take
names, and wrappers compare and sort them. Gymnasium's infos are dict[str, Any].

Fails:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            info[7] = self.steps
            return observation, reward, terminated, truncated, info

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            info["steps"] = self.steps
            return observation, reward, terminated, truncated, info

Limits: the keys of dictionaries inside are not looked at.
Source: Gymnasium Env.step, info; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.infos import infos
from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import a, show


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, index, info in infos(rollouts):
        for key in info if isinstance(info, dict) else ():
            if not isinstance(key, str):
                message = f"info has the key {show(key)}, {a(type(key).__name__)}; a text was expected"
                tally.add("key", trace, index, message, f"info[{str(key)!r}] = ...")
    yield from tally.findings()


RULE = Rule("EK857", "info-key-not-text", Severity.WARNING, check)
