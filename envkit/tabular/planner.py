"""What planners share: the model they need, and the exact answer under a time limit."""

import time

import numpy as np

from envkit.core.errors import NoFiniteModel
from envkit.core.model import Model, no_model_text
from envkit.core.policy import TablePolicy
from envkit.core.result import Result
from envkit.tabular.bellman import backward_induction, scale_of
from envkit.tabular.solver import Problem


def model_of_problem(problem: Problem) -> Model:
    """The model that a planner works on.

    Raises:
      NoFiniteModel: when there is none.
    """
    if problem.model is None:
        raise NoFiniteModel(no_model_text(problem.name, problem.env))
    return problem.model


def within_the_limit(algorithm: str, problem: Problem) -> Result:
    """Backward induction under the problem's discount; the policy sees the clock."""
    started = time.perf_counter()
    model = model_of_problem(problem)
    best = backward_induction(model.mdp, problem.settings["discount"])
    steps = len(best.action)
    return Result(
        algorithm=algorithm,
        policy=TablePolicy(best.action, model.state_of, model.decode),
        config=dict(problem.settings),
        steps=steps * model.mdp.num_states,
        seconds=time.perf_counter() - started,
        values=best.value,
        q=best.q,
        bound=steps * float(np.finfo(float).eps) * scale_of(best.value, model.mdp.reward),
        notes=(
            "the time limit makes the horizon finite: backward induction over the clock; without one the policy would "
            "not see it (--env-kwargs max_episode_steps=-1 of a registered id)",
        ),
    )


def endless_text(name: str) -> str:
    return (
        f"at discount 1 and without a time limit {name} has no finite best return: episodes may go on for ever while "
        "rewards do; give --set discount=0.99, or register the environment with max_episode_steps"
    )
