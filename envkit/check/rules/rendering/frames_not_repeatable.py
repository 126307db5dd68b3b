"""The same seed and actions are drawn differently by another instance.

Why: pictures that are the observation, or a regression test of a drawing, cannot be compared from run to run.

Fails:

    class Env(Lamp):
        made = 0
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            Env.made += 1
            self.shade = Env.made % 251
        def render(self):
            frame = super().render()
            if self.render_mode == "rgb_array":
                frame[0, 0] = self.shade
            return frame

Passes:

    class Env(Lamp):
        shade = 7
        def render(self):
            frame = super().render()
            if self.render_mode == "rgb_array":
                frame[0, 0] = self.shade
            return frame

Limits: judged where the episode itself repeats; a time of day in the picture is enough. Frames of another size are
frame-changes-size.
Source: dm_control issue 100; Gymnasium issue 690.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from envkit.check.judging.pairs import Record, indented, make_text, parting, playing, require_repeatable
from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Place, Rendering, frames
from envkit.core.case import case_of
from envkit.core.compare import first_difference
from envkit.core.trace import Call, Trace
from envkit.core.trace import program as record


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, shown in rendering.shown.items():
        one, other = shown.rendered, rendering.seconds[mode]
        if len(one.calls) < 2 or one.calls[1].error is not None:
            continue
        require_repeatable(shown.silent.calls[1:], shown.again.calls[1:])
        for index, second in _pairs(one, other):
            difference = unlike(one.calls[index], other.calls[second])
            if not difference or parting(_played(one, index), _played(other, second), infos=False):
                continue
            if "has shape" not in difference:
                drawn = (one, index), (other, second)
                yield _found(mode, *(drawn if _episode(*drawn[0]) >= _episode(*drawn[1]) else drawn[::-1]))
            break


def _pairs(one: Trace, other: Trace) -> list[tuple[int, int]]:
    """Frames of the same state, those first whose instances had played most unlike numbers of episodes."""
    seconds: dict[Place, list[int]] = {}
    for place, index in frames(other):
        seconds.setdefault(place, []).append(index)
    found = [(index, second) for place, index in frames(one) for second in seconds.get(place, ())]
    more = {pair: _episode(one, pair[0]) - _episode(other, pair[1]) for pair in found}
    return sorted(found, key=lambda pair: (-abs(more[pair]), -more[pair], pair))


def _episode(trace: Trace, index: int) -> int:
    return sum(call.method == "reset" for call in trace.calls[:index])


def _played(trace: Trace, index: int) -> Record:
    """What was asked since the reset, but the renders."""
    begin = max(i for i in range(index) if trace.calls[i].method == "reset")
    return tuple(call for call in trace.calls[begin:index] if call.method != "render")


def _found(mode: str, more: tuple[Trace, int], fewer: tuple[Trace, int]) -> Finding:
    """Told of the record with more episodes before; without any in the other one, these may be the reason."""
    trace, index = more
    difference = unlike(trace.calls[index], fewer[0].calls[fewer[1]])
    history = _episode(*fewer) == 1 < _episode(*more)
    who = "an instance that has played other episodes" if history else "another instance"
    message = f"the same seed and actions are drawn differently by {who}: {difference}"
    fix = "draw the state as it is now: no time, no chance, no count, nothing of the last episode"
    found = at_call(trace, index, message, fix, whole=True)
    return replace(found, kind=mode, program=program(trace, index, history=history))


def unlike(left: Call, right: Call) -> str | None:
    """How two frames differ; None where they do not, or one of the two is none."""
    if left.method != "render" or right.method != "render" or left.error or right.error:
        return None
    frames = left.copy, right.copy
    if not all(isinstance(frame, np.ndarray | str) for frame in frames):
        return None
    return first_difference(*frames, "frame")


def program(trace: Trace, index: int, *, history: bool = False) -> str:
    """Two instances, the same calls, both frames printed; the first one has its history, if that matters."""
    case = case_of(trace.calls[: index + 1], begin := trace.beginning(index))
    make = make_text(trace.calls[0])
    body = indented([*(playing(case.episodes) if case else []), "print(env.render())"])
    if history and begin:
        two = itertools.pairwise(trace.calls[:begin])
        calls = [trace.calls[0], *(call for before, call in two if {call.method, before.method} != {"render"})]
        return "\n".join([record(calls, print_last=False), f"for env in (env, {make}):", *body])
    return "\n".join(["import envkit", "", f"for env in ({make}, {make}):", *body])


RULE = Rule("EK708", "frames-not-repeatable", Severity.WARNING, check, symptom_of=("EK704", "EK705", "EK706", "EK2"))
