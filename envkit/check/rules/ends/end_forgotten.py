"""An episode has ended, and the next step says that it has not.

Why: a loop that looks at the flag a step late, or a wrapper that steps once too often, plays on in a finished game.

Fails:

    class Env(Lamp):
        burnt_out = False
        def reset(self, *, seed=None, options=None):
            self.burnt_out = False
            return super().reset(seed=seed, options=options)
        def step(self, action):
            if self.burnt_out:
                return self.observe(), 0.0, False, False, {}
            result = super().step(action)
            self.burnt_out = result[2]
            return result

Passes:

    class Env(Lamp):
        burnt_out = False
        def reset(self, *, seed=None, options=None):
            self.burnt_out = False
            return super().reset(seed=seed, options=options)
        def step(self, action):
            if self.burnt_out:
                return self.observe(), 0.0, True, False, {}
            result = super().step(action)
            self.burnt_out = result[2]
            return result

Limits: to refuse the step is legal. Games that simply go on are not meant: what counts is that the environment knows
of the end (some attribute marks it), or stands still after it, or that what it shows meant the end before.
Source: DLR-RM/stable-baselines3 issue 810; Gymnasium Env.step.
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.beyond import Beyond, Ends, ended_by
from envkit.core.compare import same
from envkit.core.trace import Step, is_true

ENOUGH = 3
MOST_ENTRIES = 64  # of an observation in which a threshold is looked for


def check(ends: Ends) -> Iterator[Finding]:
    for flag in ("terminated", "truncated"):
        tried = [one for one in ends.beyond if ended_by(one.end) == flag and any(True for _ in one.first())]
        if len(tried) >= ENOUGH and not any(step.ended for step in _further(tried)) and _known(ends, tried, flag):
            first = next(tried[0].first())
            yield at_call(
                tried[0].traces[0],
                first.index,
                f"step {first.number - 1} returned {flag}=True and the next one {flag}=False, after {len(tried)} of "
                f"{len(tried)} episodes that were played on, and whatever was done",
                f"keep {flag}=True until reset is called, or raise gymnasium.error.ResetNeeded",
            )


def _known(ends: Ends, tried: list[Beyond], flag: str) -> bool:
    """Whether the environment knows of the end, stands still after it, or shows what had meant the end."""
    if all(beyond.noticed for beyond in tried) or all(map(_stands_still, tried)):
        return True
    return flag == "terminated" and _shows_the_end(ends, tried)


def _further(tried: list[Beyond]) -> Iterator[Step]:
    return (step for beyond in tried for step in beyond.first())


def _stands_still(beyond: Beyond) -> bool:
    end = beyond.end.observation
    return len(beyond.traces) > 1 and all(same(step.observation, end) for step in beyond.first())


def _shows_the_end(ends: Ends, tried: list[Beyond]) -> bool:
    """Whether some entry of the observation passed a threshold only where episodes ended, and is still past it."""
    steps = [step for trace in ends.traces for step in trace.steps if not step.beyond and not is_true(step.truncated)]
    over = _table([step.observation for step in steps if is_true(step.terminated)])
    running = _table([step.observation for step in steps if not is_true(step.terminated)])
    later = _table([step.observation for beyond in tried for step in beyond.first()])
    if over is None or running is None or later is None or not over.shape[1] == running.shape[1] == later.shape[1]:
        return False
    above = (over.min(0) > running.max(0)) & (later.min(0) >= over.min(0))
    below = (over.max(0) < running.min(0)) & (later.max(0) <= over.max(0))
    return bool((above | below).any())


def _table(observations: list[object]) -> np.ndarray | None:
    """[N, entries] of small arrays of numbers; None for anything else."""
    arrays = [np.asarray(o, np.float64).ravel() for o in observations if isinstance(o, np.ndarray | np.generic | int)]
    sizes = {array.size for array in arrays}
    if len(arrays) < len(observations) or len(sizes) != 1 or max(sizes) > MOST_ENTRIES:
        return None
    return np.array(arrays)


RULE = Rule("EK510", "end-forgotten", Severity.WARNING, check, whole=True)
