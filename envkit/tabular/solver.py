"""What a solver is, and how it is found by name.

A solver is one file in `envkit/tabular/solvers` that defines `SOLVER`. Third parties announce theirs in the entry-point
group `envkit.solvers`, the value being the `Solver` itself (`package.module:SOLVER`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium

from envkit.core.errors import UsageError, unknown_option
from envkit.core.model import Model
from envkit.core.progress import Report, silent
from envkit.core.result import Result
from envkit.core.scan import constants, modules
from envkit.core.show import error_line
from envkit.tabular.keeping import Keeper
from envkit.tabular.settings import Setting

SOLVERS = "envkit.tabular.solvers"
GROUP = "envkit.solvers"


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
    """

    name: str
    summary: str
    needs_model: bool
    settings: tuple[Setting, ...]
    solve: Callable[[Problem], Result] = field(repr=False)
    predicts: bool = False


GROUPS: dict[str, Callable[[Solver], bool]] = {
    "Planners, for a finite model": lambda solver: solver.needs_model,
    "Learners": lambda solver: not solver.needs_model and not solver.predicts,
    "Predictors, which learn what choosing at random earns": lambda solver: solver.predicts,
}


def solvers() -> dict[str, Solver]:
    """The kit's own solvers by name."""
    return {solver.name: solver for solver in constants(SOLVERS, "SOLVER", Solver).values()}


def find(name: str) -> Solver:
    """The solver that a name means; case, hyphens and underscores are ignored.

    Raises:
      UsageError: when there is none, or when the package that announces it is broken.
    """
    known = solvers()
    by_plain = {_plain(own): solver for own, solver in known.items()}
    if _plain(name) in by_plain:
        return by_plain[_plain(name)]
    from importlib.metadata import entry_points

    points = {point.name: point for point in entry_points(group=GROUP)}
    for own, point in points.items():
        if _plain(own) == _plain(name):
            try:
                solver = point.load()
            except Exception as error:
                raise UsageError(f"the solver {own} ({point.value}) is broken: {error_line(error)}") from error
            if not isinstance(solver, Solver):
                raise UsageError(f"the solver {own} ({point.value}) is no envkit.tabular.solver.Solver")
            return solver
    raise unknown_option("algorithm", name, [*known, *points])


def groups() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The kit's solvers in groups, for lists: (title, what all take, (name, what it is and what else it takes))."""
    found = []
    for title, belongs in GROUPS.items():
        members = [solver for solver in solvers().values() if belongs(solver)]
        names = [[setting.name for setting in solver.settings] for solver in members]
        common = [name for name in names[0] if all(name in other for other in names)]
        rows = []
        for solver, taken in zip(members, names, strict=True):
            own = ", ".join(name for name in taken if name not in common)
            rows.append((solver.name, solver.summary.partition(": ")[2] + (f" ({own})" if own else "")))
        found.append((title, ", ".join(common), rows))
    return found


def page(solver: Solver) -> str:
    """All about a solver: the theory, as its own file has it, and what it takes."""
    own = (module for module in modules(SOLVERS) if getattr(module, "SOLVER", None) is solver)
    doc = next((module.__doc__ for module in own), None) or solver.summary
    rows = [(f"{one.name}={one.shown}", f"{one.about}{one.allowed}") for one in solver.settings]
    width = max(len(row[0]) for row in rows)
    lines = [f"  {name:{width}}  {about}" for name, about in rows]
    if any(one.default is None for one in solver.settings):
        lines += ["", "Where the default is ..., it follows from the problem; a run's config.json says what it was."]
    return "\n".join(
        [f"{solver.name}  {doc.strip()}", "", "Hyper-parameters (--set), with their defaults:", "", *lines]
    )


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).lower()
