"""Resets without a seed start every episode alike, though seeds make a difference.

Why: reset() without a seed goes on with the generator; restarting it from a constant trains on one episode for ever.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            return super().reset(seed=42 if seed is None else seed, options=options)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            return super().reset(seed=seed, options=options)

Limits: an environment with one start is never judged guilty.
Source: Gymnasium Env.reset: with seed=None and an existing generator the generator is not reset.
"""

from collections.abc import Iterator
from typing import Any

from envkit.check.judging.pairs import is_pair, require_begun
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.twins import Twins
from envkit.core.compare import same

BY_CHANCE = 1e-3  # the probability up to which it is a fault and no chance


def check(twins: Twins) -> Iterator[Finding]:
    require_begun(*(pair.left_calls for pair in twins.fresh))
    starts: list[Any] = [
        pair.left_calls[0].copy[0] for pair in twins.fresh if pair.left_calls and is_pair(pair.left_calls[0])
    ]
    seeds_matter = any(not same(start, starts[0]) for start in starts)
    unseeded = twins.unseeded[1:]
    if not seeds_matter or len(unseeded) < 3 or any(not same(start, unseeded[0]) for start in unseeded):
        return
    share = (sum(same(start, unseeded[0]) for start in starts) + 1) / (len(starts) + 2)
    if share ** (len(unseeded) - 1) > BY_CHANCE:
        raise CannotJudge(
            f"{len(unseeded)} resets without a seed start alike, which so few different starts may explain"
        )
    yield Finding(
        message=f"{len(unseeded)} resets without a seed all start alike, though seeds make a difference",
        fix="pass the seed on as it came: super().reset(seed=seed)",
        at="env.reset()",
        program=f"{twins.fresh[0].left.program(0)}\nfor _ in range(3):\n    print(env.reset()[0])",
    )


RULE = Rule("EK206", "unseeded-resets-repeat", Severity.ERROR, check, symptom_of=("EK402",))
