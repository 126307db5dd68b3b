"""Several copies cannot be played in a vector environment, though each can be played alone.

Why: nearly every learner plays several copies at once; what works only alone cannot be trained.

Fails:

    class Frozen(dict):
        def __setitem__(self, key, value):
            raise TypeError("nobody writes into this")

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            return observation, reward, terminated, truncated, Frozen(info)

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            return observation, reward, terminated, truncated, dict(info)

Limits: three copies, in each autoreset mode of SyncVectorEnv, and in a loop that does what stable-baselines3 does.
Source: Gymnasium SyncVectorEnv; https://gymnasium.farama.org/api/vector/sync_vector_env/
"""

from collections.abc import Iterator

from envkit.check.judging.vectored import call_of, failing
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.vector import Run, Vectors


def check(vectors: Vectors) -> Iterator[Finding]:
    for run in vectors.of(workers=False):
        if run.outcome.kind and not (run.way.name.startswith("the DummyVecEnv") and not run.outcome.told):
            yield Finding(
                message=f"{call_of(run)} of {run.way} {_what(run)}, though each copy alone can be played",
                fix=_fix(run),
                at=f"{run.way}: {call_of(run)}",
                program=failing(vectors, run),
            )
            return


def _what(run: Run) -> str:
    who = "raised inside a copy" if run.inside else "raised"
    return f"{who} {run.outcome.failure}" if run.outcome.kind == "raised" else f"gave {run.outcome.failure}"


def _fix(run: Run) -> str:
    if "reset_mask" in run.outcome.asked:
        return "take options={} as no options: vector environments reset single copies with it"
    if run.outcome.asked == "the constructor":
        return "let spaces and metadata depend on the constructor's arguments only, and allow several instances"
    return "keep state on self, and give every entry of observation and info one shape and type"


EXPLAINED_BY = ("EK1", "EK2", "EK3", "EK4", "EK5", "EK6", "EK801", "EK802", "EK854", "EK855")

RULE = Rule("EK850", "vector-environment-fails", Severity.ERROR, check, symptom_of=EXPLAINED_BY)
