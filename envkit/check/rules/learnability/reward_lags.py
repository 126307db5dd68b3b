"""A step is paid what the step before it earned: that of the last step of an episode is never paid.

Why: the reward for reaching the goal is lost, and every other one is credited to the wrong action.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Discrete(6)
        def reset(self, *, seed=None, options=None):
            self.seen, self.earned = 0, 0
            return super().reset(seed=seed)
        def observe(self):
            self.before, self.seen = self.seen, round(5 * self.bright)
            return self.seen
        def reward(self, burnt_out):
            paid, self.earned = self.earned, self.seen - self.before
            return float(paid)

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Discrete(6)
        def reset(self, *, seed=None, options=None):
            self.seen = 0
            return super().reset(seed=seed)
        def observe(self):
            self.before, self.seen = self.seen, round(5 * self.bright)
            return self.seen
        def reward(self, burnt_out):
            return float(self.seen - self.before)

Limits: judged where the same transitions, of an observation by an action to the next observation, come again and again.
Source: Gymnasium Env.step: the reward as a result of taking the action; Sutton and Barto (2018), section 3.1.
"""

from collections import defaultdict
from collections.abc import Iterator

from envkit.check.judging import fingerprint
from envkit.check.judging.tally import at_call
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import number
from envkit.core.trace import Step, Trace, is_number

ENOUGH = 40  # steps that come after a transition that came before
LOOKED = 500  # steps without a repeated transition after which none is expected
MANY = 0.1  # of the transitions: those that are paid differently from one time to the next

Pairs = list[tuple[bytes, bytes, float]]  # the transition before, the step's own, what it was paid


def check(rollouts: Rollouts) -> Iterator[Finding]:
    paid: dict[bytes, set[float]] = defaultdict(set)
    earned: dict[bytes, set[float]] = defaultdict(set)
    again, example = 0, None
    for place, (trace, step, before, own) in enumerate(_pairs(rollouts)):
        if not is_number(step.reward) or place > LOOKED * (again + 1):
            return
        reward = float(step.reward)
        again += before in earned
        earned[before].add(reward)
        if len(earned[before]) > 1:
            return  # what was earned before does not say what is paid
        if reward not in paid[own] and paid[own] and (example is None or step.number < example[1].number):
            example = trace, step, min(paid[own])
        paid[own].add(reward)
    clashing = sum(len(rewards) > 1 for rewards in paid.values())
    if example and again >= ENOUGH and clashing >= MANY * len(paid):
        trace, step, other = example
        message = (
            f"paid {number(step.reward)}, what the step before earned, as in all of {again} repeated transitions; "
            f"the same observation, action and next observation are paid {number(other)} elsewhere"
        )
        yield at_call(trace, step.index, message, "pay what the step itself earned, that of the last step above all")


def _pairs(rollouts: Rollouts) -> Iterator[tuple[Trace, Step, bytes, bytes]]:
    """(record, step, the transition before it, its own), of every step that is not the first one of its episode."""
    for trace, _ in rollouts.watched:  # the other records play the same episodes again
        for step, before, own in _transitions(trace):
            yield trace, step, before, own


def _transitions(trace: Trace) -> Iterator[tuple[Step, bytes, bytes]]:
    try:
        seen = {index: fingerprint.digest(call.copy[0]) for index, call in trace.resets}
        before: dict[int, bytes] = {}
        for step in trace.steps:
            if step.beyond or step.index - 1 not in seen:
                continue
            seen[step.index] = fingerprint.digest(step.observation)
            own = seen[step.index - 1] + fingerprint.digest(step.action) + seen[step.index]
            if step.index - 1 in before:
                yield step, before[step.index - 1], own
            before[step.index] = own
    except fingerprint.Opaque as error:
        raise CannotJudge(str(error)) from error


RULE = Rule("EK916", "reward-lags", Severity.WARNING, check, whole=True)
