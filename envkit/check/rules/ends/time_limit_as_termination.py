"""Episodes are cut by a clock that nobody sees, and the end is called terminated.

Why: learners take the value of a terminated state for zero; at a time limit the task goes on, and that teaches wrong
values. What a limit cuts is truncated.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 1, (1,), np.float32)
        def observe(self):
            return super().observe()[:1]
        def step(self, action):
            self.steps += 1
            self.bright = float(np.clip(self.bright + self.np_random.normal() / 20 + 0.02 * int(action), 0, 1))
            return self.observe(), self.bright, self.steps >= 40, False, {}

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 1, (1,), np.float32)
        def observe(self):
            return super().observe()[:1]
        def step(self, action):
            self.steps += 1
            self.bright = float(np.clip(self.bright + self.np_random.normal() / 20 + 0.02 * int(action), 0, 1))
            return self.observe(), self.bright, False, self.steps >= 40, {}

Limits: judged where all episodes that were played on end after the same number of steps, at least twenty, whatever was
done, with different last observations, of which no entry is the same each time as a clock's would be.
Source: Pardo et al., "Time Limits in Reinforcement Learning" (2018); Gymnasium, terminated and truncated.
"""

from collections.abc import Iterator
from dataclasses import replace

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.tampering import leaves
from envkit.core.show import count
from envkit.core.trace import is_true

SHORTEST, ENOUGH = 20, 6


def check(rollouts: Rollouts) -> Iterator[Finding]:
    ends = [(trace, step) for trace, step in rollouts.steps() if step.ended]
    lengths = {step.number for _, step in ends}
    if len(ends) < ENOUGH or len(lengths) != 1 or min(lengths) < SHORTEST:
        return
    if not all(is_true(step.terminated) and not is_true(step.truncated) for _, step in ends):
        return
    last = [_numbers(step.observation) for _, step in ends]
    if not last[0] or any(len({numbers[place] for numbers in last}) == 1 for place in range(len(last[0]))):
        return
    trace, step = ends[0]
    message = (
        f"all {count(len(ends), 'episode')} that came to an end terminated at step {step.number}, whatever was done, "
        "and no entry of the observation counts the steps"
    )
    fix = "return it as truncated: terminated, truncated = False, self.steps >= limit"
    yield replace(at_call(trace, step.index, message, fix), count=len(ends))


def _numbers(observation: object) -> tuple[float, ...]:
    """All entries of an observation that is a number or has arrays in it."""
    if isinstance(observation, int | float):
        return (float(observation),)
    return tuple(float(entry) for _, array in leaves(observation) if array.dtype.kind in "biuf" for entry in array.flat)


RULE = Rule("EK515", "time-limit-as-termination", Severity.WARNING, check, whole=True)
