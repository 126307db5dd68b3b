"""An info has an entry under a key that wrappers and vector environments use for their own.

Why: RecordEpisodeStatistics refuses an info that has its key already; others overwrite the entry, or read it as theirs.

Fails:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            if terminated or truncated:
                info["episode"] = 7
            return observation, reward, terminated, truncated, info

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            if terminated or truncated:
                info["played"] = 7
            return observation, reward, terminated, truncated, info

Limits: an entry "episode" with the return and the length of an episode, as those wrappers make it, is theirs.
Source: gymnasium.wrappers.RecordEpisodeStatistics; SAME_STEP autoreset; stable-baselines3's VecEnv.
"""

from collections.abc import Iterator
from typing import Any

from envkit.check.judging.infos import infos
from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import show

CLAIMED = {
    "episode": "RecordEpisodeStatistics and stable-baselines3's Monitor put their statistics there",
    "final_obs": "vector environments put an episode's last observation there",
    "final_info": "vector environments put an episode's last info there",
    "terminal_observation": "stable-baselines3 puts an episode's last observation there",
}


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace, index, info in infos(rollouts):
        for key in CLAIMED.keys() & info.keys() if isinstance(info, dict) else ():
            if not _of_a_wrapper(info[key]):
                message = f"info[{key!r}] is {show(info[key], most=60)}, but {CLAIMED[key]}"
                tally.add(key, trace, index, message, "give it another name")
        for key in [key for key in info if f"_{key}" in info] if isinstance(info, dict) else ():
            message = f"info has {key!r} and '_{key}', under which vector environments say which copies have {key!r}"
            tally.add(f"_{key}", trace, index, message, "give one of them another name")
    yield from tally.findings()


def _of_a_wrapper(value: Any) -> bool:
    return isinstance(value, dict) and {"r", "l"} <= value.keys()


RULE = Rule("EK860", "info-key-claimed", Severity.WARNING, check)
