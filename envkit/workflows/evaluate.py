"""Playing a policy on the real environment, and what it earned."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from envkit.core.drive import Driver
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
      cut: how many episodes were cut off at `cap` steps, having no end of their own by then.
    """

    returns: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int64]
    cut: int
    cap: int

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
        for number in range(episodes):
            for moment in episode(policy, driver, rng, seed=seed if number == 0 else None, cap=cap):
                returns[number] += moment.reward
            lengths[number] = driver.steps
            cut += not moment.over
        return Evaluation(returns, lengths, cut, cap)
    finally:
        env.close()
