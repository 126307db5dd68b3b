"""Episodes print: a line at a step, at a reset, at an end.

Why: a million steps are a million lines, which bury what the training says, fill the disk and cost more than the steps.

Fails:

    class Env(Lamp):
        def step(self, action):
            print("step", self.steps)
            return super().step(action)

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            print("Lamp 1.0")

Limits: what is printed once, by the module, a constructor or the first reset, is not held against it; human mode is not
looked at. What C code prints counts too.
Source: https://docs.python.org/3/library/logging.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from envkit.check.judging.pairs import make_text, playing
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts, Watched
from envkit.check.process.watching import FIRST_LINES, PRINTED
from envkit.core.case import case_of

FIX = "use logging.getLogger(__name__).debug(...), which is silent unless asked for; or put it into info"


def check(rollouts: Rollouts) -> Iterator[Finding]:
    for stream in ("stdout", "stderr"):
        for watched in (rollouts.watched, rollouts.rendered):
            found = [each for each in watched if _amount(each[1], stream)]
            if len(found) > 1 or len(found) == len(watched) == 1:
                yield _finding(min(found, key=lambda each: len(each[0].calls)), stream, len(found))
                break


def _amount(seen: Mapping[str, Mapping[str, Any]], stream: str) -> int:
    """Bytes that were printed after the first reset, closing excepted."""
    before = seen.get("reset", seen.get("made"))
    return int(seen["stepped"][PRINTED][stream] - before[PRINTED][stream]) if before and "stepped" in seen else 0


def _finding(watched: Watched, stream: str, count: int) -> Finding:
    trace, seen = watched
    case, mode = case_of(trace.calls), trace.calls[0].arguments.get("render_mode")
    line = seen["stepped"][FIRST_LINES].get(stream, "")
    lines = playing(case.episodes) if case else []
    if mode:
        lines.append("env.render()")
    return Finding(
        message=f"{'a rendered episode' if mode else 'an episode'} prints to {stream}: {line!r}",
        fix=FIX,
        at=trace.place(len(trace.calls) - 1),
        program="\n".join(["import envkit", "", f"env = {make_text(trace.calls[0])}", *lines]),
        count=count,
        kind=stream,
        case=case,
    )


RULE = Rule("EK807", "output-printed", Severity.WARNING, check)
