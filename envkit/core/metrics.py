"""What an environment measures besides its reward: keys of `info` that its metadata declares, each with its unit.

    metadata = {"render_modes": ["rgb_array"], "render_fps": 8, "metrics": {"temperature": "degrees C"}}

The info of every step then has the key `temperature`, a finite number; that of a reset may have it, and is not counted.
An episode is summed up by the last value, the mean, the least and the largest. `Meter` does that for any loop that
plays episodes; `scalars` names the sums for a logger such as TensorBoard.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from envkit.core.errors import EnvironmentFailed
from envkit.core.show import show


class Summary(NamedTuple):
    """One metric over the steps of an episode."""

    last: float
    mean: float
    min: float
    max: float


def declared(env: gymnasium.Env[Any, Any]) -> dict[str, str]:
    """{key of info: unit} as metadata["metrics"] says; empty where it says nothing.

    Raises:
      EnvironmentFailed: where it is something else.
    """
    metrics = (env.metadata or {}).get("metrics", {})
    if isinstance(metrics, Mapping) and all(isinstance(text, str) for pair in metrics.items() for text in pair):
        return dict(metrics)
    raise EnvironmentFailed(
        f"metadata['metrics'] of {type(env.unwrapped).__name__} is {show(metrics)}, not keys of info with their units, "
        "such as {'temperature': 'degrees C'}"
    )


def read(metrics: Mapping[str, str], info: Mapping[str, Any], where: str) -> dict[str, float]:
    """The values of the declared metrics in a step's info.

    Args:
      where: which step it was, for the message.

    Raises:
      EnvironmentFailed: where one is missing, or is no finite number.
    """
    if metrics and not isinstance(info, Mapping):
        raise EnvironmentFailed(f"the info of {where} is {show(info)}, not a dict")
    return {name: _value(name, info, where) for name in metrics}


class Meter:
    """Reads the metrics of an episode step by step.

    Args:
      metrics: as `declared` returns them.
    """

    def __init__(self, metrics: Mapping[str, str]):
        self.metrics = metrics
        self._values: dict[str, list[float]] = {name: [] for name in metrics}

    def step(self, info: Mapping[str, Any], where: str) -> None:
        """Counts a step. Raises EnvironmentFailed as `read` does."""
        for name, value in read(self.metrics, info, where).items():
            self._values[name].append(value)

    def end(self) -> dict[str, Summary]:
        """Sums up the episode, which has had a step, and begins the next one."""
        values, self._values = self._values, {name: [] for name in self.metrics}
        return {name: _summary(series) for name, series in values.items()}


def scalars(summaries: Mapping[str, Summary]) -> Iterator[tuple[str, float]]:
    """(tag, value) pairs for a logger, such as ("metrics/temperature/mean", 38.2)."""
    for name, summary in summaries.items():
        for part, value in summary._asdict().items():
            yield f"metrics/{name}/{part}", value


def _summary(values: list[float]) -> Summary:
    return Summary(values[-1], math.fsum(values) / len(values), min(values), max(values))


def _value(name: str, info: Mapping[str, Any], where: str) -> float:
    if name not in info:
        keys = ", ".join(map(repr, info)) or "nothing"
        raise EnvironmentFailed(
            f"the info of {where} lacks {name!r}, which metadata['metrics'] declares; it has {keys}"
        )
    value = info[name]
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool | int | float | np.bool_ | np.number) and math.isfinite(value):
        return float(value)
    raise EnvironmentFailed(
        f"info[{name!r}] of {where} is {show(value)}, not a finite number, as metadata['metrics'] declares it"
    )
