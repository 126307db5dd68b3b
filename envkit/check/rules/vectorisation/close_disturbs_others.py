"""Closing one instance changes the episode of another.

Why: an evaluation closes its environment while training goes on, and AsyncVectorEnv makes one and closes it before its
workers begin. What instances share, such as a window or a library's global state, must outlive each of them.

Fails:

    class Env(Lamp):
        power = [1.0]
        def reset(self, *, seed=None, options=None):
            self.mine = self.power[0]
            return super().reset(seed=seed, options=options)
        def reward(self, burnt_out):
            return super().reward(burnt_out) * (1 if self.mine == self.power[0] else 0)
        def close(self):
            self.power[0] += 1

Passes:

    class Env(Lamp):
        power = 1.0
        def reset(self, *, seed=None, options=None):
            self.power = 1.0
            return super().reset(seed=seed, options=options)
        def reward(self, burnt_out):
            return super().reward(burnt_out) * self.power
        def close(self):
            self.power += 1

Limits: one other instance, closed right after the reset.
Source: Gymnasium Env.close; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import (
    case,
    indented,
    make_text,
    parting,
    place,
    playing,
    require_begun,
    require_repeatable,
)
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.twins import Pair, Twins
from envkit.check.probes.vector import Vectors
from envkit.core.case import Episode


def check(vectors: Vectors, twins: Twins) -> Iterator[Finding]:
    pair = vectors.closing
    if pair is None:
        raise CannotJudge(vectors.reason or "the probe was cut short")
    require_begun(pair.left_calls)
    for twin in (*twins.fresh, *twins.used):
        require_repeatable(twin.left_calls, twin.right_calls)
    found = parting(pair.left_calls, pair.right_calls, infos=False)
    if found:
        yield Finding(
            message=f"when another instance is closed, seed={pair.seed} plays differently: {found.difference}",
            fix="let close() give up what self owns, and nothing that other instances use",
            at=place(pair, found),
            program=_program(pair, found.number),
            case=case(pair, found),
        )


def _program(pair: Pair, number: int) -> str:
    make = make_text(pair.left.calls[0])
    actions = tuple(call.arguments["action"] for call in pair.left_calls[1 : number + 1])
    reset, *steps = playing([Episode(pair.seed, actions)])
    other = f"other.reset(seed={pair.seed + 1})"
    lines = [f"env, other = {make}, {make}", reset, other, "if closing:", *indented(["other.close()"]), *steps]
    return "\n".join(["import envkit", "", "for closing in (False, True):", *indented([*lines, "print(result)"])])


RULE = Rule("EK858", "close-disturbs-others", Severity.ERROR, check, symptom_of=("EK207", "EK212", "EK502"))
