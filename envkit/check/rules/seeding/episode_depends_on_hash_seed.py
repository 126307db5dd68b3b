"""A seeded episode differs between processes with different hash seeds.

Why: Python salts the hashes of texts anew in every process, so the order of a set of texts, and hash() itself, change
from run to run. The same seed then trains on another environment tomorrow.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed, options=options)
            names = {"red", "green", "blue", "white", "amber", "violet", "teal", "pink"}
            self.bright *= 1 - 0.01 * list(names).index("red")
            return self.observe(), info

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed, options=options)
            names = {"red", "green", "blue", "white", "amber", "violet", "teal", "pink"}
            self.bright *= 1 - 0.01 * sorted(names).index("red")
            return self.observe(), info

Limits: three hash seeds, in which the order of a very small set may agree by chance.
Source: https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED
"""

from collections.abc import Iterator

from envkit.check.acting.echoes import USUAL_SEED
from envkit.check.judging.telling import first_parting, lines_of, place
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.processes import Processes, differences


def check(processes: Processes) -> Iterator[Finding]:
    processes.require_repeatable()
    infos = not any(differences(processes.plain, processes.again, infos=True))
    plain = processes.plain[: processes.telling]
    for seed, rounds in processes.hashed.items():
        found = first_parting(plain, rounds, infos=infos)
        if found:
            _, number, parting = found
            how = f"PYTHONHASHSEED={USUAL_SEED} and PYTHONHASHSEED={seed}"
            yield Finding(
                message=f"the same seed and actions play differently with {how}: {parting.difference}",
                fix="sort sets before going through them, and make no number from hash() or id()",
                at=place(processes, number, parting),
                program="\n".join([
                    f"# run it twice, with {how}",
                    "import envkit", "", *lines_of(processes, number, parting), "print(result)",
                ]),
                severity=parting.severity,
            )  # fmt: skip
            return


RULE = Rule("EK209", "episode-depends-on-hash-seed", Severity.ERROR, check, symptom_of=("EK201", "EK202", "EK207"))
