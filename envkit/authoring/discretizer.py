"""Continuous observations in bins, so that a table can hold what is learnt from them.

    Discretizer(env, bins=10)                        ten bins of each number, between the bounds of its space
    Discretizer(env, bins=(3, 3, 6, 6), ranges={1: (-2, 2), 3: (-2, 2)})     some bounds given, as infinite ones must be
    Discretizer(env, edges=([0], [-0.5, 0.5], ...))  any edges: what is below the first and above the last is a bin too
    Discretizer(env, bins=4, tilings=8)              tile coding: eight grids of bins, each shifted against the others

What is out of range belongs to the outermost bin; what is no finite number belongs nowhere, and raises a ValueError.
With one tiling the observation is the number of the bin, Discrete; with several it is MultiDiscrete, a number for each
tiling, so neighbours share most of what is seen of them; a table tells apart whatever differs in one of them, which is
as fine as all edges of all tilings together.

Source: Sutton and Barto, Reinforcement Learning (2018), section 9.5.4; shifts by odd multiples in each dimension as
there (Miller and Glanz, 1996).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef
from envkit.core.show import show

MOST_STATES, MOST_BINS = 2**62, 10**6


class Discretizer(gymnasium.ObservationWrapper[Any, Any, Any]):
    """An environment whose Box observations are told in bins.

    Args:
      bins: of every number, or of each.
      ranges: {number: (low, high)} where the space's own bounds do not serve.
      edges: of each number, rising; instead of bins and ranges.
      tilings: how many grids, each shifted by a share of a bin.

    Raises:
      UsageError: where the observation is no Box, a bound is infinite and no range is given, or a number makes no
      sense.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        bins: int | Sequence[int] = 10,
        *,
        ranges: Mapping[int, tuple[float, float]] | None = None,
        edges: Sequence[Sequence[float]] | None = None,
        tilings: int = 1,
    ):
        super().__init__(env)
        space = env.observation_space
        if not isinstance(space, spaces.Box):
            raise UsageError(f"only a Box can be put into bins, and the observation is of {show(space)}")
        if isinstance(tilings, bool) or not isinstance(tilings, int) or tilings < 1:
            raise UsageError(f"tilings is {show(tilings)}, not a whole number of at least 1")
        self.size = math.prod(space.shape)
        beyond = [number for number in ranges or {} if not 0 <= number < self.size]
        if beyond:
            raise UsageError(f"there is no number {beyond[0]} to give a range for: they are 0 to {self.size - 1}")
        grids = [_checked(edges, self.size)] if edges is not None else _grids(space, bins, dict(ranges or {}), tilings)
        if edges is not None and tilings != 1:
            raise UsageError("tilings shift bins of equal width; with edges there is one tiling")
        self.grids: list[list[npt.NDArray[np.float64]]] = grids
        self.radixes = [[len(each) + 1 for each in grid] for grid in grids]
        sizes = [math.prod(radix) for radix in self.radixes]
        self.observation_space = spaces.Discrete(sizes[0]) if tilings == 1 else spaces.MultiDiscrete(sizes)

    def observation(self, observation: Any) -> Any:
        numbers = np.asarray(observation, float).ravel().tolist()
        if len(numbers) != self.size or not all(map(math.isfinite, numbers)):
            self._refuse(observation)
        found = [self._bin(numbers, grid, radix) for grid, radix in zip(self.grids, self.radixes, strict=True)]
        return found[0] if len(found) == 1 else np.array(found, np.int64)

    def _refuse(self, observation: Any) -> None:
        values, shape = np.asarray(observation, float), self.env.observation_space.shape
        if values.size != self.size:
            raise ValueError(f"the observation {show(observation)} is of shape {values.shape}, not {shape}")
        wrong = np.argwhere(~np.isfinite(values))
        if len(wrong):
            place = ", ".join(map(str, wrong[0].tolist()))
            raise ValueError(f"the observation has {values[tuple(wrong[0])]:g} at [{place}], which belongs in no bin")

    def _bin(self, numbers: list[float], grid: list[npt.NDArray[np.float64]], radixes: list[int]) -> int:
        place = 0
        for number, edges, radix in zip(numbers, grid, radixes, strict=True):
            place = place * radix + int(edges.searchsorted(number, side="right"))
        return place


def discretized(env_name: str, *, bins: Any = 10, ranges: Any = None, tilings: int = 1, **kwargs: Any) -> Discretizer:
    """What `envkit solve --bins` makes: the environment of that name, in bins; infinite bounds are measured.

    A number whose bounds are infinite gets those that random play of 2,000 steps met, a tenth wider on both sides.
    """
    env = EnvRef.of(env_name, **kwargs).make()
    given = {int(number): tuple(bounds) for number, bounds in dict(ranges or {}).items()}
    space = env.observation_space
    if isinstance(space, spaces.Box):
        endless = [n for n in np.flatnonzero(~_usable(space)).tolist() if n not in given]
        given |= measured(env, endless) if endless else {}
    return Discretizer(env, bins if isinstance(bins, int) else tuple(bins), ranges=given, tilings=tilings)


def measured(
    env: gymnasium.Env[Any, Any], numbers: Sequence[int], *, steps: int = 2000
) -> dict[int, tuple[float, float]]:
    """{number of the observation: range} that random play meets; the same every time."""
    env.action_space.seed(0)
    observation, _ = env.reset(seed=0)
    met = [np.ravel(observation)]
    for _ in range(steps):
        observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            observation, _ = env.reset()
        met.append(np.ravel(observation))
    seen = np.array(met, float)
    low, high = seen.min(axis=0), seen.max(axis=0)
    wider = np.maximum((high - low) / 10, 1e-6)
    return {n: (float(low[n] - wider[n]), float(high[n] + wider[n])) for n in numbers}


def _usable(space: spaces.Box) -> npt.NDArray[np.bool_]:
    """bool [N]: the numbers between whose bounds bins can be laid; 3.4e38, the largest float32, means infinity."""
    low, high = space.low.ravel().astype(float), space.high.ravel().astype(float)
    return np.asarray(np.isfinite(low) & np.isfinite(high) & (np.abs(low) < 1e30) & (np.abs(high) < 1e30))


def _checked(edges: Sequence[Sequence[float]], size: int) -> list[npt.NDArray[np.float64]]:
    found = [np.asarray(each, float) for each in edges]
    if len(found) != size:
        raise UsageError(f"edges are given for {len(found)} numbers, and the observation has {size}")
    for number, each in enumerate(found):
        if each.ndim != 1 or not np.isfinite(each).all() or (np.diff(each) <= 0).any():
            raise UsageError(f"the edges of number {number} are {show(each.tolist())}, not finite numbers that rise")
    return found


def _grids(
    space: spaces.Box, bins: int | Sequence[int], ranges: dict[int, tuple[float, float]], tilings: int
) -> list[list[npt.NDArray[np.float64]]]:
    size = math.prod(space.shape)
    counts = [bins] * size if isinstance(bins, int) else list(bins)
    if len(counts) != size or any(isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1 for n in counts):
        raise UsageError(f"bins is {show(bins)}, not a whole number of at least 1, nor {size} of them")
    if math.prod(int(n) + 1 for n in counts) > MOST_STATES or max(counts) > MOST_BINS:
        raise UsageError(
            f"{math.prod(counts):.3g} bins in all are more than can be numbered; take fewer of each number"
        )
    usable, low, high = _usable(space), space.low.ravel(), space.high.ravel()
    grids: list[list[npt.NDArray[np.float64]]] = [[] for _ in range(tilings)]
    for number, count in enumerate(counts):
        if number not in ranges and not usable[number] and count > 1:
            raise UsageError(
                f"number {number} of the observation has no finite bounds; say which range is to be divided: "
                f"ranges={{{number}: (-1, 1)}}"
            )
        begin, end = ranges.get(number, (float(low[number]), float(high[number])) if usable[number] else (0.0, 1.0))
        if not (math.isfinite(begin) and math.isfinite(end) and begin < end):
            raise UsageError(f"the range of number {number} is {begin} to {end}, not two finite numbers that rise")
        width = (end - begin) / count
        for tiling, grid in enumerate(grids):
            shift = ((2 * number + 1) * tiling % tilings) / tilings  # of a bin
            edges = begin + width * (np.arange(1, count) - shift)
            grid.append(np.append(edges, [end - width * shift] if shift else []).astype(np.float64))
    return grids
