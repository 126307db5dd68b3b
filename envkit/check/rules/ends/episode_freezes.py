"""From some step on nothing changes any more, whatever is done.

Why: something inside has failed and is hushed up; the agent goes on learning from a picture that stands still.

Fails:

    class Env(Lamp):
        def observe(self):
            self.seen = super().observe()
            return self.seen.copy()
        def step(self, action):
            try:
                if self.steps >= 8:
                    raise IndexError("no oil left")
                return super().step(action)
            except IndexError:
                self.steps += 1
                return self.seen.copy(), 0.0, False, self.steps >= 60, {}

Passes:

    class Env(Lamp):
        def step(self, action):
            try:
                {}["oil"]
            except KeyError:
                return super().step(action)

Limits: seen where an exception is swallowed in each such step and in none before, or where all long episodes come to
a standstill at the same step. A state in which nothing happens may be meant, and is reached sooner or later.
Source: Python's own advice against a bare except; the observed habit of returning the last observation.
"""

from collections.abc import Iterator
from itertools import groupby, pairwise

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.inside import Inside, Note
from envkit.core.compare import same
from envkit.core.trace import Step, Trace, is_number

STILL = 20  # steps without a change at the end of an episode
BRIEFLY = 5  # the same, where an exception is swallowed in each
ENOUGH = 3  # episodes
FIX = "let the exception out, or handle what causes it; never return the previous observation in its place"


def check(inside: Inside) -> Iterator[Finding]:
    for trace, notes in inside.episodes:
        begin = _swallowing(notes)
        if begin is not None:
            note = notes[begin]
            message = (
                f"from step {note.step.number} on nothing changes, and each step swallows an exception: "
                f"{note.swallowed[0]}"
            )
            yield at_call(trace, note.step.index, message, FIX)
            return
    found = [standstill(trace, steps) for trace, steps in _episodes(inside.traces)]
    places = {place for place, _, _ in found if place is not None}
    if len(places) != 1:
        return
    place = places.pop()
    long = [(at, trace, steps) for at, trace, steps in found if len(steps) >= place + STILL]
    if len(long) >= ENOUGH and all(at == place for at, _, _ in long) and len({id(trace) for _, trace, _ in long}) > 1:
        _, trace, steps = long[0]
        still = "the observation stands still and the reward is 0"
        message = f"from step {place + 1} on {still}, in all {len(long)} long episodes"
        yield at_call(trace, steps[place].index, message, FIX)


def _swallowing(notes: tuple[Note, ...]) -> int | None:
    """The number of the first of the last steps in which an exception was swallowed and nothing changed."""
    begin = len(notes)
    while begin > 1 and notes[begin - 1].swallowed and _still(notes[begin - 2].step, notes[begin - 1].step):
        begin -= 1
    hushed = {text for note in notes[begin:] for text in note.swallowed}
    before = {text for note in notes[:begin] for text in note.swallowed}
    return begin if len(notes) - begin >= BRIEFLY and hushed - before else None


def _still(a: Step, b: Step) -> bool:
    return is_number(b.reward) and float(b.reward) == 0 and same(a.observation, b.observation)


def _episodes(traces: tuple[Trace, ...]) -> Iterator[tuple[Trace, list[Step]]]:
    for trace in traces:
        for _, steps in groupby((step for step in trace.steps if not step.beyond), key=lambda step: step.episode):
            yield trace, list(steps)


def standstill(trace: Trace, steps: list[Step]) -> tuple[int | None, Trace, list[Step]]:
    """How many steps it took until nothing changed any more; None where that is not so, or was so from the start."""
    place = len(steps)
    while place > 1 and _still(steps[place - 2], steps[place - 1]):
        place -= 1
    if len(steps) - place < STILL:
        return None, trace, steps
    moving = sum(not same(a.observation, b.observation) for a, b in pairwise(steps[:place]))
    return place if moving >= max(3, place // 2) else None, trace, steps


RULE = Rule("EK514", "episode-freezes", Severity.WARNING, check, whole=True)
