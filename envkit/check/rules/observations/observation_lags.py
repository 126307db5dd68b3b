"""The observation is that of the step before: the first step never changes it, though it changes the picture.

Why: the agent decides by what is no longer true, and learns to act a step late.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.before = super().observe()
            return self.before.copy(), {}
        def step(self, action):
            seen = super().observe()
            _, *rest = super().step(action)
            return seen, *rest

Passes:

    class Env(Lamp):
        def step(self, action):
            return super().step(action)

Limits: judged where frames are arrays or texts, and later steps do change the observation. A delay that is meant, as of
a slow sensor, looks the same.
Source: Gymnasium Env.step: the observation after the action.
"""

from collections.abc import Iterator
from dataclasses import replace

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.check.probes.rollouts import Rollouts
from envkit.core.compare import same
from envkit.core.trace import Trace

ENOUGH, MOVING = 20, 0.2


def check(rollouts: Rollouts, rendering: Rendering) -> Iterator[Finding]:
    still, later, moved = 0, 0, 0
    for trace in rollouts.traces:
        seen = {index: call.copy[0] for index, call in trace.resets}
        for step in trace.steps:
            if step.beyond or step.number > 2:
                continue
            before = seen.get(step.index - 1)
            seen[step.index] = step.observation
            if before is None:
                continue
            if step.number == 1 and not same(before, step.observation):
                return
            still += step.number == 1
            later += step.number == 2
            moved += step.number == 2 and not same(before, step.observation)
    if still < ENOUGH or later < ENOUGH or moved < MOVING * later:
        return
    drawn = next((found for shown in rendering.shown.values() if (found := _picture_moved(shown.rendered))), None)
    if drawn:
        trace, index = drawn
        message = f"in all {still} episodes the first step leaves the observation as it was, and the picture changes"
        yield replace(at_call(trace, index, message, "observe after the move, at the end of step"), count=still)


def _picture_moved(trace: Trace) -> tuple[Trace, int] | None:
    """The first step of an episode after which the frame is another one than after the reset."""
    for before, step, after, index in zip(trace.calls, trace.calls[1:], trace.calls[2:], range(1, 10**9), strict=False):
        first = index > 1 and trace.calls[index - 2].method in ("reset", "render") and step.method == "step"
        if first and before.method == after.method == "render" and not before.error and not after.error:
            steps = next(i for i in range(index - 1, -1, -1) if trace.calls[i].method in ("reset", "step"))
            if trace.calls[steps].method == "reset" and not same(before.copy, after.copy):
                return trace, index
    return None


RULE = Rule("EK306", "observation-lags", Severity.WARNING, check, whole=True, symptom_of=("EK902",))
