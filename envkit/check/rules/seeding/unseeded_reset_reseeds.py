"""A reset without a seed starts the generator anew instead of going on with it.

Why: a training run seeds its environments once; all later episodes are to follow from that seed. Where reset() draws a
new seed from the system, or from a global generator, the run cannot be repeated.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            if seed is None:
                seed = int.from_bytes(os.urandom(4))
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            return super().reset(seed=seed, options=options)

Limits: two seeds; one episode after the reset without a seed.
Source: Gymnasium Env.reset: with seed=None and an existing generator the generator is not reset.
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import case, indented, make_text, parting, place, playing, require_begun
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.twins import Pair, Twins
from envkit.core.case import case_of


def check(twins: Twins) -> Iterator[Finding]:
    require_begun(*(pair.left_calls for pair in twins.continued))
    if any(parting(pair.left_calls, pair.right_calls, infos=False) for pair in twins.fresh):
        raise CannotJudge("not even two fresh instances play a seeded episode alike")
    for pair in twins.continued:
        found = parting(pair.left_calls, pair.right_calls, infos=False)
        if found:
            calls = pair.right.calls[: len(pair.right.calls) - len(pair.right_calls) + found.number + 1]
            yield Finding(
                message=(
                    "two instances play the same seeded episode and are then reset without a seed; from there on they "
                    f"part: {found.difference}"
                ),
                fix="pass the seed on as it came, super().reset(seed=seed), and draw from self.np_random only",
                at=place(pair, found),
                program=_program(pair, len(calls)),
                case=case(pair, found, history=True),
            )
            return


def _program(pair: Pair, count: int) -> str:
    make = make_text(pair.left.calls[0])
    played = case_of(pair.right.calls[:count])
    lines = playing(played.episodes) if played else []
    return "\n".join(["import envkit", "", f"for env in ({make}, {make}):", *indented([*lines, "print(result)"])])


RULE = Rule("EK211", "unseeded-reset-reseeds", Severity.ERROR, check, symptom_of=("EK207", "EK205"))
