"""Observations scaled by the mean and the deviation that training has seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.runs.arrays import Arrays

CLIP, EPSILON = 10.0, 1e-8  # as Stable-Baselines3 has them
PREFIX = "normalizer/"


@dataclass(frozen=True, eq=False)
class Normalizer:
    """(observation - mean) / deviation, cut off at 10 deviations.

    Args:
      mean, variance: of each entry; of a dictionary of observations, by key; keys that are not in it stay as they are.
      count: of how many observations, for whoever goes on counting.
    """

    mean: Mapping[str, npt.NDArray[np.float64]]
    variance: Mapping[str, npt.NDArray[np.float64]]
    count: Mapping[str, float] = field(default_factory=dict)
    whole: bool = field(default=True)  # whether the observation is one array, kept under the empty key

    def __call__(self, observation: Any) -> Any:
        if self.whole:
            return self._scaled("", observation)
        return {name: self._scaled(name, part) if name in self.mean else part for name, part in observation.items()}

    def _scaled(self, name: str, value: Any) -> npt.NDArray[np.float32]:
        scaled = (value - self.mean[name]) / np.sqrt(self.variance[name] + EPSILON)
        return np.asarray(np.clip(scaled, -CLIP, CLIP), np.float32)

    @classmethod
    def of_vec(cls, vec: Any) -> "Normalizer":
        """What a `VecNormalize` has seen so far; a copy."""
        seen = running(vec)
        return cls(
            {name: one.mean.copy() for name, one in seen.items()},
            {name: one.var.copy() for name, one in seen.items()},
            {name: float(one.count) for name, one in seen.items()},
            not isinstance(vec.obs_rms, dict),
        )

    def into(self, vec: Any) -> None:
        """Lets a `VecNormalize` of the same observations go on from here."""
        for name, one in running(vec).items():
            one.mean, one.var, one.count = self.mean[name], self.variance[name], float(self.count[name])

    def arrays(self) -> dict[str, Any]:
        """As a file keeps it."""
        parts: dict[str, Mapping[str, Any]] = {"mean": self.mean, "variance": self.variance, "count": self.count}
        return {
            f"{PREFIX}{what}/{name}": np.asarray(value)
            for what, by_name in parts.items()
            for name, value in by_name.items()
        }


def running(vec: Any) -> dict[str, Any]:
    """The running statistics of a `VecNormalize`'s observations, by key; of observations in one piece, under ""."""
    found = vec.obs_rms if vec.norm_obs else {}
    return found if isinstance(found, dict) else {"": found}


def of_arrays(arrays: Arrays) -> Normalizer | None:
    """That which `arrays` hold; None where they hold none."""
    parts: dict[str, dict[str, Any]] = {"mean": {}, "variance": {}, "count": {}}
    for key, value in arrays.items():
        if key.startswith(PREFIX):
            what, _, name = key.removeprefix(PREFIX).partition("/")
            parts[what][name] = value
    whole = "" in parts["mean"]
    return Normalizer(parts["mean"], parts["variance"], parts["count"], whole) if parts["mean"] else None
