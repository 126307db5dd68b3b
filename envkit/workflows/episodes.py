"""Playing a policy on the real environment, step by step: for evaluating, showing and recording alike."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from envkit.core.drive import Driver
from envkit.core.errors import FOREIGN, EnvironmentFailed, EnvkitError
from envkit.core.policy import Actor, Policy
from envkit.core.show import error_line, show
from envkit.deep.monitored import misshapen


class Moment(NamedTuple):
    """Where an episode stands: after its reset, or after a step.

    Args:
      reward: of the step; 0 after the reset.
      info: what came with it.
      over: whether it has terminated, or was truncated.
    """

    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]

    @property
    def over(self) -> bool:
        return self.terminated or self.truncated


def episode(
    policy: Policy, driver: Driver, rng: np.random.Generator, *, seed: int | None, cap: int
) -> Iterator[Moment]:
    """Plays one episode, of at most `cap` steps; the first moment is that after the reset.

    Raises:
      EnvironmentFailed: with the episode, the step and the action.
    """
    observation, info = driver.reset(seed)
    actor, moment = policy.start(rng), Moment(0.0, False, False, info)
    yield moment
    while not moment.over and driver.steps < cap:
        action = act(actor, observation, info, driver)
        observation, reward, terminated, truncated, info = driver.step(action)
        moment = Moment(reward, terminated, truncated, info)
        yield moment


def act(actor: Actor, observation: Any, info: dict[str, Any], driver: Driver) -> Any:
    """The actor's action; whatever goes wrong is told with the episode and the step."""
    try:
        return actor.act(observation, info)
    except EnvkitError:
        raise
    except FOREIGN as error:
        wrong = misshapen(driver.env.observation_space, observation)
        place = f"{driver.name} in episode {driver.episode}, step {driver.steps}"
        message = (
            f"the policy cannot act upon what {place} shows, which is {wrong}"
            if wrong
            else f"the policy cannot act upon the observation {show(observation)} of {place}: {error_line(error)}"
        )
        raise EnvironmentFailed(message, method="step", cause=error) from error
