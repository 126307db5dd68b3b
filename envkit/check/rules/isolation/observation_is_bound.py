"""An observation is an array of the observation space itself, so that writing to it edits the space.

Why: a learner that normalises in place moves the bounds of the space; from then on nothing is inside or outside as
declared, in this instance or in all.

Fails:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            if truncated:
                observation = self.observation_space.high
            return observation, reward, terminated, truncated, info

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            if truncated:
                observation = self.observation_space.high.copy()
            return observation, reward, terminated, truncated, info

Limits: seen by overwriting every observation of some episodes.
Source: Gymnasium check_env, "the observation must not be reused".
"""

from collections.abc import Iterator

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.tampering import Played, Tampering, leaves
from envkit.core.show import show


def check(tampering: Tampering) -> Iterator[Finding]:
    for played in tampering.played:
        before, after = played.space
        if before is not None and before != after:
            trace = played.observations
            index = _handed_out(played)
            yield at_call(
                trace,
                index,
                f"overwriting the observations has changed observation_space from {show(before)} to {show(after)}",
                "return a copy: self.observation_space.high.copy()",
            )
            return


def _handed_out(played: Played) -> int:
    """The call whose observation is an array that was handed out before, or is the space's: the last one else."""
    calls = played.observations.calls
    space = getattr(calls[0].result, "observation_space", None)
    own = [part for part in vars(space).values() if hasattr(part, "dtype")] if hasattr(space, "__dict__") else []
    for index, call in enumerate(calls):
        parts = leaves(call.result[0]) if isinstance(call.result, tuple) and call.result else ()
        if any(array is bound for _, array in parts for bound in own):
            return index
    return len(calls) - 1


RULE = Rule("EK608", "observation-is-bound", Severity.ERROR, check, symptom_of=("EK110",))
