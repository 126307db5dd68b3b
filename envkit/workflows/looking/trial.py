"""A few episodes of random play, to see what an environment pays, how long it lasts, and what a step costs."""

import math
import statistics
import time
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.core.drive import Driver
from envkit.core.policy import Actor, RandomPolicy
from envkit.workflows.episodes import act

EPISODES = 5
CAP = 1_000  # steps, after which an episode that nothing ends is cut off
PATIENCE = 5.0  # seconds, after which no further step is taken


@dataclass(frozen=True, eq=False)
class Trial:
    """What was seen.

    Args:
      returns, lengths: of the episodes that were played to their end or to the cap.
      cut: how many of them were cut off.
      step: seconds that a step took, the median; nan where none was taken.
      first: the observation after the first reset; None where it is outside the space.
      action: the first one.
      scale: [N], how far from 0 each number of a Box observation came; None for other spaces and for whole numbers.
    """

    seed: int
    returns: tuple[float, ...]
    lengths: tuple[int, ...]
    cut: int
    step: float
    first: Any
    action: Any
    scale: npt.NDArray[np.float64] | None

    @property
    def stopped(self) -> bool:
        """Whether time was up before all episodes were over."""
        return len(self.returns) < EPISODES

    def to_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed, "returns": list(self.returns), "lengths": list(self.lengths), "cut": self.cut,
            "microseconds_a_step": None if math.isnan(self.step) else round(1e6 * self.step, 3),
        }  # fmt: skip


def trial(env: gymnasium.Env[Any, Any], name: str, *, seed: int) -> Trial:
    """Plays; only the first reset is seeded, as in an evaluation.

    Raises:
      EnvironmentFailed: with the episode, the step and the action.
    """
    driver, rng, policy = Driver(env, name), np.random.default_rng(seed), RandomPolicy(env.action_space)
    seen, until = _Seen(env.observation_space), time.monotonic() + PATIENCE
    returns, lengths, cut = [], [], 0
    for number in range(EPISODES):
        ended = _episode(driver, policy.start(rng), seed if number == 0 else None, seen, until)
        if ended is None:
            break
        returns.append(driver.paid)
        lengths.append(driver.steps)
        cut += not ended
    step = statistics.median(seen.took) if seen.took else math.nan
    return Trial(seed, tuple(returns), tuple(lengths), cut, step, seen.first, seen.action, seen.scale)


def _episode(driver: Driver, actor: Actor, seed: int | None, seen: "_Seen", until: float) -> bool | None:
    """Whether it came to an end; None where time was up before that, or before the cap."""
    observation, info = driver.reset(seed)
    seen.observation(observation)
    over = False
    while not over and driver.steps < CAP:
        if time.monotonic() > until:
            return None
        action = act(actor, observation, info, driver)
        began = time.perf_counter()
        observation, _, terminated, truncated, info = driver.step(action)
        seen.step(action, time.perf_counter() - began)
        seen.observation(observation)
        over = terminated or truncated
    return over


class _Seen:
    """What is noted while playing."""

    def __init__(self, space: gymnasium.Space[Any]):
        self.space = space
        self.took: list[float] = []
        self.first: Any = None
        self.action: Any = None
        self.scale: npt.NDArray[np.float64] | None = None
        self._begun = False
        self._has_scale = isinstance(space, spaces.Box) and np.issubdtype(space.dtype, np.floating)

    def observation(self, observation: Any) -> None:
        if not self._begun:
            self._begun = True
            self.first = observation if _contains(self.space, observation) else None
        if self._has_scale and np.shape(observation) == self.space.shape:
            here = np.abs(np.asarray(observation, float)).ravel()
            self.scale = here if self.scale is None else np.maximum(self.scale, here)

    def step(self, action: Any, seconds: float) -> None:
        if not self.took:
            self.action = action
        self.took.append(seconds)


def _contains(space: gymnasium.Space[Any], value: Any) -> bool:
    try:
        return bool(space.contains(value))
    except Exception:  # noqa: BLE001 - what a foreign space makes of a foreign value
        return False
