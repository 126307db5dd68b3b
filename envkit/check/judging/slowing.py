"""Whether calls get slower from round to round, though every round is the same.

By the lines of Python that are run, which are the same on every machine; by the time of the processor only where the
growth is large, goes on from round to round, and an instance without history is much quicker: so load on the machine is
never taken for it. A machine whose pace changes between two rounds may hide a growth there, but not one of many times.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from envkit.check.acting.rounds import Course
from envkit.check.probes.soak import Soak

MORE_LINES, LEAST_LINES = 1.3, 20
SLOWER, MUCH_SLOWER, FAR_SLOWER, LEAST_SECONDS = 1.8, 3.0, 10.0, 20e-6


def by_lines(course: Course, method: str) -> tuple[float, float] | None:
    """(lines at first, lines at last) of a call; None where they do not grow with every round."""
    rows = course.meter.lines[1 : len(course.readings) - 1, course.calls(method)]  # [round, call]
    counted = rows[:, ~np.isnan(rows).any(axis=0)]
    if counted.size == 0 or len(counted) < 3:
        return None
    lines = counted.mean(axis=1)
    grows = all(before < after for before, after in pairwise(lines))
    enough = lines[-1] >= MORE_LINES * lines[0] and lines[-1] - lines[0] >= LEAST_LINES
    return (float(lines[0]), float(lines[-1])) if grows and enough else None


def by_time(soak: Soak, course: Course, method: str) -> tuple[float, float] | None:
    """(seconds at first, seconds at last) of a call, in the median; None where they do not grow."""
    rows = course.meter.cpu[1 : len(course.readings) - 1, course.calls(method)]
    timed = rows[:, ~np.isnan(rows).any(axis=0)]
    if timed.size == 0 or len(timed) < 3:
        return None
    seconds = np.median(timed, axis=1)
    first, last = float(seconds[0]), float(seconds[-1])
    falls = sum(before >= 1.03 * after for before, after in pairwise(seconds.tolist()))
    fresh = _fresh(soak, course, method)
    beside_fresh = last / fresh if fresh else 0.0
    grows = last - first >= LEAST_SECONDS and falls <= (beside_fresh >= FAR_SLOWER)  # a pace that changed on the way
    certain = last >= MUCH_SLOWER * first or (last >= SLOWER * first and beside_fresh >= 4)
    return (min(first, fresh or first), last) if grows and certain else None


def _fresh(soak: Soak, course: Course, method: str) -> float | None:
    """Seconds of the same calls on instances without history."""
    if soak.fresh is None or not soak.lives:
        return None
    cpu: Any = soak.fresh.cpu[: len(soak.lives), 1:]  # the first call of a life is its reset
    wanted = course.calls(method)[: cpu.shape[1]] & ~np.isnan(cpu).any(axis=0)
    return float(np.median(cpu.min(axis=0)[wanted])) if wanted.any() else None


def within_an_episode(course: Course) -> tuple[int, float, float] | None:
    """(steps, seconds at first, seconds at last) of an episode whose steps get ever slower; None without one."""
    quickest = np.nanmin(np.where(np.isnan(course.meter.cpu), np.inf, course.meter.cpu), axis=0)  # [call]
    ends = np.flatnonzero(~course.calls("step"))
    begin = max(pairwise((-1, *ends)), key=lambda pair: pair[1] - pair[0], default=(-1, 0))
    steps = quickest[begin[0] + 1 : begin[1]]
    steps = steps[np.isfinite(steps)]
    if len(steps) < 32:
        return None
    parts = [float(np.median(part)) for part in np.array_split(steps, 4)]
    first, last = float(np.median(steps[:4])), float(np.median(steps[-4:]))
    grows = all(1.2 * before < after for before, after in pairwise(parts))
    return (len(steps), first, last) if grows and last >= 10 * first and last - first >= 2e-4 else None
