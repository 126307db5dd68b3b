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

    def arrays(self) -> dict[str, Any]:
        """As a file keeps it."""
        parts: dict[str, Mapping[str, Any]] = {"mean": self.mean, "variance": self.variance, "count": self.count}
        return {
            f"{PREFIX}{what}/{name}": np.asarray(value)
            for what, by_name in parts.items()
            for name, value in by_name.items()
        }


def of_arrays(arrays: Arrays) -> Normalizer | None:
    """That which `arrays` hold; None where they hold none."""
    parts: dict[str, dict[str, Any]] = {"mean": {}, "variance": {}, "count": {}}
    for key, value in arrays.items():
        if key.startswith(PREFIX):
            what, _, name = key.removeprefix(PREFIX).partition("/")
            parts[what][name] = value
    whole = "" in parts["mean"]
    return Normalizer(parts["mean"], parts["variance"], parts["count"], whole) if parts["mean"] else None
