"""Every episode leaves memory behind that no later reset frees.

Why: training plays hundreds of thousands of episodes; the run is killed for want of memory when it has got far.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.archive = []
        def reset(self, *, seed=None, options=None):
            self.archive.append(np.zeros(2**16))  # half a megabyte
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        tables = {}
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed, options=options)
            level = int(self.np_random.integers(4))
            self.tables.setdefault(level, np.zeros(2**16))  # made once for each level
            self.bright = 0.5 + level / 20
            return self.observe(), {}

Limits: an error from 100 kB an episode on, a warning from 8 kB. The same episodes are played again and again; what is
kept for more episodes than there were looks like a leak.
Source: https://docs.python.org/3/library/tracemalloc.html
"""

from collections.abc import Iterator

from envkit.check.judging.leaking import KILO, MEGA, TRACED, episodes, size
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.soak import Soak

ERROR, WARNING = 100 * KILO, 8 * KILO
LEAST_ERROR, LEAST_WARNING = MEGA, 128 * KILO  # in all that was seen
BELOW_PYTHON = 512 * KILO


def check(soak: Soak) -> Iterator[Finding]:
    course = soak.rounds()
    if course.grows_in not in ("reset", "end"):
        return
    at_end = course.grows_in == "end"
    count = max(course.ends if at_end else course.count("reset"), 1)
    grown = course.growth("held")
    hidden = course.hidden
    below = hidden > BELOW_PYTHON * count
    each = (hidden if below else grown) / count
    total = each * count * (len(course.readings) - 1 - course.warm)
    error = each >= ERROR and total >= LEAST_ERROR
    if not error and (each < WARNING or total < LEAST_WARNING):
        return
    where = "in code below Python" if below else f"allocated at {course.where}" if course.where else "kept somewhere"
    when = "the step that ends it" if at_end else "reset"
    yield Finding(
        message=f"every episode leaves {size(each)} behind, in {when}, {where}",
        fix="replace what belongs to the last episode; keep the last few in a deque(maxlen=...)",
        at="env.step, at the end" if at_end else "env.reset",
        program=episodes(soak.make, ["tracemalloc"], TRACED, begin="tracemalloc.start()"),
        severity=Severity.ERROR if error else Severity.WARNING,
    )


RULE = Rule("EK811", "memory-kept-per-episode", Severity.ERROR, check, whole=True)
