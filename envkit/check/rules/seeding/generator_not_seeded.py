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

from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.twins import Twins


def check(twins: Twins) -> Iterator[Finding]:
    if not twins.generator:
        raise CannotJudge("np_random was not looked at: there was no time, or the instance had raised before")
    entropies = [entropy for _, entropy in twins.generator]
    begin = twins.generator[0][0]
    if all(entropy is None for entropy in entropies):
        if not _draws(twins):
            yield _finding(twins, f"after reset(seed={begin}) the environment's np_random has not been seeded", begin)
        return
    first, again = entropies[:2]
    if first is None or first != again:
        yield _finding(twins, f"reset(seed={begin}), twice, leaves np_random in two states", begin)
        return
    seen: dict[str, int] = {}
    for seed, entropy in twins.generator:
        other = seen.setdefault(repr(entropy), seed)
        if other != seed:
            yield _finding(twins, f"reset(seed={other}) and reset(seed={seed}) seed np_random alike", seed)
            return


def _finding(twins: Twins, message: str, seed: int) -> Finding:
    return Finding(
        message=message,
        fix="call super().reset(seed=seed) as the first line of reset, with the seed as it was given",
        at=f"env.reset(seed={seed})",
        program=_program(twins, seed),
    )


def _draws(twins: Twins) -> bool:
    """Whether the record is too short to say: the instance could not even be reset."""
    return not twins.fresh or not twins.fresh[0].left_calls or twins.fresh[0].left_calls[0].error is not None


def _program(twins: Twins, seed: int) -> str:
    make = twins.fresh[0].left.program(0) if twins.fresh else "import envkit"
    return f"{make}\nenv.reset(seed={seed})\nprint(env.unwrapped.np_random_seed)"


RULE = Rule("EK205", "generator-not-seeded", Severity.ERROR, check)
