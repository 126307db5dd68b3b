"""A copy in a vector environment plays otherwise than an instance alone.

Why: what is learnt there is not what is evaluated later. Copies share state; or an observation that was handed out is
overwritten by the reset that follows the end, before it could be kept.

Fails:

    class Env(Lamp):
        lately = []  # who took the last steps: one list for all
        def reward(self, burnt_out):
            self.lately[:] = [*self.lately, id(self)][-6:]
            in_turns = self.lately[:3] == self.lately[3:] and len(set(self.lately)) == 3
            return super().reward(burnt_out) * (0.5 if in_turns else 1)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            self.lately = []
            return super().reset(seed=seed, options=options)
        def reward(self, burnt_out):
            self.lately[:] = [*self.lately, id(self)][-6:]
            in_turns = self.lately[:3] == self.lately[3:] and len(set(self.lately)) == 3
            return super().reward(burnt_out) * (0.5 if in_turns else 1)

Limits: three copies with different seeds and actions; infos are not compared.
Source: Gymnasium SyncVectorEnv and autoreset; https://farama.org/Vector-Autoreset-Mode
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import require_repeatable
from envkit.check.judging.vectored import comparison, first_parted, name_of
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.twins import Twins
from envkit.check.probes.vector import Vectors


def check(vectors: Vectors, twins: Twins) -> Iterator[Finding]:
    runs = vectors.of(workers=False)
    for pair in (*twins.fresh, *twins.continued):
        require_repeatable(pair.left_calls, pair.right_calls)
    parted = first_parted(runs)
    if parted:
        yield Finding(
            message=f"{name_of(parted.run, parted.copy)} parts from an instance alone: {parted.parting.difference}",
            fix="keep state on self, return copies of arrays, and let reset() do the same as reset(options=None)",
            at=f"{parted.parting.call}, call {parted.asked} of the vector environment",
            program=comparison(vectors, parted),
        )


EXPLAINED_BY = ("EK1", "EK2", "EK3", "EK4", "EK5", "EK6", "EK802", "EK850")

RULE = Rule("EK851", "vector-result-differs", Severity.ERROR, check, symptom_of=EXPLAINED_BY)
