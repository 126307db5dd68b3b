"""The step that ends an episode starts the next one, and returns its first observation.

Why: the final observation is lost: values are bootstrapped from, and replays end in, a state that was never reached.

Fails:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            if terminated:
                observation, info = self.reset()
            return observation, reward, terminated, truncated, info

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            return observation, reward, terminated, truncated, info

Limits: seen where step calls the environment's own reset; else where every final observation is one of the first
ones and a count of steps goes back, or the way there is farther than any other step.
Source: DLR-RM/stable-baselines3 issue 582; Gymnasium Env.step: resetting is the caller's.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.inside import Inside
from envkit.core.compare import same
from envkit.core.show import show
from envkit.core.trace import Step, Trace

FIX = "return the observation of the state that ended the episode; the caller resets"
ENOUGH = 4
FARTHER = 3.0  # than the longest other way of one step
MOST_ENTRIES = 64


def check(inside: Inside) -> Iterator[Finding]:
    notes = [(trace, note) for trace, notes in inside.episodes for note in notes if note.step.ended]
    for trace, note in notes:
        if any(same(note.step.observation, first) for first in note.restarts):
            said = f"step called reset at the end, and returned {show(note.step.observation, most=60)}, its observation"
            yield at_call(trace, note.step.index, said, FIX)
            return
    ends = [(trace, step) for trace in inside.traces for step in trace.steps if step.ended and not step.beyond]
    firsts = [call.copy[0] for trace in inside.traces for _, call in trace.resets]
    if len(ends) < ENOUGH or not all(_is_first(step.observation, firsts) for _, step in ends):
        return
    back = len(notes) > 1 and all(note.clocks for _, note in notes)
    if back or _jumps(inside.traces):
        trace, step = ends[0]
        message = (
            f"all {len(ends)} final observations are ones with which episodes begin, such as "
            f"{show(step.observation, most=60)}"
        )
        yield at_call(trace, step.index, message, FIX)


def _is_first(observation: object, firsts: list[object]) -> bool:
    """Whether it is, or lies among, the observations that resets return."""
    array = np.asarray(observation) if isinstance(observation, np.ndarray) else None
    if array is None or array.dtype.kind != "f":
        return any(same(observation, first) for first in firsts)
    alike = [first for first in firsts if isinstance(first, np.ndarray) and first.shape == array.shape]
    return bool(alike) and bool(((array >= np.min(alike, axis=0)) & (array <= np.max(alike, axis=0))).all())


def _jumps(traces: tuple[Trace, ...]) -> bool:
    """Whether each end is reached by a step much farther than any other one, in an entry that moves at other times."""
    pairs = [(a, b) for trace in traces for a, b in pairwise(trace.steps) if a.episode == b.episode and not b.beyond]
    usual = [way for a, b in pairs if not b.ended and (way := _way(a, b)) is not None]
    last = [_way(a, b) for a, b in pairs if b.ended]
    if len(usual) < 20 or len(last) < ENOUGH or any(way is None for way in last):
        return False
    farthest = np.max(usual, axis=0)
    return all(bool((way > FARTHER * farthest)[farthest > 0].any()) for way in last if way is not None)


def _way(a: Step, b: Step) -> np.ndarray | None:
    one, other = a.observation, b.observation
    if not isinstance(one, np.ndarray) or not isinstance(other, np.ndarray) or one.shape != other.shape:
        return None
    if one.dtype.kind != "f" or one.size > MOST_ENTRIES:
        return None
    return np.asarray(np.abs(one.astype(np.float64) - other))


RULE = Rule("EK512", "silent-restart", Severity.WARNING, check, whole=True)
