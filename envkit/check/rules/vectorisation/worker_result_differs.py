"""A copy in a worker process plays otherwise than an instance in the main process.

Why: what is learnt in the workers is not what is evaluated outside.

Fails:

    import multiprocessing

    class Env(Lamp):
        def reward(self, burnt_out):
            worker = multiprocessing.parent_process() is not None
            return super().reward(burnt_out) * (0.5 if worker else 1)

Passes:

    class Env(Lamp):
        def reward(self, burnt_out):
            return super().reward(burnt_out) * (0.5 if self.steps > 3 else 1)

Limits: two workers; infos are not compared.
Source: Gymnasium AsyncVectorEnv; https://gymnasium.farama.org/api/vector/async_vector_env/
"""

from collections.abc import Iterator

from envkit.check.judging.vectored import told_apart
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.twins import Twins
from envkit.check.probes.vector import Vectors

FIX = "let nothing depend on the process: its name, its number, or what was drawn in it before"


def check(vectors: Vectors, twins: Twins) -> Iterator[Finding]:
    yield from told_apart(vectors, twins, workers=True, fix=FIX)


EXPLAINED_BY = ("EK1", "EK2", "EK3", "EK4", "EK5", "EK6", "EK802", "EK851", "EK852")

RULE = Rule("EK853", "worker-result-differs", Severity.ERROR, check, symptom_of=EXPLAINED_BY)
