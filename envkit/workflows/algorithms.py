"""The algorithms, found by name: tabular solvers and deep learners.

Each is one file in the folder of its like. Somebody's own function is named `module:function` or `file.py:function`, as
`envkit.workflows.own_algorithm` has it. Third parties announce theirs in the entry-point group `envkit.solvers`, the
value being such a function, or the `Solver` or the `Learner` itself (`package.module:SOLVER`).
"""

import re
from collections.abc import Callable
from typing import Any

from envkit.core.errors import UsageError, unknown_option
from envkit.core.scan import constants, modules
from envkit.core.show import error_line, show
from envkit.deep.learner import Learner
from envkit.tabular.solver import Solver
from envkit.workflows.own_algorithm import own_algorithm

Algorithm = Solver | Learner

SOLVERS, LEARNERS = "envkit.tabular.solvers", "envkit.deep.learners"
GROUP = "envkit.solvers"
ELSEWHERE = {  # what people ask for that goes by another name here
    "her": "hindsight is a way to draw from a replay memory: --set replay=hindsight with dqn where actions are "
    "Discrete, and with sac, td3, ddpg or tqc where they are a Box",
}
GROUPS: dict[str, Callable[[Any], bool]] = {
    "Planners, for a finite model": lambda one: isinstance(one, Solver) and one.needs_model,
    "Learners of a table": lambda one: isinstance(one, Solver) and not one.needs_model and not one.predicts,
    "Predictors, which learn what choosing at random earns": lambda one: isinstance(one, Solver) and one.predicts,
    "Deep learners, of the extra deep": lambda one: isinstance(one, Learner),
}


def solvers() -> dict[str, Solver]:
    """The kit's own tabular solvers by name."""
    return {solver.name: solver for solver in constants(SOLVERS, "SOLVER", Solver).values()}


def learners() -> dict[str, Learner]:
    """The kit's own deep learners by name."""
    return {learner.name: learner for learner in constants(LEARNERS, "LEARNER", Learner).values()}


def algorithms() -> dict[str, Algorithm]:
    """All of the kit's own."""
    return {**solvers(), **learners()}


def find(name: str) -> Algorithm:
    """The algorithm that a name means; case, hyphens and underscores are ignored.

    Raises:
      UsageError: when there is none, or when the package that announces it is broken.
    """
    if ":" in name:
        return own_algorithm(name)
    for family in (solvers, learners):  # one after another: what is not needed is not imported
        for own, algorithm in family().items():
            if _plain(own) == _plain(name):
                return algorithm
    from importlib.metadata import entry_points

    points = {point.name: point for point in entry_points(group=GROUP)}
    for own, point in points.items():
        if _plain(own) == _plain(name):
            try:
                found = point.load()
            except Exception as error:
                raise UsageError(f"the algorithm {own} ({point.value}) is broken: {error_line(error)}") from error
            if isinstance(found, Algorithm):
                return found
            if callable(found):
                return own_algorithm(own, found)
            kinds = "an envkit.tabular.solver.Solver, an envkit.deep.learner.Learner or a function"
            raise UsageError(f"the algorithm {own} ({point.value}) is {show(found)}, not {kinds}")
    if where := elsewhere(name):
        raise UsageError(where)
    raise unknown_option("algorithm", name, [*algorithms(), *points])


def elsewhere(name: str) -> str:
    """Where to find what goes by another name here; empty where nothing is known of it."""
    told = ELSEWHERE.get(_plain(name), "")
    return told and f"no algorithm is called {name!r}: {told}"


def find_solver(name: str) -> Solver:
    """As `find`, of tabular solvers. Raises UsageError for a deep learner too."""
    found = find(name)
    if not isinstance(found, Solver):
        raise UsageError(f"{found.name} is a deep learner, and here a tabular solver is needed")
    return found


def groups() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The kit's algorithms in groups, for lists: (title, what all take, (name, what it is and what else it takes))."""
    found = []
    for title, belongs in GROUPS.items():
        members = [one for one in algorithms().values() if belongs(one)]
        names = [[setting.name for setting in one.settings] for one in members]
        common = [name for name in names[0] if all(name in other for other in names)]
        rows = []
        for one, taken in zip(members, names, strict=True):
            own = ", ".join(name for name in taken if name not in common)
            rows.append((one.name, one.summary.partition(": ")[2] + (f" ({own})" if own else "")))
        found.append((title, ", ".join(common), rows))
    return found


def page(algorithm: Algorithm) -> str:
    """All about an algorithm: the theory, as its own file has it, and what it takes."""
    package, constant = (SOLVERS, "SOLVER") if isinstance(algorithm, Solver) else (LEARNERS, "LEARNER")
    own = (module for module in modules(package) if getattr(module, constant, None) is algorithm)
    doc = next((module.__doc__ for module in own), None) or algorithm.summary
    rows = [(f"{one.name}={one.shown}", f"{one.about}{one.allowed}") for one in algorithm.settings]
    width = max(len(row[0]) for row in rows)
    lines = [f"  {name:{width}}  {about}" for name, about in rows]
    if any(one.default is None for one in algorithm.settings):
        lines += ["", "Where the default is ..., it follows from the problem; a run's config.json says what it was."]
    return "\n".join(
        [f"{algorithm.name}  {doc.strip()}", "", "Hyper-parameters (--set), with their defaults:", "", *lines]
    )


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).lower()
