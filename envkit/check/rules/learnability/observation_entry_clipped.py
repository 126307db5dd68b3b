"""An entry of the observation lies on one of its bounds nearly always: what it should say is cut off.

Why: the agent sees only on which side of the range the value is; mostly a unit is wrong, and clipping hides it.

Fails:

    class Env(Lamp):
        def observe(self):
            bright, evening = super().observe()
            return np.array([np.clip(400 * (bright - 0.5), 0, 1), evening], np.float32)

Passes:

    class Env(Lamp):
        def observe(self):
            bright, evening = super().observe()
            return np.array([np.clip(2 * (bright - 0.2), 0, 1), evening], np.float32)

Limits: only floating-point entries that were seen on both bounds, and between them too, but in less than a fiftieth of
what was seen; an entry that knows two values only is a switch.
Source: Sutton and Barto (2018), section 9.5.
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.rules.learnability.observation_entry_constant import boxes
from envkit.core.show import number

BETWEEN, EACH = 0.02, 0.01
ENOUGH = 1000


def check(rollouts: Rollouts) -> Iterator[Finding]:
    for name, space, values in boxes(rollouts.observation_space, rollouts.seen(), "observation"):
        if space.dtype.kind != "f" or len(values) < ENOUGH:
            continue
        low, high = (bound.ravel().astype(np.float64) for bound in (space.low, space.high))
        at_low, at_high = (values == low).mean(axis=0), (values == high).mean(axis=0)
        between = ((values > low) & (values < high)).mean(axis=0)
        found = (between < BETWEEN) & (between > 0) & (at_low > EACH) & (at_high > EACH) & (low < high)
        for entry in np.flatnonzero(found):
            where = f"{name}[{int(entry)}]" if space.shape else name
            yield Finding(
                message=(
                    f"{where} is {number(low[entry])} or {number(high[entry])}, its bounds, in "
                    f"{number(100 * (1 - between[entry]))} % of {len(values)} observations, between them in the rest"
                ),
                fix="look at its unit and scale before it is clipped",
                at=where,
                program=rollouts.traces[0].program(2),
                count=len(values),
                kind=where,
            )


RULE = Rule("EK915", "observation-entry-clipped", Severity.WARNING, check, whole=True)
