"""A seeded episode differs at another time of day.

Why: a run that was fine in the morning cannot be repeated in the evening, and no seed brings it back.

Fails:

    import time

    class Env(Lamp):
        def reward(self, burnt_out):
            night = time.localtime().tm_hour < 12
            return super().reward(burnt_out) * (0.5 if night else 1)

Passes:

    class Env(Lamp):
        def reward(self, burnt_out):
            night = self.steps < 12
            return super().reward(burnt_out) * (0.5 if night else 1)

Limits: five other times; what `time` and `datetime` of the standard library say, not what compiled code reads; infos
may hold the time.
Source: Gymnasium Env.reset, seed; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.telling import first_parting, lines_of, place
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.processes import Processes


def check(processes: Processes) -> Iterator[Finding]:
    processes.require_repeatable()
    if processes.clock_reason:
        raise CannotJudge(processes.clock_reason)
    for turn, rounds in processes.clocked.items():
        found = first_parting(processes.plain[: processes.telling], rounds)
        if not found:
            continue
        instance, number, parting = found
        shift = turn.shifts[instance if turn.late else 0]  # what a turn after the import does not show, the import does
        days, rest = divmod(int(shift), 24 * 3600)
        hours = f"{days} days and {rest // 3600} hours"
        yield Finding(
            message=f"the same seed and actions play differently {hours} later: {parting.difference}",
            fix="keep the time of the game on self, start it in reset, and let no clock of the computer into it",
            at=place(processes, number, parting),
            program="\n".join(_program(turn.late, int(shift), hours, lines_of(processes, number, parting))),
        )
        return


def _program(late: bool, shift: int, hours: str, lines: list[str]) -> list[str]:
    """Lines that print what is played now and then; a module that looks at the clock is imported but once."""
    head = ["import envkit", "from envkit.check.acting.clock import Clock", ""]
    if late:
        head += ["with Clock().turned() as clock:", f"    for clock.shift in (0, {shift}):  # seconds; {hours}"]
        body = [f"        {line}" for line in [*lines, "print(result)"]]
    else:
        how = f"# run it with 0 and with {shift} (seconds; {hours}) behind its name"
        head = ["import sys", "", *head, how, "with Clock(float(sys.argv[1])).turned():"]
        body = [f"    {line}" for line in [*lines, "print(result)"]]
    return [*head, *body]


RULE = Rule("EK210", "episode-depends-on-clock", Severity.ERROR, check, symptom_of=("EK201", "EK202", "EK207"))
