"""What is written down of a training: its episodes, what the learner measured, and the evaluations in between."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from envkit.core.result import Curve
from envkit.deep.learner import Episode
from envkit.runs.arrays import Arrays

EPISODES = ("steps", "env", "return", "shaped_return", "length", "success")
EVALUATIONS = ("steps", "mean_return", "std_return", "mean_length", "episodes")
PREFIX = "notebook/"


@dataclass
class Notebook:
    """Rows that come in the order of their steps.

    Attributes:
      episodes, evaluations: rows of numbers under the columns above; nan where there is none.
      measured: (steps, {name: value}) of what the learner logs.
    """

    episodes: list[tuple[float, ...]] = field(default_factory=list)
    evaluations: list[tuple[float, ...]] = field(default_factory=list)
    measured: list[tuple[int, dict[str, float]]] = field(default_factory=list)

    def ended(self, episode: Episode) -> None:
        success = np.nan if episode.success is None else float(episode.success)
        self.episodes.append((episode.steps, episode.env, episode.own, episode.paid, episode.length, success))

    def recent(self, number: int = 100) -> float:
        """The mean return of the latest episodes; nan before there is one."""
        return float(np.mean([row[2] for row in self.episodes[-number:]])) if self.episodes else np.nan

    def table(self, name: str) -> Curve:
        """The episodes, or the evaluations."""
        columns = EPISODES if name == "episodes" else EVALUATIONS
        return Curve(columns, np.array(getattr(self, name), float).reshape(-1, len(columns)))

    def curve(self) -> Curve:
        """A row whenever the learner measured itself, with the episodes since the row before."""
        names = sorted({name for _, values in self.measured for name in values if not name.startswith("time/")})
        columns = ("steps", "episodes", "mean_return", "mean_length", *names)
        rows, begin = [], 0
        for steps, values in self.measured:
            end = begin
            while end < len(self.episodes) and self.episodes[end][0] <= steps:
                end += 1
            since = self.episodes[begin:end]
            paid = [float(np.mean([row[place] for row in since])) if since else np.nan for place in (2, 4)]
            rows.append((steps, end, *paid, *(values.get(name, np.nan) for name in names)))
            begin = end
        return Curve(columns, np.array(rows, float).reshape(-1, len(columns)))

    def arrays(self, until: int) -> dict[str, Any]:
        """All rows up to so many steps, as a file keeps them."""
        kept = {name: self.table(name).rows for name in ("episodes", "evaluations")}
        found: dict[str, Any] = {f"{PREFIX}{name}": rows[rows[:, 0] <= until] for name, rows in kept.items()}
        names = sorted({name for _, values in self.measured for name in values})
        rows = [
            [steps, *(values.get(name, np.nan) for name in names)] for steps, values in self.measured if steps <= until
        ]
        found[f"{PREFIX}measured"] = np.array(rows, float).reshape(-1, 1 + len(names))
        found[f"{PREFIX}names"] = np.array(names, dtype=str)
        return found

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> "Notebook":
        """The rows again. Raises KeyError where they are missing."""
        names = [str(name) for name in arrays[f"{PREFIX}names"]]
        measured = [
            (int(row[0]), {name: float(value) for name, value in zip(names, row[1:], strict=True) if value == value})
            for row in arrays[f"{PREFIX}measured"]
        ]
        rows: list[list[tuple[float, ...]]] = [
            [tuple(map(float, row)) for row in arrays[f"{PREFIX}{name}"]] for name in ("episodes", "evaluations")
        ]
        return cls(rows[0], rows[1], measured)


def without(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays that are not the notebook's."""
    return {name: value for name, value in arrays.items() if not name.startswith(PREFIX)}
