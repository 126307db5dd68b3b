"""Policy iteration: evaluate a policy exactly, improve it wherever an action is better, until none is.

Evaluation is one linear solve. Without a time limit the method ends with the optimum itself, for there are finitely
many policies and each is better than the one before; `envkit.tabular.infinite` has it, with what discount 1 takes.
With a time limit there is nothing to iterate: each step's best actions follow from the step after it.

The bound is what is left of Bellman's equation, a rounding error, over 1 - discount; at discount 1, times the policy's
longest expected episode, which is rigorous unless a better policy takes longer.

Source: Howard (1960); Puterman, Markov Decision Processes (1994), sections 4.5 (time limit), 6.4 (discount below 1) and
7.2 (discount 1).
"""

import time
from dataclasses import replace

from envkit.core.errors import UsageError
from envkit.core.policy import TablePolicy
from envkit.core.result import Result
from envkit.core.settings import Setting
from envkit.tabular.bellman import SAME, rounding
from envkit.tabular.infinite import Optimum, discounted_optimum, longest_episode, total_optimum, towards_the_end
from envkit.tabular.planner import endless_text, model_of_problem, within_the_limit
from envkit.tabular.solver import Problem, Solver


def solve(problem: Problem) -> Result:
    """The optimal policy under the discount, within the time limit if there is one."""
    started = time.perf_counter()
    model = model_of_problem(problem)
    discount = problem.settings["discount"]
    if model.mdp.horizon is not None:
        return within_the_limit("policy-iteration", problem)
    best: Optimum | None
    if discount < 1:
        best = discounted_optimum(model.mdp, discount)
        slack = (1 - discount) * SAME  # of each step, so that all together stay below SAME
        best = replace(best, action=towards_the_end(model.mdp, best.action, best.value, best.q, slack=slack))
        longest = 1 / (1 - discount)
    else:
        best = total_optimum(model.mdp)
        if best is None:
            raise UsageError(endless_text(problem.name))
        longest = longest_episode(model.mdp, best.action)
    return Result(
        algorithm="policy-iteration",
        policy=TablePolicy(best.action, model.state_of, model.decode),
        config=dict(problem.settings),
        steps=best.rounds * model.mdp.num_states,
        seconds=time.perf_counter() - started,
        values=best.value,
        q=best.q,
        bound=(best.residual + rounding(best.value)) * longest,
    )


SOLVER = Solver(
    "policy-iteration",
    "policy iteration: exact planning by linear solves of the model",
    needs_model=True,
    settings=(Setting("discount", 1.0, "how much a reward one step later counts", 0, 1),),
    solve=solve,
)
