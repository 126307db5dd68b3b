"""What a deep learner is: one file in `envkit/deep/learners` that defines `LEARNER`.

A learner trains on an environment for so many steps. Whoever wants to know how it goes, to evaluate, to keep what was
learnt or to stop it, is its `Overseer`: it is told of every episode that ends, and asked at every safe point, which is
where nothing is half done, whether to go on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gymnasium import spaces

from envkit.core.policy import Policy
from envkit.core.ref import EnvRef
from envkit.core.settings import Setting
from envkit.deep.demonstrations import Demonstrations
from envkit.runs.arrays import Arrays

Space = spaces.Space[Any]
STEP_TIMEOUT = 60.0


@dataclass(frozen=True)
class Episode:
    """An episode of training that has ended.

    Args:
      steps: of the whole training so far, this episode's included.
      env: the number of the environment that played it.
      paid: its return, undiscounted, as the learner was paid: shaped, if a wrapper shapes rewards.
      own: likewise, as the environment itself pays.
      length: its steps.
      success: what the last info said under `is_success`; None where it said nothing.
    """

    steps: int
    env: int
    paid: float
    own: float
    length: int
    success: bool | None = None


class Learning(Protocol):
    """A learner at work, as its overseer sees it."""

    @property
    def steps(self) -> int:
        """Environment steps taken so far, over all environments."""
        ...

    @property
    def resting(self) -> int:
        """Likewise at the last safe point."""
        ...

    def policy(self) -> Policy:
        """What it would do now; a copy, which training does not change."""
        ...

    def finite(self) -> bool:
        """Whether all weights are finite numbers."""
        ...

    def weights(self) -> Arrays:
        """The policy as arrays, from which `Learner.restored` makes it again."""
        ...

    def state(self) -> Arrays:
        """All that is needed to go on from the last safe point, in another process too."""
        ...


class Overseer(Protocol):
    """Whoever looks after a training."""

    def ended(self, episode: Episode) -> None:
        """An episode has ended."""
        ...

    def logged(self, steps: int, values: Mapping[str, float]) -> None:
        """What the learner measures of itself, such as its losses."""
        ...

    def noticed(self, text: str) -> None:
        """What whoever waits should know before it begins."""
        ...

    def stepped(self, learning: Learning) -> bool:
        """After every step; whether to go on. If not, the state is that of the last safe point."""
        ...

    def at_rest(self, learning: Learning) -> bool:
        """At a safe point; whether to go on. Whatever it does meanwhile leaves the global generators as they were."""
        ...


@dataclass(frozen=True)
class Training:
    """What a deep learner is asked.

    Args:
      ref: the environment, with the wrappers that were asked for.
      seed: of all randomness.
      steps: to take, over all environments; of the whole training, those before a resumption included.
      n_envs: environments to play at once.
      settings: hyper-parameters by name, complete and checked.
      device: cpu, cuda, cuda:N or mps.
      normalize: what is scaled by its running mean and deviation: of observation and reward.
      views: what else it is shown: of life-ends and clip-rewards, as `envkit.deep.views` has them.
      overseer: looks after it.
      threads: of torch.
      processes: in how many the environments are played; 1 for this one.
      step_timeout: seconds that a step of the environments of another process may take.
      batch: whether they are played as the environment's own batch, its `vector_entry_point`.
      kept: the state to go on from; None to begin.
      initial: weights to begin with; None for fresh ones.
      demonstrations: what others have shown; None where nobody has.
    """

    ref: EnvRef
    seed: int
    steps: int
    n_envs: int
    settings: Mapping[str, Any]
    device: str
    overseer: Overseer
    normalize: tuple[str, ...] = ()
    kept: Arrays | None = None
    initial: Arrays | None = None
    demonstrations: Demonstrations | None = None
    threads: int = 1
    processes: int = 1
    step_timeout: float = STEP_TIMEOUT
    batch: bool = False
    views: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trained:
    """What came of it.

    Args:
      learning: the learner as it stands in the end.
      stopped: whether the overseer stopped it before all steps were taken.
      level: how a resumption went on: `exact`, or `statistical` where an environment could not be brought back to where
        it was, so that a new episode began; empty where there was none.
      notes: facts a reader should know, one sentence each.
    """

    learning: Learning
    stopped: bool
    level: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Learner:
    """A way to train a network.

    Args:
      name: lower case, with hyphens.
      summary: one line for lists.
      refusal: why it cannot take an observation and an action space; empty where it can.
      train: does it.
      restored: a policy from its weights, for these spaces and settings.
      steps: to take where nobody says how many.
      takes_demos: whether it can begin with what others have shown.
      needs_demos: whether it learns from nothing else.
      stoppable: whether it has learnt something at any time; else only when it has come to its own end.
    """

    name: str
    summary: str
    settings: tuple[Setting, ...]
    refusal: Callable[[Space, Space], str] = field(repr=False)
    train: Callable[[Training], Trained] = field(repr=False)
    restored: Callable[[Arrays, Space, Space, Mapping[str, Any]], Policy] = field(repr=False)
    steps: int = 100_000
    stoppable: bool = True
    takes_demos: bool = False
    needs_demos: bool = False
