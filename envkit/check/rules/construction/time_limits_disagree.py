"""The environment truncates by itself before the registered limit is reached.

Why: two limits are kept in two places; papers and learners go by the registered one, which never applies.

Fails:

    def Env(render_mode=None):
        spec = gym.envs.registration.EnvSpec("Lamp-v0", entry_point=Lamp, max_episode_steps=60)
        return gym.make(spec, render_mode=render_mode)

Passes:

    def Env(render_mode=None):
        spec = gym.envs.registration.EnvSpec("Lamp-v0", entry_point=Lamp, max_episode_steps=20)
        return gym.make(spec, render_mode=render_mode)

Limits: only registered environments, and limits within the episodes that were played.
Source: Gymnasium EnvSpec.max_episode_steps; openai/gym issue 336.
"""

from collections.abc import Iterator

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.trace import is_true

ENOUGH = 3


def check(rollouts: Rollouts) -> Iterator[Finding]:
    spec = getattr(rollouts.traces[0].calls[0].result, "spec", None) if rollouts.traces else None
    limit = getattr(spec, "max_episode_steps", None)
    if not limit:
        return
    ends = [(trace, step) for trace, step in rollouts.steps() if is_true(step.truncated)]
    lengths = {step.number for _, step in ends}
    if len(ends) < ENOUGH or len(lengths) != 1 or not 1 < (length := lengths.pop()) < limit:
        return
    trace, step = ends[0]
    yield at_call(
        trace,
        step.index,
        f"all {len(ends)} truncated episodes end after {length} steps, but max_episode_steps is {limit}",
        f"register max_episode_steps={length} and leave truncating to it, or drop it",
    )


RULE = Rule("EK112", "time-limits-disagree", Severity.WARNING, check, whole=True)
