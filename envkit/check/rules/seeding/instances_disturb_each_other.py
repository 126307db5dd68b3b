"""An episode differs when another instance plays at the same time.

Why: evaluation beside training, and every vector environment in one process, run several instances.

Fails:

    class Env(Lamp):
        power = [1.0]  # one for all
        def reset(self, *, seed=None, options=None):
            self.power[0] = 1.0
            return super().reset(seed=seed, options=options)
        def step(self, action):
            self.power[0] *= 0.99
            observation, reward, *rest = super().step(action)
            return observation, reward * self.power[0], *rest

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            self.power = [1.0]
            return super().reset(seed=seed, options=options)
        def step(self, action):
            self.power[0] *= 0.99
            observation, reward, *rest = super().step(action)
            return observation, reward * self.power[0], *rest

Limits: two instances, turn by turn, in one thread.
Source: Gymnasium SyncVectorEnv; https://gymnasium.farama.org/api/vector/
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import case, make_text, parting, place, require_begun
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.twins import Pair, Twins
from envkit.core.trace import literal


def check(twins: Twins) -> Iterator[Finding]:
    require_begun(*(pair.left_calls for pair in twins.neighbours))
    alone = [parting(pair.left_calls, pair.right_calls) for pair in (*twins.fresh, *twins.used)]
    broken = any(found and not found.in_info for found in alone)
    for pair in () if broken else twins.neighbours:
        found = parting(pair.left_calls, pair.right_calls, infos=False if any(alone) else None)
        if found:
            yield Finding(
                message=f"seed={pair.seed} plays differently beside another instance than alone: {found.difference}",
                fix="keep state on self: nothing that changes may live in the class, the module or a default argument",
                at=place(pair, found),
                program=_program(pair, found.number),
                case=case(pair, found),
            )
            return


def _program(pair: Pair, number: int) -> str:
    make = make_text(pair.left.calls[0])
    actions = ", ".join(literal(call.arguments["action"]) for call in pair.left_calls[1 : number + 1])
    return (
        f"import envkit\n\n"
        f"alone, beside, other = {make}, {make}, {make}\n"
        f"actions = [{actions}]\n"
        f"result = alone.reset(seed={pair.seed})\n"
        f"for action in actions:\n    result = alone.step(action)\n"
        f"print(result)\n"
        f"result, _ = beside.reset(seed={pair.seed}), other.reset(seed={pair.seed + 99})\n"
        f"for action in actions:\n    result, _ = beside.step(action), other.step(action)\n"
        f"print(result)"
    )


RULE = Rule("EK204", "instances-disturb-each-other", Severity.ERROR, check, symptom_of=("EK207", "EK212", "EK858"))
