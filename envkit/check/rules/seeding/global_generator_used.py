"""Random numbers come from a global generator: numpy.random or random.

Why: reset(seed=...) does not reach it, and everything else in the process draws from it too.

Fails:

    class Env(Lamp):
        def step(self, action):
            self.bell = np.random.random()
            return super().step(action)

Passes:

    class Env(Lamp):
        def step(self, action):
            self.bell = self.np_random.random()
            return super().step(action)

Limits: seen where the draw happens within 120 steps.
Source: NumPy, "Random sampling"; Gymnasium Env.np_random.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.surroundings import Surroundings

DOES = {"made": "the constructor", "reset": "reset", "stepped": "step", "closed": "close"}


def check(surroundings: Surroundings) -> Iterator[Finding]:
    for what, module in (("numpy.random", "numpy.random"), ("random", "random")):
        if surroundings.reseeded[what]:
            continue  # another rule's
        points = surroundings.changed(what)
        if what == "numpy.random":
            points = sorted({*points, *surroundings.changed("numpy.random position")}, key=list(DOES).index)
        if points:
            yield Finding(
                message=f"{DOES[points[0]]} draws from the global generator of the module {module}",
                fix="draw from self.np_random instead",
                at=f"env.{points[0]}" if points[0] in ("reset", "close") else DOES[points[0]],
                program=surroundings.program,
            )


RULE = Rule("EK207", "global-generator-used", Severity.ERROR, check)
