"""How much a check may do: counted in steps, episodes and renders, so that two runs do the same.

A time cap only guards.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from envkit.core.errors import UsageError, nearest

HEAVY_SECONDS = 0.0015  # for a step, or a hundredth of an instance's life; lighter ones cost little whatever is tried
SLOW_SECONDS, CRAWLING_SECONDS = 0.02, 0.08
COSTLY_SECONDS, LIFE_SECONDS = 0.05, 0.5  # to be made, begun and closed; dozens of instances are
WEARY_SECONDS = 12.0  # whole episodes of a quick environment take less than one
PICTURE = 4096  # entries from which on an observation counts as a picture
LARGE = 500_000  # and from which on a few thousand of them, which the records hold, would fill the memory


@dataclass(frozen=True)
class Budget:
    """What may be done.

    Args:
      steps, episodes, episode_steps: of the rollouts, all strategies together, and of one episode.
      marathon_steps: of one instance that is used for long.
      strategies: how many ways of choosing actions are tried.
      search_steps: of the search for new states.
      twin_steps: of an episode that is played twice.
      twin_scripts: how many different episodes are played twice.
      variants: of one comparison, each with instances of its own.
      revisits: of one start by a much used instance, where there are few variants.
      renders: of one episode, besides those after reset and after the end.
      soak_episodes, soak_steps: of the run that watches memory and time.
      vector_steps: in each kind of vector environment.
      shorten_steps: to make the programs of the findings short, all together; a new instance counts as some more.
      longest: no episode is played longer.
      seconds: the cap; what was not done by then is left out, and the report says so.
    """

    steps: int = 3000
    episodes: int = 30
    episode_steps: int = 400
    marathon_steps: int = 3500
    strategies: int = 20
    search_steps: int = 2000
    twin_steps: int = 150
    twin_scripts: int = 6
    variants: int = 10
    renders: int = 6
    soak_episodes: int = 60
    soak_steps: int = 1500
    vector_steps: int = 60
    shorten_steps: int = 15_000
    longest: int = 1_000_000
    revisits: int = 0
    seconds: float = 60.0

    @property
    def weary(self) -> float:
        """Seconds after which whole episodes are over: what gets ever slower must leave time for the rest."""
        return max(WEARY_SECONDS, self.seconds / 5)

    @property
    def frugal(self) -> bool:
        """Whether instances and episodes cost so much that probes share them, and try what is most telling only."""
        return self.variants < 3

    def kept_to(self, longest: int | None) -> "Budget":
        """The same with no episode longer than that: longer ones are known to end the process."""
        if longest is None:
            return self
        return replace(
            self,
            longest=longest,
            episode_steps=min(self.episode_steps, longest),
            twin_steps=min(self.twin_steps, longest),
            vector_steps=min(self.vector_steps, longest),
        )

    def times(self, factor: float, seconds: float) -> "Budget":
        """Everything that is counted, multiplied, with another cap on the time."""
        counted = {
            field.name: max(min(1, getattr(self, field.name)), round(getattr(self, field.name) * factor))
            for field in fields(self)
            if field.name not in ("longest", "seconds")
        }
        return Budget(**counted, seconds=seconds)


LIGHT = Budget()
HEAVY = Budget(
    steps=160, episodes=3, episode_steps=80, marathon_steps=40, strategies=3, search_steps=60, twin_steps=10,
    twin_scripts=1, variants=2, renders=3, soak_episodes=3, soak_steps=80, vector_steps=10, shorten_steps=300,
    revisits=4,
)  # fmt: skip
COSTLY = replace(HEAVY, episodes=2, strategies=2, search_steps=0, vector_steps=0, variants=1, revisits=6)
BRISK = replace(COSTLY, steps=1500, episodes=12, episode_steps=400, marathon_steps=1500)  # once it was begun
SLOW = Budget(
    steps=100, episodes=3, episode_steps=40, marathon_steps=20, strategies=3, search_steps=0, twin_steps=8,
    twin_scripts=1, variants=2, renders=2, soak_episodes=0, soak_steps=0, vector_steps=0, shorten_steps=100,
    revisits=2,
)  # fmt: skip

CRAWLING = Budget(
    steps=40, episodes=2, episode_steps=15, marathon_steps=6, strategies=2, search_steps=0, twin_steps=4,
    twin_scripts=1, variants=2, renders=1, soak_episodes=0, soak_steps=0, vector_steps=0, shorten_steps=30,
    revisits=1,
)  # fmt: skip

LEVELS: Mapping[str, tuple[float, float]] = {"quick": (0.3, 20.0), "default": (1.0, 60.0), "thorough": (8.0, 1800.0)}


def level(name: str) -> tuple[float, float]:
    """(factor, seconds) of a named budget. Raises UsageError for another name."""
    if name not in LEVELS:
        meant = nearest(name, list(LEVELS), most=1)
        advice = f"; did you mean {meant[0]!r}?" if meant else ""
        raise UsageError(f"no budget is called {name!r}; they are {', '.join(LEVELS)}{advice}")
    return LEVELS[name]


def suited_to(name: str, observation_space: object, life_seconds: float, step_seconds: float) -> Budget:
    """The named budget for an environment: less for pictures and for slow ones.

    In a few wide classes, so that two runs fall into the same. `life_seconds` is what making, beginning and closing one
    costs.
    """
    size = math.prod(getattr(observation_space, "shape", None) or ())
    cost = max(step_seconds, life_seconds / 100)
    if cost > CRAWLING_SECONDS or life_seconds > 3 * LIFE_SECONDS:
        base = CRAWLING
    elif cost > SLOW_SECONDS or life_seconds > LIFE_SECONDS or size > LARGE:
        base = SLOW
    elif life_seconds > COSTLY_SECONDS and name != "thorough":
        base = BRISK if step_seconds <= HEAVY_SECONDS and size <= PICTURE else COSTLY
    elif size > PICTURE or cost > HEAVY_SECONDS:
        base = HEAVY
    else:
        base = LIGHT
    return base.times(*level(name))


def less(name: str) -> Budget:
    """The named budget for an environment that turned out to be slow at some calls, or to get slower."""
    return replace(HEAVY, soak_episodes=12, soak_steps=200).times(*level(name))
