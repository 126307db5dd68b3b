"""Whether it became slower or larger than it was: a gate for continuous integration that noise does not trip.

A row's cost is its time as a multiple of the yardstick's, so that a slower machine, or a busy one, changes both. What
is judged is the ratio of the median costs, with a 95 % interval by resampling the rounds of both sides; it is a
regression only where the whole interval lies beyond the tolerance. What waits for other processes cannot be compared
while the machine is busy, or with another number of cores, and that is said. Memory is compared as it is.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3 (percentile interval).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from envkit.core.errors import UsageError
from envkit.core.statistics import LEVEL, RESAMPLES
from envkit.workflows.benching import clock
from envkit.workflows.benching.files import Saved
from envkit.workflows.benching.result import Bench, Row, costs

LEAST_BYTES = 256 * 1024  # a smaller difference is a page or two more or less
PARALLEL = ("AsyncVectorEnv",)  # rows that depend on the number of cores, which the yardstick does not know


@dataclass(frozen=True)
class Change:
    """How a row changed.

    Args:
      ratio, low, high: times as long, or as much memory, as it was, with the interval.
      verdict: same, worse or better, by the tolerance.
    """

    row: str
    ratio: float
    low: float
    high: float
    verdict: str
    of: str = "time"


@dataclass(frozen=True)
class Comparison:
    """All changes, and the rows that could not be compared with the reason."""

    changes: tuple[Change, ...]
    uncompared: Mapping[str, str]
    tolerance: float

    @property
    def regressions(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.verdict == "worse")

    def to_json(self) -> dict[str, Any]:
        changes = [vars(change) for change in self.changes]
        return {"tolerance": self.tolerance, "changes": changes, "uncompared": dict(self.uncompared),
                "regressed": bool(self.regressions)}  # fmt: skip


def compare(before: Saved, after: Bench, *, tolerance: float, seed: int = 0) -> Comparison:
    """
    Args:
      before: what was read from a file.
      tolerance: the part by which it may become worse: 0.2 for a fifth.

    Raises:
      UsageError: they are of different environments, or have no row in common.
    """
    expect_same(before, after.env, after.env_kwargs)
    rng = np.random.default_rng(seed)
    old, new = ({row.key: row for row in side.rows if not row.inner} for side in (before, after))
    uncompared = dict.fromkeys(new.keys() - old.keys(), "was not measured then")
    uncompared |= dict.fromkeys(old.keys() - new.keys(), "is not measured now")
    changes = []
    for key in (key for key in new if key in old):
        reason = _incomparable(old[key], new[key], before.cores, after.machine["cores"])
        if reason:
            uncompared[key] = reason
            continue
        then, now = costs(old[key], new[key])
        changes.append(_change(key, then, now, tolerance, rng))
    if not changes:
        raise UsageError("no row of the file is measured now; give the same --num-envs as when it was saved")
    for name, values in after.memory.items():
        if before.memory.get(name):
            changes.append(_memory_change(name, before.memory[name], values, tolerance, rng))
    return Comparison(tuple(changes), dict(sorted(uncompared.items())), tolerance)


def expect_same(before: Saved, env: str, env_kwargs: Mapping[str, Any]) -> None:
    """Raises UsageError where the file is of another environment, or of other arguments for it."""
    then, now = _named(before.env, before.env_kwargs), _named(env, env_kwargs)
    if then != now:
        raise UsageError(f"the file is of {then}, and this is {now}: compare with a file of the same environment")


def ratio_interval(
    before: Sequence[float], after: Sequence[float], rng: np.random.Generator
) -> tuple[float, float, float]:
    """(ratio of the medians, low, high) of two samples of positive numbers, whose rounds are resampled apart."""
    then, now = np.asarray(before, float), np.asarray(after, float)
    drawn_then = then[rng.integers(len(then), size=(RESAMPLES, len(then)))]
    drawn_now = now[rng.integers(len(now), size=(RESAMPLES, len(now)))]
    ratios = np.median(drawn_now, axis=1) / np.median(drawn_then, axis=1)
    low, high = np.quantile(ratios, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(np.median(now) / np.median(then)), float(low), float(high)


def verdict(low: float, high: float, tolerance: float) -> str:
    """Worse or better where the whole interval lies beyond the tolerance, and the same otherwise."""
    if low > 1 + tolerance:
        return "worse"
    return "better" if high < 1 / (1 + tolerance) else "same"


def _incomparable(old: Row, new: Row, cores_then: Any, cores_now: Any) -> str:
    """Why the yardstick cannot make up for the difference of two moments, where that is so."""
    if new.name in PARALLEL and cores_then != cores_now:
        return f"{cores_then} cores then, {cores_now} now"
    if not (old.works and new.works):
        for row, when in ((old, "then"), (new, "now")):
            if clock.disturbed(row.yardsticks):
                return f"it waits for others, and the machine was busy {when}"
    return ""


def _change(
    key: str, before: Sequence[float], after: Sequence[float], tolerance: float, rng: np.random.Generator
) -> Change:
    ratio, low, high = ratio_interval(before, after, rng)
    return Change(key, ratio, low, high, verdict(low, high, tolerance))


def _memory_change(
    name: str, before: Sequence[float], after: Sequence[float], tolerance: float, rng: np.random.Generator
) -> Change:
    """A difference of less than `LEAST_BYTES` is none, whatever its ratio."""
    key = f"memory, {name}"
    if abs(float(np.median(after)) - float(np.median(before))) < LEAST_BYTES:
        return Change(key, 1.0, 1.0, 1.0, "same", "memory")
    ratio, low, high = ratio_interval([max(value, 1.0) for value in before], after, rng)
    return Change(key, ratio, low, high, verdict(low, high, tolerance), "memory")


def _named(env: str, env_kwargs: Mapping[str, Any]) -> str:
    given = ", ".join(f"{key}={value!r}" for key, value in env_kwargs.items())
    return f"{env} with {given}" if given else env
