"""Playing a policy on the real environment, and what it earned."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from envkit.core.drive import Driver
from envkit.core.metrics import Meter, Summary, declared
from envkit.core.policy import Policy
from envkit.core.ref import EnvRef
from envkit.workflows.episodes import episode

CAP = 10_000


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a policy earned.

    Args:
      returns: [N], undiscounted.
      lengths: [N], steps.
      metrics: {name: [N, 4]}, the columns those of `metrics.Summary`; what metadata["metrics"] declares.
      units: {name: unit} of them.
      cut: how many episodes were cut off at `cap` steps, having no end of their own by then.
    """

    returns: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int64]
    cut: int
    cap: int
    metrics: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        return float(self.returns.mean())

    @property
    def std(self) -> float:
        """Of the returns, not of their mean."""
        return float(self.returns.std())


def evaluate(policy: Policy, ref: EnvRef, *, episodes: int, seed: int, cap: int = CAP) -> Evaluation:
    """Plays whole episodes; the first reset is seeded, so that the same call gives the same returns.

    Args:
      cap: steps after which an episode that nothing ends is cut off.

    Raises:
      EnvironmentFailed: with the episode, the step and the action.
    """
    env = ref.make()
    try:
        driver, rng = Driver(env, str(ref)), np.random.default_rng(seed)
        returns, lengths, cut = np.zeros(episodes), np.zeros(episodes, np.int64), 0
        meter, summaries = Meter(declared(env)), list[Mapping[str, Summary]]()
        for number in range(episodes):
            for moment in episode(policy, driver, rng, seed=seed if number == 0 else None, cap=cap):
                returns[number] += moment.reward
                if driver.steps:
                    meter.step(moment.info, f"step {driver.steps - 1} of {driver.name}, episode {driver.episode},")
            lengths[number] = driver.steps
            cut += not moment.over
            summaries.append(meter.end())
        metrics = {name: np.array([summary[name] for summary in summaries]) for name in meter.metrics}
        return Evaluation(returns, lengths, cut, cap, metrics, meter.metrics)
    finally:
        env.close()
