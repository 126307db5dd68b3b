"""Two infos hold different kinds of value under one key, and vector environments cannot put them together.

Why: the infos of all copies become one array for each key, of the type of the first. A number here and a text or None
there raise in the middle of a run, as soon as one copy is ahead of another.

Fails:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            info["winner"] = 1 if terminated else None
            return observation, reward, terminated, truncated, info

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            info["winner"] = 1 if terminated else -1
            return observation, reward, terminated, truncated, info

Limits: arrays of different shapes are told as info-shape-changes.
Source: Gymnasium VectorEnv, the infos; https://gymnasium.farama.org/api/vector/
"""

from collections.abc import Iterator

from envkit.check.judging.infos import clashes
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts


def check(rollouts: Rollouts) -> Iterator[Finding]:
    for clash in clashes(rollouts):
        if clash.error:
            then = f", and vector environments cannot put them into one array: {clash.error}"
            fix = f"give info{clash.path} one type in every step, -1 or nan where there is nothing, or leave it out"
            yield clash.finding(then, fix)


RULE = Rule("EK855", "infos-cannot-be-stacked", Severity.ERROR, check, symptom_of=("EK506",))
