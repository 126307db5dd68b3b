"""A step or a reset makes Python warn: numpy of an overflow or an invalid value, or the same text again and again.

Why: numpy's warning names a number that is already wrong; and what is said at every step is soon not read any more.

Fails:

    class Env(Lamp):
        def step(self, action):
            result = super().step(action)
            np.log(np.float64(np.floor(self.bright * 1.5)))  # of zero, at times
            return result

Passes:

    class Env(Lamp):
        def step(self, action):
            result = super().step(action)
            np.log(np.float64(max(np.floor(self.bright * 1.5), 0.1)))
            return result

Limits: numpy's count once, all others from the third time on one instance; what Gymnasium itself says does not count.
Source: NumPy, numpy.errstate; Python, the warnings module.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.trace import Trace

OFTEN = 3
GYMNASIUM = "\x1b[33mWARN"  # how its logger begins
NUMBER = re.compile(r"\d[\d.e+-]*|0x[0-9a-f]+")


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tally = Tally()
    for trace in rollouts.traces:
        times: Counter[str] = Counter()
        for index, (category, text, place) in _heard(trace):
            kind = f"{category}: {NUMBER.sub('', text)}"
            times[kind] += 1
            if category == "RuntimeWarning":
                fix = 'with np.errstate(all="raise") it raises where the number goes wrong; guard what is put in there'
                tally.add(kind, trace, index, _told(trace, index, category, text, place), fix)
            elif times[kind] >= OFTEN:
                fix = "do what it asks for, or warn once, when the instance is made"
                message = f"{_told(trace, index, category, text, place)}, again and again"
                tally.add(kind, trace, index, message, fix, whole=True)
    yield from tally.findings()


def _heard(trace: Trace) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """(index of the call, warning) of resets and steps within episodes."""
    for index, call in enumerate(trace.calls):
        if call.warned and index >= trace.begin and call.method in ("reset", "step") and not trace.is_beyond(index):
            yield from ((index, warning) for warning in call.warned if not warning[1].startswith(GYMNASIUM))


def _told(trace: Trace, index: int, category: str, text: str, place: str) -> str:
    file, _, line = place.rpartition(":")
    return f"{trace.calls[index].method} warns, in line {line} of {Path(file).name}: {category}: {text}"


RULE = Rule("EK809", "warnings-issued", Severity.WARNING, check, symptom_of=("EK302", "EK505"))
