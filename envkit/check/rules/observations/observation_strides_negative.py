"""An observation is an array that runs backwards in memory, as a flipped view does: torch cannot take it.

Why: torch.from_numpy and torch.as_tensor refuse arrays with negative strides, in the midst of a learner.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 1, (2,), np.float32)
        def observe(self):
            return super().observe()[::-1]

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 1, (2,), np.float32)
        def observe(self):
            return super().observe()[::-1].copy()

Limits: looks at the objects that were returned, those in dictionaries and tuples included.
Source: torch.from_numpy, "negative strides are not supported".
"""

from collections.abc import Iterator

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.tampering import leaves


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace in rollouts.traces:
        returned = [(index, call.result[0]) for index, call in trace.resets]
        returned += [(step.index, step.call.result[0]) for step in trace.steps if not step.beyond]
        for index, observation in returned:
            for name, array in leaves(observation, "observation"):
                if any(stride < 0 for stride in array.strides):
                    message = f"{name} is a view with strides {array.strides}, which torch refuses"
                    tally.add(name, trace, index, message, "copy what was turned round: np.ascontiguousarray(...)")
    yield from tally.findings()


RULE = Rule("EK305", "observation-strides-negative", Severity.WARNING, check)
