"""What a tabular solver is: one file in `envkit/tabular/solvers` that defines `SOLVER`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium

from envkit.core.mdp import MDP
from envkit.core.model import Model
from envkit.core.progress import Report, silent
from envkit.core.result import Result
from envkit.core.settings import Setting
from envkit.tabular.keeping import Keeper


@dataclass(frozen=True)
class Problem:
    """What a solver is asked.

    Args:
      name: of the environment, for messages.
      model: the finite model, if there is one.
      env: the environment itself, freshly made.
      seed: of all randomness.
      episodes: to learn from; None for the solver's own choice.
      settings: hyper-parameters by name, complete and checked.
      report: told now and then how far it is.
      engine: "auto", "python" or "compiled": how the learning loop runs; no result depends on it.
      keeper: where learning is kept when it is stopped.
      trace: values to be watched, as `watched.watched` reads them.
      pictures: whether the whole table is kept now and then, for pictures of it.
    """

    name: str
    model: Model | None
    env: gymnasium.Env[Any, Any]
    seed: int
    episodes: int | None
    settings: Mapping[str, Any]
    report: Report = silent
    engine: str = "auto"
    keeper: Keeper = field(default_factory=Keeper)
    trace: Sequence[Any] = ()
    pictures: bool = False


@dataclass(frozen=True)
class Solver:
    """A way to solve environments.

    Args:
      name: lower case, with hyphens.
      summary: one line for lists.
      needs_model: whether it is a planner, which works on a finite model only.
      predicts: whether it learns what a given policy earns, and not what to do.
      refusal: of a planner: why it cannot work on a model, its settings left alone; empty where it can. None where it
        takes every model.
    """

    name: str
    summary: str
    needs_model: bool
    settings: tuple[Setting, ...]
    solve: Callable[[Problem], Result] = field(repr=False)
    predicts: bool = False
    refusal: Callable[[MDP], str] | None = field(default=None, repr=False)
