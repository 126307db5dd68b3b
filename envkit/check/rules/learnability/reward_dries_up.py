"""The first rewards of every episode are paid, and all later ones are zero.

Why: what was meant to be paid throughout stops being paid; the agent learns the beginning of the episode only.

Fails:

    class Env(Lamp):
        def reward(self, burnt_out):
            return 1.0 + self.bright if self.steps == 1 else 0.0

Passes:

    class Env(Lamp):
        def reward(self, burnt_out):
            return 1.0 + self.bright

Limits: only where the rewards stop at the same step of all episodes that are much longer.
Source: Sutton and Barto (2018), section 3.2.
"""

from collections.abc import Iterator
from itertools import groupby

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.trace import Step, Trace, is_number

LONGER = 8  # steps without a reward
ENOUGH = 6  # episodes
LATEST = 20  # step at which the last reward is paid


def check(rollouts: Rollouts) -> Iterator[Finding]:
    long = [(trace, steps) for trace, steps in _episodes(rollouts) if len(steps) > LONGER]
    if len(long) < ENOUGH or len({trace.name for trace, _ in long}) < 2:
        return
    if any(not is_number(step.reward) for _, steps in long for step in steps):
        return
    paid = {sum(float(step.reward) != 0 for step in steps) for _, steps in long if len(steps) > LATEST + LONGER}
    paid = paid or {sum(float(step.reward) != 0 for step in steps) for _, steps in long}
    last = paid.pop() if len(paid) == 1 else 0
    if not 0 < last <= LATEST:
        return
    if all(_dries_up(steps, last) for _, steps in long):
        trace, steps = next((trace, steps) for trace, steps in long if len(steps) > last)
        paying = "first reward is" if last == 1 else f"first {last} rewards are"
        message = f"in all {len(long)} long episodes the {paying} paid and all later ones are 0"
        yield at_call(trace, steps[last].index, message, "pay in every step; look for what is set once and never again")


def _episodes(rollouts: Rollouts) -> Iterator[tuple[Trace, list[Step]]]:
    for trace in rollouts.traces:
        if trace.calls and any(call.method == "render" for call in trace.calls):
            continue
        for _, steps in groupby((step for step in trace.steps if not step.beyond), key=lambda step: step.episode):
            yield trace, list(steps)


def _dries_up(steps: list[Step], last: int) -> bool:
    rewards = [float(step.reward) for step in steps]
    return all(reward != 0 for reward in rewards[:last]) and not any(rewards[last:])


RULE = Rule("EK905", "reward-dries-up", Severity.WARNING, check, whole=True, symptom_of=("EK514",))
