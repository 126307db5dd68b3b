"""Breadth-first search backwards from the ends: the exact optimum where nothing is random and all steps pay the same.

What is needed, how it works and why it is right says `envkit.tabular.shortest`. It does without sweeps, and looks at
each action once: a million states are solved in a tenth of a second, and the values are exact. What does not fit it is
refused, and value iteration is the method then; where no algorithm is named, the kit picks this one by itself for large
models that it fits. Under a time limit the clock counts, and backward induction over its steps takes its place, here as
in every planner: `--env-kwargs max_episode_steps=-1` plans without it.

Source: Moore, "The shortest path through a maze" (1959).
"""

import time

import numpy as np

from envkit.core.errors import UsageError
from envkit.core.mdp import MDP
from envkit.core.policy import TablePolicy
from envkit.core.result import Result
from envkit.core.settings import Setting
from envkit.tabular.bellman import scale_of
from envkit.tabular.infinite import total_action_values
from envkit.tabular.planner import endless_text, model_of_problem, within_the_limit
from envkit.tabular.shortest import shortest, uniform
from envkit.tabular.solver import Problem, Solver

NEEDS = (
    "it needs a model without chance, in which steps pay the same until an end that is better than going on for ever"
)
MOST_Q = 1_000_000  # pairs beyond which their values, which the search does not need, take longer than the search


def refusal(mdp: MDP) -> str:
    if mdp.horizon is not None or uniform(mdp, 1.0):
        return ""
    return NEEDS


def solve(problem: Problem) -> Result:
    """The optimal policy under the discount, within the time limit if there is one."""
    started = time.perf_counter()
    model, discount = model_of_problem(problem), problem.settings["discount"]
    if model.mdp.horizon is not None:
        return within_the_limit("breadth-first", problem)
    paid = uniform(model.mdp, discount)
    if paid is None:
        raise UsageError(
            f"{problem.name} is not for breadth-first search, for {NEEDS}; --algo value-iteration takes any model"
        )
    found = shortest(model.mdp, discount, paid)
    if not np.isfinite(found.value[model.mdp.start > 0]).all():
        raise UsageError(endless_text(problem.name))
    seconds = time.perf_counter() - started
    return Result(
        algorithm="breadth-first",
        policy=TablePolicy(found.action, model.state_of, model.decode),
        config=dict(problem.settings),
        steps=model.mdp.num_states,
        seconds=seconds,
        values=found.value,
        q=total_action_values(model.mdp, found.value, discount) if model.mdp.available.size <= MOST_Q else None,
        bound=4 * float(np.finfo(float).eps) * scale_of(found.value),
    )


SOLVER = Solver(
    "breadth-first",
    "breadth-first search: exact planning where nothing is random and all steps pay the same",
    needs_model=True,
    settings=(Setting("discount", 1.0, "how much a reward one step later counts", 0, 1),),
    solve=solve,
    refusal=refusal,
)
