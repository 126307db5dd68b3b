"""Playing a policy on the real environment, and what it earned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from envkit.core.drive import Driver
from envkit.core.metrics import Meter, Summary, declared
from envkit.core.model import OWN
from envkit.core.policy import Policy
from envkit.core.ref import EnvRef
from envkit.core.shaping import own_and_shaped, own_return
from envkit.workflows.at_once import played_at_once
from envkit.workflows.episodes import episode
from envkit.workflows.oddities import Oddities

CAP = 10_000


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a policy earned.

    Args:
      returns: [N], undiscounted: what the environment itself paid.
      lengths: [N], steps.
      metrics: {name: [N, 4]}, the columns those of `metrics.Summary`; what metadata["metrics"] declares.
      units: {name: unit} of them.
      shaped: [N], what the policy was paid, where wrappers pay something else than the environment; else None.
      cut: how many episodes were cut off at `cap` steps, having no end of their own by then.
    """

    returns: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int64]
    cut: int
    cap: int
    metrics: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    shaped: npt.NDArray[np.float64] | None = None

    @property
    def mean(self) -> float:
        return float(self.returns.mean())

    @property
    def mean_shaped(self) -> float | None:
        return None if self.shaped is None else float(self.shaped.mean())

    @property
    def std(self) -> float:
        """Of the returns, not of their mean."""
        return float(self.returns.std())


def is_of_shaped(origin: str | None, played: Evaluation) -> bool:
    """Whether a model of this origin has shaped rewards: an environment's own is hidden by what changes them."""
    return played.shaped is not None and origin not in (None, OWN)


def evaluate(
    policy: Policy, ref: EnvRef, *, episodes: int, seed: int, cap: int = CAP, seeds: Sequence[int] | None = None,
    n_envs: int = 1, oddities: Oddities | None = None,
) -> Evaluation:  # fmt: skip
    """Plays whole episodes; the first reset is seeded, so that the same call gives the same returns.

    Args:
      seeds: of each reset; then there are as many episodes, and `episodes` means nothing.
      cap: steps after which an episode that nothing ends is cut off.
      n_envs: episodes to play at once, as `envkit.workflows.at_once` does; the returns are others then, unless each
        reset is seeded.
      oddities: looks at every step.

    Raises:
      EnvironmentFailed: with the episode, the step and the action.
    """
    if n_envs > 1:
        asked: Sequence[int | None] = seeds or [None] * episodes
        return _at_once(policy, ref, n_envs, asked, seed=seed, cap=cap, oddities=oddities)
    env = ref.make()
    try:
        driver, rng = Driver(env, str(ref)), np.random.default_rng(seed)
        if oddities:
            oddities.space = env.action_space
        begins = [seed, *[None] * (episodes - 1)] if seeds is None else list(seeds)
        episodes = len(begins)
        paid, own = np.zeros(episodes), np.zeros(episodes)
        lengths, cut = np.zeros(episodes, np.int64), 0
        meter, summaries = Meter(declared(env)), list[Mapping[str, Summary]]()
        for number, begin in enumerate(begins):
            for moment in episode(policy, driver, rng, seed=begin, cap=cap):
                paid[number] += moment.reward
                if oddities:
                    _look(oddities, driver)
                if driver.steps:
                    meter.step(moment.info, f"step {driver.steps - 1} of {driver.name}, episode {driver.episode},")
            own[number], _ = own_and_shaped(env, paid[number])
            lengths[number] = driver.steps
            cut += not moment.over
            summaries.append(meter.end())
        metrics = {name: np.array([summary[name] for summary in summaries]) for name in meter.metrics}
        shaped = None if own_return(env) is None else paid
        return Evaluation(own, lengths, cut, cap, metrics, meter.metrics, shaped)
    finally:
        env.close()


def _look(oddities: Oddities, driver: Driver) -> None:
    if driver.steps:
        oddities.look(driver.action, driver.observation, driver.episode, driver.steps - 1)
    else:
        oddities.begins(driver.observation, driver.episode)


def _at_once(
    policy: Policy, ref: EnvRef, count: int, begins: Sequence[int | None], *, seed: int, cap: int,
    oddities: Oddities | None,
) -> Evaluation:  # fmt: skip
    env = ref.make()
    env.close()
    metrics = declared(env)
    if oddities:
        oddities.space = env.action_space
    found = sorted(
        played_at_once(policy, ref, count, begins, seed=seed, cap=cap, metrics=metrics, oddities=oddities),
        key=lambda one: one.number,
    )
    paid = np.array([one.paid for one in found])
    own = [one.own for one in found if one.own is not None]
    summaries = [one.meter.end() for one in found]
    return Evaluation(
        np.array(own) if own else paid,
        np.array([one.length for one in found], np.int64),
        sum(not one.over for one in found),
        cap,
        {name: np.array([summary[name] for summary in summaries]) for name in metrics},
        metrics,
        paid if own else None,
    )
