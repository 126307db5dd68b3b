"""The environment changes settings of the whole process: numpy's error handling or the working directory.

Why: code that has nothing to do with it starts to raise, or no longer finds its files.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            np.seterr(all="raise")

Passes:

    class Env(Lamp):
        def step(self, action):
            with np.errstate(all="raise"):
                return super().step(action)

Limits: two settings are watched.
Source: NumPy, numpy.errstate.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.surroundings import Surroundings

FIXES = {
    "numpy.seterr": "use `with np.errstate(...):` around the lines that need it",
    "the working directory": "use absolute paths; never os.chdir",
}


def check(surroundings: Surroundings) -> Iterator[Finding]:
    for what, fix in FIXES.items():
        points = surroundings.changed(what)
        first, last = surroundings.readings[0][1][what], surroundings.readings[-1][1][what]
        if points:
            now = last if last != first else "something else for a while"
            shows = {"numpy.seterr": "np.geterr()", "the working directory": "os.getcwd()"}[what]
            yield Finding(
                message=f"{what} was {first} before and is {now} after the environment was {points[0]}",
                fix=fix,
                at=points[0],
                program=f"import os\n\n{surroundings.make}\nprint({shows})",
            )


RULE = Rule("EK805", "process-changed", Severity.ERROR, check)
