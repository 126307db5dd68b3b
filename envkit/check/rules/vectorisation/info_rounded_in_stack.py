"""An entry of info is a whole number at first and a fraction later, and vector environments cut the fraction off.

Why: the infos of all copies become one array for each key, of the type of the first: where that is an int, the 0.7 of
the next copy becomes 0 without a word.

Fails:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            info["used"] = 0 if self.steps < 3 else 0.1 * self.steps
            return observation, reward, terminated, truncated, info

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            info["used"] = 0.0 if self.steps < 3 else 0.1 * self.steps
            return observation, reward, terminated, truncated, info

Limits: judged by the values that were seen; advice only, for Gymnasium's own FrozenLake does it.
Source: Gymnasium VectorEnv, the infos; https://gymnasium.farama.org/api/vector/
"""

from collections.abc import Iterator

from envkit.check.judging.infos import clashes
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import show


def check(rollouts: Rollouts) -> Iterator[Finding]:
    for clash in clashes(rollouts):
        if clash.becomes is not None:
            then = f"; side by side in a vector environment the second becomes {show(clash.becomes)}"
            yield clash.finding(then, f"make info{clash.path} a float from the beginning")


RULE = Rule("EK856", "info-rounded-in-stack", Severity.ADVICE, check, symptom_of=("EK855",))
