"""A copy cannot be played in a worker process, though it can be played here.

Why: AsyncVectorEnv and SubprocVecEnv are how slow environments are trained. A worker that dies or hangs there takes the
whole run with it, often without a word.

Fails:

    import multiprocessing

    class Env(Lamp):
        def step(self, action):
            if multiprocessing.parent_process() is not None:
                raise RuntimeError("not here")
            return super().step(action)

Passes:

    import multiprocessing

    class Env(Lamp):
        def step(self, action):
            self.where = multiprocessing.current_process().name
            return super().step(action)

Limits: two workers, forked from a process that has already played; one that may not have children of its own is a
warning, for AsyncVectorEnv(daemon=False) allows it.
Source: Gymnasium AsyncVectorEnv; https://gymnasium.farama.org/api/vector/async_vector_env/
"""

from collections.abc import Iterator

from envkit.check.judging.vectored import call_of, failing
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.vector import Vectors

DAEMON = "daemonic processes are not allowed to have children"
FIXES = {
    "hung": "make threads, pools and locks in the process that uses them: a forked worker inherits them without life",
    "died": "open devices, simulators and windows in the process that uses them",
    "raised": "hand out nothing that cannot be pickled, and let nothing depend on the process",
}


def check(vectors: Vectors) -> Iterator[Finding]:
    for run in vectors.of(workers=True):
        outcome = run.outcome
        if outcome.kind:
            if "__main__" in outcome.failure and "pickle" in outcome.failure:
                raise CannotJudge("it hands out objects of the main module, which the workers of a check do not have")
            forbidden = DAEMON in outcome.failure
            what = f"raised {outcome.failure}" if outcome.kind == "raised" else outcome.failure
            yield Finding(
                message=f"{call_of(run)} of {run.way}: {what}, though an instance in this process plays on",
                fix="start children with subprocess, or say AsyncVectorEnv(daemon=False)" if forbidden
                else FIXES[outcome.kind],
                at=f"{run.way}: {call_of(run)}",
                program=failing(vectors, run),
                severity=Severity.WARNING if forbidden else Severity.ERROR,
            )  # fmt: skip
            return


EXPLAINED_BY = ("EK0", "EK1", "EK2", "EK3", "EK4", "EK5", "EK801", "EK802", "EK850", "EK854", "EK855")

RULE = Rule("EK852", "worker-fails", Severity.ERROR, check, symptom_of=EXPLAINED_BY)
