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

from envkit.check.judging.vectored import told_apart
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.twins import Twins
from envkit.check.probes.vector import Vectors

FIX = "keep state on self, return copies of arrays, and let reset() do the same as reset(options=None)"


def check(vectors: Vectors, twins: Twins) -> Iterator[Finding]:
    yield from told_apart(vectors, twins, workers=False, fix=FIX)


EXPLAINED_BY = ("EK1", "EK2", "EK3", "EK4", "EK5", "EK6", "EK802", "EK850")

RULE = Rule("EK851", "vector-result-differs", Severity.ERROR, check, symptom_of=EXPLAINED_BY)
