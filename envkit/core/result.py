"""What a solver returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.policy import Policy


@dataclass(frozen=True, eq=False)
class Curve:
    """Numbers that were noted again and again while something was learnt.

    Args:
      columns: what they are.
      rows: float [N, C]; nan where a number is not known.
    """

    columns: tuple[str, ...] = ("steps", "episodes", "mean_return")
    rows: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))

    def __getitem__(self, name: str) -> npt.NDArray[np.float64]:
        """[N]: one column."""
        return self.rows[:, self.columns.index(name)]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Frames:
    """What a learner thought at some moments, for pictures of it.

    Args:
      episodes: int [M], played by then.
      values: float32 [M, S], what each state was thought to be worth.
      action: int [M, S], what it would have done.
      visits: int [M, S], how often it had been there.
    """

    episodes: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]
    action: npt.NDArray[np.int64]
    visits: npt.NDArray[np.int64]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        return dict(vars(self))


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
      visits: int [S, A], how often a learner took each action.
      bound: a planner's guarantee on the largest error of `values`; None for a learner.
      curve: of learning; `mean_return` is of the episodes since the last row, exploring included.
      exact: what the watched values of the curve would be if they were right, by column.
      frames: if they were wanted.
      notes: facts a reader should know, one sentence each.
    """

    algorithm: str
    policy: Policy
    config: Mapping[str, Any]
    steps: int
    seconds: float
    values: npt.NDArray[np.float64] | None = None
    q: npt.NDArray[np.float64] | None = None
    visits: npt.NDArray[np.int64] | None = None
    bound: float | None = None
    curve: Curve = field(default_factory=Curve)
    exact: Mapping[str, float] = field(default_factory=dict)
    frames: Frames | None = None
    notes: tuple[str, ...] = ()
