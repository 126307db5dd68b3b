"""What a solver returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.policy import Policy


@dataclass(frozen=True, eq=False)
class Result:
    """A policy and the story of how it came about.

    Args:
      algorithm: the solver's name, as typed on the command line.
      policy: what was found.
      config: every hyper-parameter, as used.
      steps: environment steps taken, or state backups for a planner.
      seconds: wall time of solving, imports and compilation excluded where they can be.
      values: float [S], the value of each state under the solver's own discount; None where there is none.
      q: float [S, A], likewise.
      bound: a planner's guarantee on the largest error of `values`; None for a learner.
      curve: float [N, 3], rows of (steps so far, episodes so far, mean return since the last row).
      notes: facts a reader should know, one sentence each.
    """

    algorithm: str
    policy: Policy
    config: Mapping[str, Any]
    steps: int
    seconds: float
    values: npt.NDArray[np.float64] | None = None
    q: npt.NDArray[np.float64] | None = None
    bound: float | None = None
    curve: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))
    notes: tuple[str, ...] = ()
