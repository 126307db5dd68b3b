"""The reward of the goal is paid again in every step beyond the end.

Why: a loop that steps once too often collects the goal more than once, and its returns are wrong without a word.

Fails:

    class Env(Lamp):
        def reward(self, burnt_out):
            return 5.0 if burnt_out else -0.1
        def step(self, action):
            return super().step(1) if self.bright >= 1 else super().step(action)

Passes:

    class Env(Lamp):
        over = False
        def reset(self, *, seed=None, options=None):
            self.over = False
            return super().reset(seed=seed, options=options)
        def step(self, action):
            result = super().step(action)
            if self.over:
                return result[0], 0.0, True, False, {}
            self.over = result[2] or result[3]
            return result
        def reward(self, burnt_out):
            return 5.0 if burnt_out else -0.1

Limits: only a positive reward that is higher than those on the way, paid again whatever was done.
Source: DLR-RM/stable-baselines3 issue 810.
"""

from collections.abc import Iterator

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.beyond import Beyond, Ends
from envkit.core.show import number
from envkit.core.trace import is_number, is_true

ENOUGH = 2


def check(ends: Ends) -> Iterator[Finding]:
    way = [
        step.reward for trace in ends.traces for step in trace.steps if not step.beyond and not is_true(step.terminated)
    ]
    usual = max((float(reward) for reward in way if is_number(reward)), default=0.0)
    paying = [
        beyond
        for beyond in ends.beyond
        if is_true(beyond.end.terminated) and is_number(beyond.end.reward) and float(beyond.end.reward) > max(usual, 0)
    ]
    again = [beyond for beyond in paying if _pays_again(beyond)]
    if len(again) < ENOUGH or len(again) < len(paying):
        return
    trace, first = again[0].traces[0], next(again[0].first())
    reward = float(again[0].end.reward)
    yield at_call(
        trace,
        first.index,
        f"the step beyond the end pays {number(reward)} again, as the one that reached it did",
        "remember that the episode is over, and pay 0 until reset is called",
    )


def _pays_again(beyond: Beyond) -> bool:
    """Whether every step beyond, whatever was done, paid what the end paid."""
    later = [step for trace in beyond.traces for step in trace.steps if step.beyond]
    return len(later) > 2 and all(
        is_number(step.reward) and abs(float(step.reward) - float(beyond.end.reward)) < 1e-6 for step in later
    )


RULE = Rule("EK511", "reward-beyond-the-end", Severity.WARNING, check, whole=True)
