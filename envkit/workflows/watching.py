"""What is told of learning while it lasts, and of the values that somebody wanted to watch."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from envkit.core.drive import Driver
from envkit.core.model import Model
from envkit.core.policy import TablePolicy
from envkit.core.progress import Progress, Report
from envkit.core.ref import EnvRef
from envkit.core.result import Curve, Result
from envkit.tabular.exact import optimal_return, policy_return
from envkit.tabular.solver import Solver
from envkit.tabular.watched import Watched, exact_values, planned, watched
from envkit.workflows.episodes import episode
from envkit.workflows.visible import pace, visible

SHOWINGS, SECONDS = 10, 8  # greedy episodes during training, and how long each is at most


@dataclass(frozen=True)
class Watching:
    """The values that were watched.

    Args:
      found: what the solver thinks of each in the end, by its label.
      exact: what each is worth, where that is known.
      planning: the same by value iteration, sweep after sweep; None where that makes no sense.
    """

    found: Mapping[str, float] = field(default_factory=dict)
    exact: Mapping[str, float] = field(default_factory=dict)
    planning: Curve | None = None

    def to_json(self) -> dict[str, dict[str, float | None]]:
        return {name: {"found": value, "exact": self.exact.get(name)} for name, value in self.found.items()}


def watching(trace: Sequence[Any], solver: Solver, model: Model | None, result: Result) -> Watching:
    """What became of the watched values.

    Raises:
      UsageError: where a planner was told to watch what its model does not have.
    """
    if not trace:
        return Watching()
    if model is None:
        return Watching({name: float(result.curve[name][-1]) for name in _labels(result)})
    mdp, discount = model.mdp, float(result.config["discount"])
    wanted = [watched(one, model, mdp.num_actions, by_state=solver.predicts) for one in trace]
    if solver.predicts:
        return Watching({one.label: float(result.curve[one.label][-1]) for one in wanted}, result.exact)
    if not solver.needs_model:
        found = {one.label: float(result.curve[one.label][-1]) for one in wanted}
        return Watching(found, result.exact, _planning(wanted, planned(mdp, discount, wanted)))
    found = {} if result.values is None or result.q is None else exact_values(wanted, result.values, result.q)
    return Watching(found, found, _planning(wanted, planned(mdp, discount, wanted, most=mdp.horizon)))


def _labels(result: Result) -> list[str]:
    return [name for name in result.curve.columns if "[" in name]


def _planning(wanted: Sequence[Watched], rows: Any) -> Curve:
    return Curve(("sweeps", *(one.label for one in wanted)), rows)


def with_gap(report: Report, model: Model | None) -> Report:
    """The same, told the gap as well, where a model lets it be known."""
    if model is None:
        return report
    mdp = model.mdp

    def gap(progress: Progress) -> float | None:
        policy = progress.policy() if progress.policy else None
        best = optimal_return(mdp)
        earned = policy_return(mdp, policy.action) if isinstance(policy, TablePolicy) else None
        return None if best is None or earned is None else best - earned

    return lambda progress: report(replace(progress, gap=lambda: gap(progress)))


@contextmanager
def shown(ref: EnvRef, report: Report) -> Iterator[Report]:
    """The same report, which shows a greedy episode in a window after every tenth of the training.

    Raises:
      UsageError: when the environment has no window to show itself in.
    """
    env = visible(ref, "human", purpose="watched")
    driver, rng, showings = Driver(env, str(ref)), np.random.default_rng(0), 0
    cap = round(SECONDS * pace(env))

    def show(progress: Progress) -> None:
        nonlocal showings
        report(progress)
        due = progress.done * SHOWINGS // max(progress.total, 1)
        if progress.policy and due > showings:
            for _ in episode(progress.policy(), driver, rng, seed=showings, cap=cap):
                pass  # in this mode an environment shows itself
            showings = due

    try:
        yield show
    finally:
        env.close()
