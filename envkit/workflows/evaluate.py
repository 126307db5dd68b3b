"""Playing a policy on the real environment, and what it earned."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.drive import Driver
from envkit.core.errors import EnvironmentFailed, EnvkitError
from envkit.core.policy import Actor, Policy
from envkit.core.ref import EnvRef
from envkit.core.show import error_line, show

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
        for episode in range(episodes):
            observation, info = driver.reset(seed if episode == 0 else None)
            actor, over = policy.start(rng), False
            while not over and driver.steps < cap:
                action = _act(actor, observation, info, driver)
                observation, reward, terminated, truncated, info = driver.step(action)
                returns[episode] += reward
                over = terminated or truncated
            lengths[episode] = driver.steps
            cut += not over
        return Evaluation(returns, lengths, cut, cap)
    finally:
        env.close()


def _act(actor: Actor, observation: Any, info: dict[str, Any], driver: Driver) -> Any:
    try:
        return actor.act(observation, info)
    except EnvkitError:
        raise
    except Exception as error:
        message = (
            f"the policy cannot act upon the observation {show(observation)} of {driver.name} in episode "
            f"{driver.episode}, step {driver.steps}: {error_line(error)}"
        )
        raise EnvironmentFailed(message, method="step", cause=error) from error
