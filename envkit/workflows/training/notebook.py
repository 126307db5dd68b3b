"""What is written down of a training: its episodes, what the learner measured, and the evaluations in between."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from envkit.core.errors import ArtifactRefused
from envkit.core.result import Curve
from envkit.core.show import error_line
from envkit.deep.learner import Episode

EPISODES = ("steps", "env", "return", "shaped_return", "length", "success")
EVALUATIONS = ("steps", "mean_return", "std_return", "mean_length", "episodes")

Listener = Callable[[Mapping[str, Any]], object]


@dataclass
class Notebook:
    """Rows that come in the order of their steps.

    Attributes:
      episodes, evaluations: rows of numbers under the columns above; nan where there is none.
      measured: (steps, {name: value}) of what the learner logs.
      listeners: told of each new row as an event: {"kind": ..., "steps": ..., ...}, None standing for nan.
    """

    episodes: list[tuple[float, ...]] = field(default_factory=list)
    evaluations: list[tuple[float, ...]] = field(default_factory=list)
    measured: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)

    def ended(self, episode: Episode) -> None:
        success = np.nan if episode.success is None else float(episode.success)
        row = (episode.steps, episode.env, episode.own, episode.paid, episode.length, success)
        self.episodes.append(row)
        self._tell("episode", dict(zip(EPISODES, row, strict=True)))

    def evaluated(self, *row: float) -> None:
        """Its entries are those of `EVALUATIONS`."""
        self.evaluations.append(row)
        self._tell("evaluation", dict(zip(EVALUATIONS, row, strict=True)))

    def logged(self, steps: int, values: Mapping[str, float]) -> None:
        self.measured.append((steps, dict(values)))
        self._tell("measured", {"steps": steps, **values})

    def gone_on(self, steps: int) -> None:
        """What follows goes on from there: rows of later steps were of what is done once more."""
        self._tell("gone-on", {"steps": steps})

    def _tell(self, kind: str, values: Mapping[str, float]) -> None:
        if self.listeners:
            event = {name: value if math.isfinite(value) else None for name, value in values.items()}
            for listener in self.listeners:
                listener({"kind": kind, **event})

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

    @classmethod
    def of_events(cls, told: Iterable[Mapping[str, Any]], until: int) -> "Notebook":
        """The rows up to so many steps, from the events that its listeners were told.

        Raises:
          ArtifactRefused: the events are of something else.
        """
        found = cls()
        try:
            for event in told:
                found._read(event)
            found._forget_after(until)
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactRefused(f"the log of events is of something else: {error_line(error)}") from error
        return found

    def _read(self, event: Mapping[str, Any]) -> None:
        kind, steps = event["kind"], int(event["steps"])
        if kind == "episode":
            self.episodes.append(_row(event, EPISODES))
        elif kind == "evaluation":
            self.evaluations.append(_row(event, EVALUATIONS))
        elif kind == "measured":
            names = (name for name in event if name not in ("kind", "steps"))
            self.measured.append((steps, {name: _number(event[name]) for name in names}))
        elif kind == "gone-on":
            self._forget_after(steps)

    def _forget_after(self, steps: int) -> None:
        self.episodes = [row for row in self.episodes if row[0] <= steps]
        self.evaluations = [row for row in self.evaluations if row[0] <= steps]
        self.measured = [row for row in self.measured if row[0] <= steps]


def _row(event: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(_number(event[name]) for name in columns)


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)
