"""What all planners by sweeps share: where they start, when they may stop, and what their values are within then.

A planner is a function that improves values until they are good enough; here it is given a start and a measure, and
what it brings becomes a result. Under a discount below 1 the measure is the largest change of a sweep, d, for then the
values are within d * discount / (1 - discount) of the optimum (Puterman, Markov Decision Processes, 1994, section 6.3),
and the bound that is reported is checked once more: by the Bellman residual r of the values as they are, r / (1 -
discount).

At discount 1 a small change proves nothing: where episodes may go round in circles, sweeps can stand still far from the
optimum, or never stop growing. So policy iteration decides first whether there is an optimum, and the sweeps are
measured against its exact totals (`envkit.tabular.infinite`; Bertsekas and Tsitsiklis, 1991). The policy is one that
ends, wherever an optimal one does.

With a time limit there is nothing to iterate: sweeps run backwards from it, and are exact; the policy sees the clock.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from envkit.core.errors import UsageError
from envkit.core.mdp import MDP
from envkit.core.policy import TablePolicy
from envkit.core.result import Result
from envkit.core.settings import Setting
from envkit.core.show import number
from envkit.tabular.bellman import SAME, Actions, Floats, action_values, rounding
from envkit.tabular.flat import as_lists
from envkit.tabular.infinite import LARGE, longest_episode, total_optimum, towards_the_end
from envkit.tabular.kernels import FlatModel, flattened, from_below, judged, kernel
from envkit.tabular.planner import endless_text, model_of_problem, within_the_limit
from envkit.tabular.solver import Problem, Solver

SETTINGS = (
    Setting("discount", 1.0, "how much a reward one step later counts", 0, 1),
    Setting("tolerance", 1e-8, "how far the values may be from the optimum", 0, 1e-6, open_low=True),
    Setting("max_sweeps", 1_000_000, "sweeps after which it gives up", 1, whole=True),
)


# Outcomes beyond which looking for the shortest of equally good ways would take longer than all sweeps; the first of
# equal actions is taken then.
MOST_ENDED = 200_000
ROOM = 0.99  # of the tolerance; the rest is for the rounding that the bound counts too


@dataclass
class Task:
    """What a planner works on.

    Args:
      mdp, discount: the model without a time limit.
      value: [S], where to start; the planner leaves there what it finds.
      measure: (values, largest change of the last sweep) -> what the values are within.
      tolerance: what they should be within.
      most: sweeps after which it gives up.
      settings: the planner's own.
    """

    mdp: MDP
    discount: float
    value: Floats
    measure: Callable[[Floats, float], float]
    tolerance: float
    most: int
    settings: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.compiled = self.mdp.next_state.size > LARGE
        self.arrays = flattened(self.mdp, self.discount)
        # A few thousand numbers are soon swept in plain Python, which reads lists quicker.
        self.flat: FlatModel = self.arrays if self.compiled else as_lists(self.arrays)

    def run(self, function: Any) -> Any:
        """The function, compiled where that pays."""
        return kernel(function) if self.compiled else function

    def done(self, change: float) -> bool:
        return self.measure(self.value, change) <= self.tolerance


Sweeper = Callable[[Task], int]  # improves `task.value` until `task.done`, or `task.most`; returns its sweeps


def planner(name: str, summary: str, sweeper: Sweeper, *settings: Setting) -> Solver:
    """The solver of a planner by sweeps."""

    def solve(problem: Problem) -> Result:
        started = time.perf_counter()
        model = model_of_problem(problem)
        if model.mdp.horizon is not None:
            return within_the_limit(name, problem)
        discount, tolerance = problem.settings["discount"], problem.settings["tolerance"]
        swept = sweeps(model.mdp, discount, tolerance, sweeper, problem.settings)
        if swept is None:
            raise UsageError(endless_text(problem.name))
        late = f"stopped after {swept.count} sweeps with values only within {number(swept.bound)}; raise max_sweeps"
        notes = () if swept.bound <= tolerance else (late,)
        return Result(
            algorithm=name,
            policy=TablePolicy(swept.action, model.state_of, model.decode),
            config=dict(problem.settings),
            steps=swept.count * model.mdp.num_states,
            seconds=time.perf_counter() - started,
            values=swept.value,
            q=swept.q,
            bound=swept.bound,
            notes=notes,
        )

    return Solver(name, summary, needs_model=True, settings=(*SETTINGS, *settings), solve=solve)


@dataclass(frozen=True)
class Sweeps:
    """Where the sweeps ended: action [S], value [S], q [S, A], the bound on the values' error, how many they were."""

    action: Actions
    value: Floats
    q: Floats
    bound: float
    count: int


def sweeps(
    mdp: MDP, discount: float, tolerance: float, sweeper: Sweeper, settings: Mapping[str, Any] | None = None
) -> Sweeps | None:
    """Lets a planner sweep; None where at discount 1 the start has no finite best total."""
    settings = settings or {}
    most = settings.get("max_sweeps", 1_000_000)
    if discount == 1:
        return _undiscounted(mdp, tolerance, sweeper, most, settings)
    task = Task(
        mdp, discount, from_below(mdp, discount), lambda _, change: change * discount / (1 - discount),
        ROOM * tolerance, most, settings,
    )  # fmt: skip
    count = sweeper(task)
    if mdp.next_state.size > MOST_ENDED:
        q, action, residual = judged(task.flat, task.value)
        return Sweeps(action, task.value, q, (residual + rounding(task.value)) / (1 - discount), count)
    q = action_values(mdp, task.value, discount)
    residual = float(np.abs(q.max(axis=1) - task.value).max()) + rounding(task.value)
    slack = (1 - discount) * SAME  # of each step, so that all together stay below SAME
    best = towards_the_end(mdp, q.argmax(axis=1), q.max(axis=1), q, slack=slack)
    return Sweeps(best, task.value, q, residual / (1 - discount), count)


def _undiscounted(
    mdp: MDP, tolerance: float, sweeper: Sweeper, most: int, settings: Mapping[str, Any]
) -> Sweeps | None:
    best = total_optimum(mdp)
    if best is None:
        return None
    known = np.isfinite(best.value) & mdp.reachable
    certain = best.residual * longest_episode(mdp, best.action)

    def measure(value: Floats, change: float) -> float:  # noqa: ARG001 - which proves nothing here
        return float(np.abs(np.asarray(value) - best.value)[known].max(initial=0.0)) + certain

    task = Task(mdp, 1.0, np.zeros(mdp.num_states), measure, tolerance, most, settings)
    count = sweeper(task)
    q = action_values(mdp, task.value, 1.0)
    return Sweeps(best.action, task.value, q, measure(task.value, 0.0), count)
