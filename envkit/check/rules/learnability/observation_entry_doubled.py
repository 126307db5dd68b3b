"""Two entries of the observation are always equal, in all their digits.

Why: one of them was meant to show something else; a wrong index is the usual reason.

Fails:

    class Env(Lamp):
        def observe(self):
            return np.array([self.bright, self.bright], np.float32)

Passes:

    class Env(Lamp):
        def observe(self):
            return np.array([self.bright, self.bright**2], np.float32)

Limits: floats with many different values, within one Box that is no picture.
Source: Sutton and Barto (2018), section 3.5, the Markov property.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.rules.learnability.observation_entry_constant import ENOUGH, boxes, has_entries

DIFFERENT = 100  # values


def check(rollouts: Rollouts) -> Iterator[Finding]:
    seen = rollouts.seen()
    if len(seen) < ENOUGH and has_entries(rollouts.observation_space):
        raise CannotJudge(f"{len(seen)} observations are too few to call two entries equal")
    for name, _, values in boxes(rollouts.observation_space, seen, "observation"):
        for i, j in combinations(range(values.shape[1]), 2):
            if np.array_equal(values[:, i], values[:, j]) and len(np.unique(values[:, i])) >= DIFFERENT:
                yield Finding(
                    message=f"{name}[{i}] and {name}[{j}] are equal in all {len(values)} observations",
                    fix="look at the indices with which the observation is put together",
                    at=f"{name}[{j}]",
                    program=rollouts.traces[0].program(2),
                    count=len(values),
                    kind=f"{name}[{j}]",
                )
                return


RULE = Rule("EK913", "observation-entry-doubled", Severity.WARNING, check, whole=True, symptom_of=("EK902",))
