"""Value iteration: apply Bellman's equation to all states, again and again.

With a time limit the sweeps run backwards from it, and are exact: the policy sees the clock. Without one,

* under a discount below 1, with d the largest change of a sweep, the values are within d * discount / (1 - discount) of
  the optimum: that is the bound it stops on and reports (Puterman, Markov Decision Processes, 1994, section 6.3);
* at discount 1 a small change proves nothing: where episodes may go round in circles, sweeps can stand still far from
  the optimum, or never stop growing. So policy iteration decides first whether there is an optimum, and the sweeps are
  measured against its exact totals (`envkit.tabular.infinite`; Bertsekas and Tsitsiklis, 1991). The policy is one that
  ends, wherever an optimal one does.
"""

import time
from dataclasses import dataclass

import numpy as np

from envkit.core.errors import UsageError
from envkit.core.mdp import MDP
from envkit.core.policy import TablePolicy
from envkit.core.result import Result
from envkit.core.show import number
from envkit.tabular.bellman import SAME, Actions, Floats, action_values
from envkit.tabular.infinite import longest_episode, total_optimum, towards_the_end
from envkit.tabular.planner import endless_text, model_of_problem, within_the_limit
from envkit.tabular.settings import Setting
from envkit.tabular.solver import Problem, Solver


@dataclass(frozen=True)
class Sweeps:
    """Where the sweeps ended: action [S], value [S], q [S, A], the bound on the values' error, how many they were."""

    action: Actions
    value: Floats
    q: Floats
    bound: float
    count: int


def discounted_sweeps(mdp: MDP, discount: float, tolerance: float, most: int) -> Sweeps:
    """Sweeps until the values are within `tolerance` of the optimum, or `most` have passed."""
    value, bound, count = np.zeros(mdp.num_states), np.inf, 0
    while bound > tolerance and count < most:
        after = action_values(mdp, value, discount).max(axis=1)
        bound = float(np.abs(after - value).max()) * discount / (1 - discount)
        value, count = after, count + 1
    q = action_values(mdp, value, discount)
    slack = (1 - discount) * SAME  # of each step, so that all together stay below SAME
    action = towards_the_end(mdp, q.argmax(axis=1), q.max(axis=1), q, slack=slack)
    return Sweeps(action, value, q, bound, count)


def total_sweeps(mdp: MDP, tolerance: float, most: int) -> Sweeps | None:
    """Sweeps without discount, as above; None where the start has no finite best total."""
    best = total_optimum(mdp)
    if best is None:
        return None
    known = np.isfinite(best.value) & mdp.reachable
    value, error, count = np.zeros(mdp.num_states), np.inf, 0
    while error > tolerance and count < most:
        value, count = action_values(mdp, value, 1.0).max(axis=1), count + 1
        error = float(np.abs(value - best.value)[known].max())
    bound = error + best.residual * longest_episode(mdp, best.action)
    return Sweeps(best.action, value, action_values(mdp, value, 1.0), bound, count)


def solve(problem: Problem) -> Result:
    """The optimal policy under the discount, within the time limit if there is one."""
    started = time.perf_counter()
    model = model_of_problem(problem)
    discount, tolerance = problem.settings["discount"], problem.settings["tolerance"]
    if model.mdp.horizon is not None:
        return within_the_limit("value-iteration", problem)
    if discount < 1:
        found: Sweeps | None = discounted_sweeps(model.mdp, discount, tolerance, problem.settings["max_sweeps"])
    else:
        found = total_sweeps(model.mdp, tolerance, problem.settings["max_sweeps"])
    if found is None:
        raise UsageError(endless_text(problem.name))
    notes = () if found.bound <= tolerance else (
        f"stopped after {found.count} sweeps with values only within {number(found.bound)}; raise max_sweeps for more",
    )  # fmt: skip
    return Result(
        algorithm="value-iteration",
        policy=TablePolicy(found.action, model.state_of, model.decode),
        config=dict(problem.settings),
        steps=found.count * model.mdp.num_states,
        seconds=time.perf_counter() - started,
        values=found.value,
        q=found.q,
        bound=found.bound,
        notes=notes,
    )


SOLVER = Solver(
    "value-iteration",
    "value iteration: exact planning by sweeps over the model",
    needs_model=True,
    settings=(
        Setting("discount", 1.0, "how much a reward one step later counts", 0, 1),
        Setting("tolerance", 1e-8, "how far the values may be from the optimum", 0, 1e-6, open_low=True),
        Setting("max_sweeps", 1_000_000, "sweeps after which it gives up", 1, whole=True),
    ),
    solve=solve,
)
