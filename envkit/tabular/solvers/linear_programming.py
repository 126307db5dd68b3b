"""Linear programming: the values are the least that no action can better.

    minimise sum_s V(s)  subject to  V(s) >= R(s, a) + discount sum_s' P(s' | s, a) V(s')  for every state and action

Exact up to the tolerance of the linear program's solver (HiGHS, by scipy); the bound is taken from the Bellman residual
of what it returns. Slower than sweeps on most models, but it shares nothing with them, which makes it a good judge of
theirs. Only below discount 1: there, where a circle pays nothing, the least solution may be lower than the optimum.

Source: d'Epenoux (1960); Puterman, Markov Decision Processes (1994), section 6.9.
"""

import time

import numpy as np

from envkit.core.errors import EnvkitError
from envkit.core.mdp import MDP
from envkit.core.policy import TablePolicy
from envkit.core.result import Result
from envkit.core.settings import Setting
from envkit.tabular.bellman import SAME, Floats, action_values, rounding
from envkit.tabular.infinite import towards_the_end
from envkit.tabular.planner import model_of_problem, within_the_limit
from envkit.tabular.solver import Problem, Solver


def values(mdp: MDP, discount: float) -> tuple[Floats, int]:
    """(value [S], iterations of the solver), for a discount below 1."""
    from scipy import sparse
    from scipy.optimize import linprog

    states, actions, width = mdp.next_state.shape
    pairs = np.flatnonzero(mdp.available.ravel())
    rows = np.repeat(np.arange(len(pairs)), width)
    weight = -discount * mdp.continues.reshape(-1, width)[pairs].ravel()
    columns = mdp.next_state.reshape(-1, width)[pairs].ravel()
    shape = (len(pairs), states)
    later = sparse.csr_array((weight, (rows, columns)), shape=shape)
    now = sparse.csr_array((np.ones(len(pairs)), (np.arange(len(pairs)), pairs // actions)), shape=shape)
    reward = mdp.expected_reward.ravel()[pairs]
    found = linprog(np.ones(states), A_ub=-(now + later), b_ub=-reward, bounds=(None, None), method="highs")
    if found.x is None:
        raise EnvkitError(f"the linear program of {states} states was not solved: {found.message}")
    return np.asarray(found.x), int(found.nit)


def solve(problem: Problem) -> Result:
    """The optimal policy under the discount, within the time limit if there is one."""
    started = time.perf_counter()
    model, discount = model_of_problem(problem), problem.settings["discount"]
    mdp = model.mdp
    if mdp.horizon is not None:
        return within_the_limit("linear-programming", problem)
    value, iterations = values(mdp, discount)
    q = action_values(mdp, value, discount)
    residual = float(np.abs(q.max(axis=1) - value).max()) + rounding(value)
    best = towards_the_end(mdp, q.argmax(axis=1), q.max(axis=1), q, slack=(1 - discount) * SAME)
    return Result(
        algorithm="linear-programming",
        policy=TablePolicy(best, model.state_of, model.decode),
        config=dict(problem.settings),
        steps=iterations,
        seconds=time.perf_counter() - started,
        values=value,
        q=q,
        bound=residual / (1 - discount),
    )


SOLVER = Solver(
    "linear-programming",
    "linear programming: exact planning by a linear program of the model",
    needs_model=True,
    settings=(Setting("discount", 0.99, "how much a reward one step later counts", 0, 1, open_high=True),),
    solve=solve,
)
