"""A seeded episode differs from process to process, though it repeats within each.

Why: the addresses of objects, the number of the process, a random number drawn when the module is imported: whatever it
is, no seed brings the run back tomorrow.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed, options=options)
            self.bright *= 1 - os.getpid() % 1000 / 2000
            return self.observe(), info

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed, options=options)
            self.bright *= 1 - 0.5 * self.np_random.random()
            return self.observe(), info

Limits: two processes, with the same hash seed.
Source: Gymnasium Env.reset, seed; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.telling import first_parting, lines_of, place
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.processes import Processes


def check(processes: Processes) -> Iterator[Finding]:
    processes.require()
    if not processes.repeatable:
        raise CannotJudge("the same seed and actions do not give the same episode even in one process")
    found = first_parting(processes.plain[:1], processes.again[:1])
    if found:
        _, number, parting = found
        yield Finding(
            message=f"the same seed and actions play differently in two processes: {parting.difference}",
            fix="draw nothing at import, go through no set of objects, and use neither id() nor os.getpid()",
            at=place(processes, number, parting),
            program="\n".join([
                "# run it twice, with PYTHONHASHSEED=0 both times",
                "import envkit", "", *lines_of(processes, number, parting), "print(result)",
            ]),
        )  # fmt: skip


RULE = Rule("EK213", "processes-differ", Severity.ERROR, check, symptom_of=("EK201", "EK202", "EK207"))
