"""An observation is no member of the observation space.

Why: networks are shaped, buffers are typed and observations are scaled by what the space promised. Vector environments
copy what comes into a buffer of the declared shape and type without a word.

Fails:

    class Env(Lamp):
        def observe(self):
            return 2 * super().observe()

Passes:

    class Env(Lamp):
        def observe(self):
            return super().observe() / 2

Limits: judged on the episodes that were played; the type of a container and of an array count.
Source: Gymnasium Env.observation_space; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.membership import why_outside
from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts


def check(rollouts: Rollouts) -> Iterator[Finding]:
    space = rollouts.observation_space
    tally = Tally()
    for trace, index, method, observation in rollouts.observations():
        why = why_outside(space, observation)
        if why:
            fix = _fix(why)
            tally.add(_kind(why), trace, index, f"{method} returned an observation outside the space: {why}", fix)
    yield from tally.findings()


def _kind(why: str) -> str:
    """What is wrong, without its numbers: `observation['speed'] above its high`."""
    return " ".join(word for word in why.replace(",", " ").split() if not any(c.isdigit() for c in word))


def _fix(why: str) -> str:
    if "was declared" in why and " is float" in why:
        return "convert what is returned: np.asarray(observation, dtype=self.observation_space.dtype)"
    if "below its low" in why or "above its high" in why:
        return "widen the space to what can happen, or clip what is returned"
    if "key" in why:
        return "return exactly the declared keys, on every step, the last one included"
    return "return what the space declares, or declare what is returned"


RULE = Rule("EK301", "observation-outside-space", Severity.ERROR, check, symptom_of=("EK110", "EK302"))
