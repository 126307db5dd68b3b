"""Backward induction: the exact optimum within a number of steps, from the last one back to the first.

    V_T(s) = 0;  V_t(s) = max_a [R(s, a) + discount sum_s' P(s' | s, a) V_(t+1)(s')]

The policy sees the clock: what is best depends on how many steps are left. One sweep a step, and nothing to iterate;
exact up to rounding. The horizon is the environment's own time limit unless another one is given.

Source: Bellman (1957); Puterman, Markov Decision Processes (1994), section 4.5.
"""

from dataclasses import replace

from envkit.core.errors import UsageError
from envkit.core.mdp import MDP
from envkit.core.result import Result
from envkit.core.settings import Setting
from envkit.tabular.planner import model_of_problem, within_the_limit
from envkit.tabular.solver import Problem, Solver


def refusal(mdp: MDP) -> str:
    return "" if mdp.horizon is not None else "there is no time limit, at which it begins; --set horizon=100 sets one"


def solve(problem: Problem) -> Result:
    """The optimal policy under the discount within the horizon."""
    model, wanted = model_of_problem(problem), problem.settings["horizon"]
    if wanted is None and model.mdp.horizon is None:
        raise UsageError(
            f"{problem.name} has no time limit, and backward induction begins at one; give --set horizon=100, or "
            "another planner, such as --algo value-iteration"
        )
    if wanted is not None:
        model = replace(model, mdp=replace(model.mdp, horizon=wanted))
    return within_the_limit("backward-induction", replace(problem, model=model))


SOLVER = Solver(
    "backward-induction",
    "backward induction: exact planning within a number of steps",
    needs_model=True,
    settings=(
        Setting("discount", 1.0, "how much a reward one step later counts", 0, 1),
        Setting("horizon", None, "steps; the environment's time limit unless given", 1, 10_000_000, whole=True),
    ),
    solve=solve,
    refusal=refusal,
)
