"""What a benchmark found, as it is printed, kept in a file and compared."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from envkit.workflows.benching import clock
from envkit.workflows.benching.clock import Lap

SCHEMA = 1
KIND = "envkit-bench"


@dataclass(frozen=True)
class Spread:
    """The median of several measurements and its quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Any) -> "Spread":
        low, median, high = np.quantile(np.asarray(values, float), [0.25, 0.5, 0.75])
        return cls(float(median), float(low), float(high))


@dataclass(frozen=True)
class Row:
    """One way to step, or to make or reset the environment.

    Args:
      name, num_envs: in the table; None for a single environment.
      unit: step, frame, reset or make.
      laps: what one of them took: one a round.
      yardsticks: what the yardstick took at the same time.
      about: the wrapper that is outermost.
      inner: a layer of wrappers, which is no row of the table.
    """

    name: str
    num_envs: int | None
    unit: str
    laps: tuple[Lap, ...]
    yardsticks: tuple[Lap, ...]
    about: str = ""
    inner: bool = False

    @property
    def key(self) -> str:
        return self.name if self.num_envs is None else f"{self.name} x {self.num_envs}"

    @property
    def works(self) -> bool:
        """Whether this process does all the work, which then is what counts (`envkit.workflows.benching.clock`)."""
        return clock.works(self.laps)

    def costs(self, *, work: bool) -> list[float]:
        """Its time as a multiple of the yardstick's, which is what can be compared: one a round."""
        pairs = zip(self.laps, self.yardsticks, strict=True)
        return [lap.seconds(work=work) / yardstick.seconds(work=work) for lap, yardstick in pairs]

    @property
    def seconds(self) -> Spread:
        """That passed for one."""
        return Spread.of([lap.passed for lap in self.laps])

    @property
    def rate(self) -> Spread:
        """How many a second."""
        return Spread.of([1 / lap.passed for lap in self.laps])

    def to_json(self) -> dict[str, Any]:
        rate = self.rate
        return {
            "name": self.name, "num_envs": self.num_envs, "unit": self.unit, "about": self.about, "inner": self.inner,
            "per_second": rate.median, "per_second_quartiles": [rate.low, rate.high],
            "laps": [astuple(lap) for lap in self.laps], "yardsticks": [astuple(lap) for lap in self.yardsticks],
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Row":
        named = {name: data[name] for name in ("name", "num_envs", "unit", "about", "inner")}
        laps, yardsticks = (
            tuple(Lap(float(passed), float(worked), int(waits)) for passed, worked, waits in data[name])
            for name in ("laps", "yardsticks")
        )
        return cls(**named, laps=laps, yardsticks=yardsticks)


def costs(*rows: Row) -> list[list[float]]:
    """The costs of rows that are compared with each other: by the same clock, [row][round]."""
    work = all(row.works for row in rows)
    return [row.costs(work=work) for row in rows]


@dataclass(frozen=True)
class Share:
    """A part of a step's time.

    Args:
      what: the environment's own step, wrappers, a wrapper, rendering or batching.
      of: the row whose step it is.
      part: of its time.
    """

    what: str
    of: str
    part: Spread


@dataclass(frozen=True)
class Bench:
    """The whole.

    Args:
      machine: cores and versions.
      missing: rows that could not be measured, and why, by key.
      memory: `alone` and `each`, bytes of several processes.
      hot: the functions in which the time goes.
      trend: over episodes (`envkit.workflows.benching.trend`), as JSON.
    """

    env: str
    env_kwargs: Mapping[str, Any]
    seed: int
    machine: Mapping[str, Any]
    rows: tuple[Row, ...]
    missing: Mapping[str, str]
    memory: Mapping[str, tuple[float, ...]]
    shares: tuple[Share, ...]
    hot: tuple[Mapping[str, Any], ...]
    trend: Mapping[str, Any]
    advice: tuple[str, ...]

    def row(self, key: str) -> Row | None:
        return next((row for row in self.rows if row.key == key), None)

    def to_json(self) -> dict[str, Any]:
        shares = [{"what": s.what, "of": s.of, "part": s.part.median, "quartiles": [s.part.low, s.part.high]}
                  for s in self.shares]  # fmt: skip
        return {
            "schema": SCHEMA, "kind": KIND, "env": self.env, "env_kwargs": dict(self.env_kwargs), "seed": self.seed,
            "machine": dict(self.machine), "rows": [row.to_json() for row in self.rows], "missing": dict(self.missing),
            "memory": {name: list(values) for name, values in self.memory.items()}, "shares": shares,
            "hot": [dict(function) for function in self.hot], "trend": dict(self.trend), "advice": list(self.advice),
        }  # fmt: skip
