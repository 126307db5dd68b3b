"""Every instance leaves megabytes behind after close.

Why: evaluations, sweeps and tests make thousands of instances in one process, until it is killed for want of memory.

Fails:

    class Env(Lamp):
        MAPS = []
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.MAPS.append(np.empty(2**20))  # eight megabytes

Passes:

    class Env(Lamp):
        MAPS = []
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            if not self.MAPS:
                self.MAPS.append(np.empty(2**20))

Limits: from 2 MB an instance on; after garbage collection, where instances with the same arguments come one after the
other.
Source: https://docs.python.org/3/library/tracemalloc.html
"""

from collections.abc import Iterator

from envkit.check.judging.leaking import MEGA, TRACED, instances, size
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.soak import Soak

LEAST = 2 * MEGA
BELOW_PYTHON = 8 * MEGA


def check(soak: Soak) -> Iterator[Finding]:
    grown = soak.per_life("held")
    hidden = max(soak.per_life("heap"), soak.per_life("resident")) - grown
    below = hidden > max(BELOW_PYTHON, 4 * grown)
    if grown >= LEAST or below:
        what = f"{size(hidden)}, allocated below Python," if below else size(grown)
        yield Finding(
            message=f"every instance leaves {what} behind after close, del and gc.collect()",
            fix="free in close what the instance has made; keep no list of instances in the class or the module",
            at="env.close",
            program=instances(soak.make, ["gc", "tracemalloc"], TRACED, begin="tracemalloc.start()"),
        )


RULE = Rule("EK816", "memory-kept-per-instance", Severity.ERROR, check, whole=True)
