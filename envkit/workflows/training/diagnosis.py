"""Is it the environment or the algorithm? What the numbers of a training say, a sentence each.

Only what was measured is told: whether the policy beats acting at random, whether training and evaluation agree, and
where nothing was learnt the things that are most often the reason, looked for in some random episodes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.core.drive import Driver
from envkit.core.policy import RandomPolicy
from envkit.core.ref import EnvRef
from envkit.core.show import number
from envkit.core.statistics import interval
from envkit.workflows.evaluate import Evaluation
from envkit.workflows.training.notebook import Notebook
from envkit.workflows.training.request import Request

RECENT = 100  # episodes of training that are compared with the evaluation
SAMPLED = 300  # random steps that are looked at
FEW = 50  # episodes, from which hardly anything is learnt
WIDE, LOUD, QUIET = 20.0, 100.0, 1e-3  # an observation's entry, a reward that is large, and one that is small

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Glimpse:
    """What some random steps have shown.

    Args:
      largest: the largest number in an observation; 0 where observations hold none.
      rewards: of each step.
    """

    largest: float
    rewards: Floats


def glimpse(ref: EnvRef, seed: int) -> Glimpse:
    """Acts at random for a while. Raises EnvironmentFailed where the environment fails."""
    env = ref.make()
    try:
        driver = Driver(env, str(ref))
        actor = RandomPolicy(env.action_space).start(np.random.default_rng(seed))
        largest, rewards = 0.0, []
        observation, info = driver.reset(seed)
        for _ in range(SAMPLED):
            largest = max(largest, _largest(env.observation_space, observation))
            observation, reward, terminated, truncated, info = driver.step(actor.act(observation, info))
            rewards.append(reward)
            if terminated or truncated:
                observation, info = driver.reset()
        return Glimpse(largest, np.array(rewards))
    finally:
        env.close()


def _largest(space: spaces.Space[Any], observation: Any) -> float:
    if isinstance(space, spaces.Dict):
        return max((_largest(part, observation[name]) for name, part in space.spaces.items()), default=0.0)
    if isinstance(space, spaces.Box) and space.dtype != np.uint8 and np.size(observation):
        return float(np.abs(observation).max())
    return 0.0


def diagnosis(
    request: Request, notebook: Notebook, found: Evaluation, at_random: Evaluation, look: Callable[[], Glimpse]
) -> Iterator[str]:
    """What is worth knowing of a training that is over.

    Args:
      look: acts at random; called only where nothing was learnt.
    """
    low, high = _interval(found.returns)
    random_low, random_high = _interval(at_random.returns)
    learnt = low > random_high
    if high < random_low:
        yield "it does worse than acting at random: what it was paid for is not what is wanted, or it has unlearnt it"
    elif not learnt:
        yield "it does no better than acting at random, as far as these episodes can tell"
    yield from _disagreement(notebook, found)
    if not learnt:
        yield from _reasons(request, notebook, look())


def _disagreement(notebook: Notebook, found: Evaluation) -> Iterator[str]:
    recent = np.array([row[2] for row in notebook.episodes[-RECENT:]])
    if len(recent) < FEW or len(notebook.episodes) < 2 * len(recent):
        return
    low, high = _interval(recent)
    evaluated_low, evaluated_high = _interval(found.returns)
    told = f"the last {len(recent)} episodes of training earned {number(round(float(recent.mean()), 2))}"
    if high < evaluated_low:
        yield f"{told}, less than the evaluation: training tries things out, and the best policy so far was kept"
    elif low > evaluated_high:
        yield f"{told}, more than the evaluation, which takes the likeliest actions: some games need chance in them"


def _reasons(request: Request, notebook: Notebook, seen: Glimpse) -> Iterator[str]:
    """What is most often to blame where nothing was learnt."""
    rewards = np.abs(seen.rewards)
    if not rewards.any():
        yield f"in {SAMPLED} random steps no reward but 0 came up: without one there is nothing to follow"
    elif np.ptp(seen.rewards) == 0:
        same = number(float(seen.rewards[0]))
        yield f"in {SAMPLED} random steps every reward was {same}: only the end of an episode tells actions apart"
    if rewards.max() > LOUD and "reward" not in request.normalize:
        yield f"rewards go up to {number(float(rewards.max()))}: `--wrap normalize=reward` makes them small"
    if 0 < rewards.max() < QUIET and "reward" not in request.normalize:
        yield f"rewards are {number(float(rewards.max()))} at most: `--wrap normalize=reward` makes them larger"
    if seen.largest > WIDE and "observation" not in request.normalize:
        most = number(round(seen.largest, 2))
        yield f"observations hold numbers up to {most}: `--wrap normalize=observation` scales them"
    if len(notebook.episodes) < FEW and not request.learner.needs_demos:
        yield f"only {len(notebook.episodes)} episodes were over: more steps may be all that it takes"


def _interval(returns: Floats) -> tuple[float, float]:
    if len(returns) < 2:
        return float(returns.min()), float(returns.max())
    low, high = interval(returns, np.random.default_rng(0), of=partial(np.mean, axis=-1))
    return float(low), float(high)
