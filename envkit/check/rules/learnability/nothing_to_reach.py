"""Every state has an action with the highest reward there is, and no episode ends by itself: there is nothing to reach.

Why: the best reward can be had anywhere and at once, so that no plan is better than the next step; mostly the place
that should end the episode cannot be entered.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.bright = 0.5
            return self.observe(), {}
        def step(self, action):
            self.steps += 1
            self.bright = round(min(max(self.bright + (0.1 if action else -0.1), 0.0), 0.9), 1)  # never 1
            return self.observe(), -0.1 - 0.1 * int(action), self.bright >= 1, self.steps >= 20, {}

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.bright = 0.5
            return self.observe(), {}
        def step(self, action):
            self.steps += 1
            self.bright = round(min(max(self.bright + (0.1 if action else -0.1), 0.0), 1.0), 1)
            return self.observe(), -0.1 - 0.1 * int(action), self.bright >= 1, self.steps >= 20, {}

Limits: only where few different observations were seen, each often. A tenth of them may differ, for chance may decide;
an end that is hard to find may be missed.
Source: Sutton and Barto (2018), section 3.3, on episodic tasks.
"""

import contextlib
import math
from collections.abc import Iterable, Iterator

from envkit.check.judging import fingerprint
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.search import Search
from envkit.core.show import count, number
from envkit.core.trace import Step, Trace, is_number, is_true

FEW, MANY = 4, 200  # different observations
VISITS = 20  # steps after each of them, on average
MOST = 0.9


def check(rollouts: Rollouts, search: Search) -> Iterator[Finding]:
    steps = [step for _, step in rollouts.steps()]
    if any(is_true(step.terminated) for step in steps) or not all(is_number(step.reward) for step in steps):
        return
    highest: dict[bytes, float] = {}
    rewards, visits = set(), 0
    for before, step in _moves((*rollouts.traces, *search.traces)):
        if is_true(step.terminated):
            return
        rewards.add(float(step.reward))
        visits += 1
        highest[before] = max(highest.get(before, -math.inf), float(step.reward))
        if len(highest) > MANY:
            return
    if len(highest) < FEW or visits < VISITS * len(highest):
        return
    if max(rewards) > 0 or len(rewards) == 1:
        return  # another rule speaks of rewards that are always the same
    if sum(reward == max(rewards) for reward in highest.values()) >= MOST * len(highest):
        yield Finding(
            message=(
                f"the highest reward, {number(max(rewards))}, can be had at once after every one of "
                f"{count(len(highest), 'observation')}, and no episode was seen to terminate"
            ),
            fix="let the place that should end the episode be entered, and pay for it",
            at="env.step",
            program=rollouts.traces[0].program(1),
        )


def _moves(traces: Iterable[Trace]) -> Iterator[tuple[bytes, Step]]:
    """(digest of what was observed before, step) of every step."""
    for trace in traces:
        for step in trace.steps:
            before = trace.calls[step.index - 1].copy
            if isinstance(before, tuple) and len(before) in (2, 5) and not step.beyond and is_number(step.reward):
                with contextlib.suppress(fingerprint.Opaque):
                    yield fingerprint.digest(before[0]), step


RULE = Rule("EK909", "nothing-to-reach", Severity.WARNING, check, whole=True)
