"""The observation never changes, or not within an episode.

Why: a policy that cannot see anything can only learn one action, or a sequence of them by heart.

Fails:

    class Env(Lamp):
        def observe(self):
            return np.zeros(2, np.float32)

Passes:

    class Env(Lamp):
        def observe(self):
            return super().observe()

Limits: a bandit, with one step an episode or a space of one element, is meant so and not judged. That it keeps still
within episodes is held against it where some of them have twenty steps.
Source: Sutton and Barto (2018), section 3.5, the Markov property.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.compare import same

ENOUGH = 50
LONG = 20  # steps of an episode


def check(rollouts: Rollouts) -> Iterator[Finding]:
    steps = [step for _, step in rollouts.steps()]
    seen = rollouts.seen()
    one_step = all(step.number == 1 for step in steps)
    one_element = getattr(rollouts.observation_space, "n", None) == 1
    if len(seen) < ENOUGH or one_step or one_element:
        return
    if all(same(o, seen[0]) for o in seen):
        message = f"all {len(seen)} observations are equal"
    elif _still_within(rollouts):
        message = "every observation equals the first one of its episode"
    else:
        return
    yield Finding(
        message=message,
        fix="observe what decides the next reward: at least what the action changes",
        at="observation",
        program=rollouts.traces[0].program(2),
        count=len(seen),
    )


def _still_within(rollouts: Rollouts) -> bool:
    """Whether no step of any episode shows anything but what its reset did, and some episode is long."""
    longest = 0
    for trace in rollouts.traces:
        firsts = {number: call.copy[0] for number, (_, call) in enumerate(trace.resets, 1)}
        for step in trace.steps:
            if not step.beyond and not same(step.observation, firsts.get(step.episode)):
                return False
            longest = max(longest, step.number)
    return longest >= LONG


RULE = Rule("EK902", "observation-constant", Severity.WARNING, check, whole=True)
