"""reset(seed=...) does not seed the environment's own generator, np_random.

Why: the seed is lost; wrappers and subclasses that draw from np_random are not repeatable.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            generator = np.random.default_rng(seed)
            self.bright, self.steps = float(generator.uniform(0.3, 0.7)), 0
            return self.observe(), {}
        def step(self, action):
            self.steps += 1
            self.bright = min(max(self.bright + (0.1 if action == 1 else -0.1), 0.0), 1.0)
            return self.observe(), self.reward(False), self.bright >= 1, self.steps >= 20, {}

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.bright = self.np_random.uniform(0.3, 0.7)
            return self.observe(), {}

Limits: not judged where np_random is not Gymnasium's.
Source: Gymnasium Env.reset: subclasses call super().reset(seed=seed) first.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.twins import Twins


def check(twins: Twins) -> Iterator[Finding]:
    first, again, other = twins.generator
    if first is not None and first == again and other is not None and other != first:
        return
    if first is None and again is None and other is None and not _draws(twins):
        yield Finding(
            message="after reset(seed=123) the environment's np_random has not been seeded",
            fix="call super().reset(seed=seed) as the first line of reset",
            at="env.reset(seed=123)",
            program=_program(twins),
        )
    elif first is not None:
        yield Finding(
            message="reset(seed=123), reset(seed=123) and reset(seed=456) do not seed np_random with those seeds",
            fix="call super().reset(seed=seed) as the first line of reset",
            at="env.reset(seed=123)",
            program=_program(twins),
        )


def _draws(twins: Twins) -> bool:
    """Whether the record is too short to say: the instance could not even be reset."""
    return not twins.fresh or not twins.fresh[0].left_calls or twins.fresh[0].left_calls[0].error is not None


def _program(twins: Twins) -> str:
    make = twins.fresh[0].left.program(0) if twins.fresh else "import envkit"
    return f"{make}\nenv.reset(seed=123)\nprint(env.unwrapped._np_random)  # None: never seeded"


RULE = Rule("EK205", "generator-not-seeded", Severity.ERROR, check)
