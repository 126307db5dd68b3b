"""An instance cannot be pickled or copied in mid-episode.

Why: worker processes receive environments by pickle, and planners copy them.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            self.generator = (number for number in range(3))
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            self.numbers = iter([0, 1, 2])
            return super().reset(seed=seed, options=options)

Limits: a warning, for simulators in other processes cannot be copied.
Source: Gymnasium AsyncVectorEnv; https://gymnasium.farama.org/api/vector/
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.lifecycle import SEED, Lifecycle
from envkit.core.show import error_line


def check(lifecycle: Lifecycle) -> Iterator[Finding]:
    for how, twin in (("pickle.dumps(env)", lifecycle.pickled), ("copy.deepcopy(env)", lifecycle.deep_copy)):
        if isinstance(twin, BaseException):
            yield Finding(
                message=f"{how} in mid-episode raised {error_line(twin)}",
                fix="leave windows, locks, generators and sockets out of __getstate__, and make them anew",
                at=how,
                program=(
                    f"import {how.partition('.')[0]}\n\n{lifecycle.closed.program(0)}\n"
                    f"env.reset(seed={SEED})\nenv.step(env.action_space.sample())\n{how}"
                ),
            )
            return


RULE = Rule("EK804", "copy-fails", Severity.WARNING, check)
