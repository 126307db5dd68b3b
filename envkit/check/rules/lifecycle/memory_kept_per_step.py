"""Every step, or every rendered frame, leaves memory behind that no reset frees.

Why: training takes millions of steps; a kilobyte for each is gigabytes, and the run is killed on its second day.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.tape = []
        def step(self, action):
            self.tape.append(np.zeros(2**15))  # a quarter of a megabyte
            return super().step(action)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            self.tape = []
            return super().reset(seed=seed, options=options)
        def step(self, action):
            self.tape.append(np.zeros(2**15))
            return super().step(action)

Limits: an error from 32 kB a step on, a warning from 1 kB. The same episodes are played again and again; what is kept
for a number of steps that is larger than theirs, such as a buffer of the last thousand frames, looks like a leak.
Source: https://docs.python.org/3/library/tracemalloc.html
"""

from collections.abc import Iterator

from envkit.check.acting.rounds import Course
from envkit.check.judging.leaking import KILO, MEGA, TRACED, episodes, size
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.soak import Soak

ERROR, WARNING = 32 * KILO, KILO
LEAST = {"step": 3 * MEGA, "render": MEGA}  # in all that was seen, for an error
LEAST_WARNING = 64 * KILO
BELOW_PYTHON = 64 * KILO


def check(soak: Soak) -> Iterator[Finding]:
    course = soak.rounds()
    if course.grows_in == "step":
        yield from _finding(soak, course, "step")
    shown = soak.shown
    if shown is not None and len(shown.readings) > 3 and shown.grows_in == "render":
        yield from _finding(soak, shown, "render")


def _finding(soak: Soak, course: Course, method: str) -> Iterator[Finding]:
    count, grown = max(course.count(method), 1), course.growth("held")
    hidden = course.hidden
    below = hidden > BELOW_PYTHON * count
    each = (hidden if below else grown) / count
    total = each * count * (len(course.readings) - 1 - course.warm)
    error = each >= ERROR and total >= LEAST[method]
    if not error and (each < WARNING or total < LEAST_WARNING):
        return
    what = "rendered frame" if method == "render" else "step"
    where = "in code below Python" if below else f"allocated at {course.where}" if course.where else "kept somewhere"
    yield Finding(
        message=f"every {what} leaves {size(each)} behind that no reset frees, {where}",
        fix="keep only what the current episode needs, and drop it in reset; keep the last few in a deque(maxlen=...)",
        at=f"env.{method}",
        program=episodes(
            soak.make if method == "step" else f"{soak.make[:-1]}, render_mode={soak.mode!r})",
            ["tracemalloc"],
            TRACED,
            begin="tracemalloc.start()",
            render=method == "render",
        ),
        severity=Severity.ERROR if error else Severity.WARNING,
        kind=method,
    )


RULE = Rule("EK810", "memory-kept-per-step", Severity.ERROR, check, whole=True)
