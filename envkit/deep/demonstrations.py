"""Steps that somebody else has taken, for learners that imitate them or begin with them in their memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from envkit.core.errors import ArtifactRefused
from envkit.core.shaping import own_and_shaped
from envkit.core.show import count, number
from envkit.deep import packing
from envkit.runs.arrays import Arrays

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Demonstrations:
    """Episodes, one after another.

    Args:
      observations, following: before and after each of n steps: [n, ...], or a dictionary of such.
      actions: [n, ...].
      rewards: [n], as a learner is paid: shaped, if a wrapper shapes them.
      terminated, truncated: [n]; one of them at the last step of each episode, and nowhere else.
      returns: of each episode, as the environment itself pays.
    """

    observations: Any
    following: Any
    actions: npt.NDArray[Any]
    rewards: npt.NDArray[np.float64]
    terminated: Flags
    truncated: Flags
    returns: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rewards)

    def __str__(self) -> str:
        """`50 demonstrated episodes of 1,234 steps, which earned 24.7 on average, 9 to 60`."""
        mean, low, high = (number(round(float(one), 2)) for one in (self.returns.mean(), *_ends(self.returns)))
        spread = "" if low == high else f", {low} to {high}"
        return f"{count(len(self.returns), 'demonstrated episode')} of {len(self):,} steps earned {mean} each{spread}"

    def arrays(self) -> dict[str, Any]:
        return packing.packed({one.name: getattr(self, one.name) for one in fields(self)})

    @classmethod
    def of_arrays(cls, arrays: Arrays, where: str) -> "Demonstrations":
        """Raises ArtifactRefused where the arrays hold something else."""
        try:
            return cls(**packing.unpacked(arrays, where))
        except TypeError as error:
            raise ArtifactRefused(f"{where} holds no demonstrations") from error

    @classmethod
    def of(cls, episodes: Sequence["Shown"]) -> "Demonstrations":
        """All of them, in this order."""
        steps = [step for episode in episodes for step in episode.steps]
        ends = np.cumsum([len(episode.steps) for episode in episodes]) - 1
        terminated = np.array([step.terminated for step in steps])
        truncated = np.zeros(len(steps), np.bool_)
        truncated[ends] = ~terminated[ends]  # where the player or the recording gave up, too
        return cls(
            stacked([step.observation for step in steps]), stacked([step.following for step in steps]),
            np.array([step.action for step in steps]), np.array([step.reward for step in steps], float),
            terminated, truncated, np.array([episode.earned for episode in episodes], float),
        )  # fmt: skip


@dataclass(frozen=True)
class ShownStep:
    """A step, and the observations before and after it."""

    observation: Any
    action: Any
    reward: float
    terminated: bool
    following: Any


@dataclass
class Shown:
    """An episode in the making.

    Attributes:
      earned: so far, as the environment itself pays.
    """

    steps: list[ShownStep] = field(default_factory=list)
    paid: float = 0.0
    earned: float = 0.0


class Witness(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Writes down what is played in an environment.

    Attributes:
      episodes: those that have had a step.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]):
        super().__init__(env)
        self.episodes: list[Shown] = []
        self._now, self._last = Shown(), None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        self._now = Shown()
        observation, info = self.env.reset(seed=seed, options=options)
        self._last = copied(observation)
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        after, now = copied(observation), self._now
        if not now.steps:
            self.episodes.append(now)
        now.steps.append(ShownStep(self._last, copied(action), float(reward), bool(terminated), after))
        now.paid += float(reward)
        now.earned, _ = own_and_shaped(self.env, now.paid)
        self._last = after
        return observation, reward, terminated, truncated, info


def copied(value: Any) -> Any:
    """The same in memory of its own, for environments may use theirs again."""
    if isinstance(value, Mapping):
        return {name: copied(part) for name, part in value.items()}
    return np.array(value)


def stacked(values: Sequence[Any]) -> Any:
    """[n, ...] of n values; dictionaries become one of arrays."""
    if isinstance(values[0], Mapping):
        return {name: np.stack([one[name] for one in values]) for name in values[0]}
    return np.stack(values)


def rows_of(values: Any, rows: Any) -> Any:
    """Those rows of an array, or of each array of a dictionary."""
    return {name: part[rows] for name, part in values.items()} if isinstance(values, Mapping) else values[rows]


def best_of(episodes: Sequence[Shown], share: float) -> list[Shown]:
    """Those that have earned most, in the order in which they were played; one at least."""
    wanted = max(round(share * len(episodes)), 1)
    by_return = sorted(range(len(episodes)), key=lambda place: -episodes[place].earned)
    return [episodes[place] for place in sorted(by_return[:wanted])]


def _ends(returns: npt.NDArray[np.float64]) -> tuple[float, float]:
    return float(returns.min()), float(returns.max())
