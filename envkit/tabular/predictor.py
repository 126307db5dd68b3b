"""From an algorithm's update to a solver of prediction: what a policy earns, here that of choosing at random."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from envkit.core.errors import UsageError
from envkit.core.mdp import MDP
from envkit.core.policy import MixedPolicy, Policy
from envkit.core.result import Result
from envkit.core.schedule import constant
from envkit.tabular import training
from envkit.tabular.behaviours import BEHAVIOURS
from envkit.tabular.bellman import Floats
from envkit.tabular.course import Algorithm
from envkit.tabular.evaluation import at_random, evaluate_policy
from envkit.tabular.journal import Known
from envkit.tabular.solver import Problem, Solver
from envkit.tabular.training import Goal, prepared, step_size
from envkit.tabular.watched import Watched, exact_values


def predictor(name: str, summary: str, algorithm: Algorithm) -> Solver:
    """The solver of an algorithm for prediction. What a state is worth it keeps at the state's row of `twins`."""

    def solve(problem: Problem) -> Result:
        config = {**problem.settings, "step_size": step_size(algorithm, problem)}
        settings = {**config, "epsilon": constant(1.0), "ties": "first"}
        work = prepared(problem, name, algorithm, BEHAVIOURS["epsilon-greedy"], config, settings, PREDICTION)
        course, mdp = work.course, problem.model.mdp if problem.model else None

        def policy() -> Policy:
            met = (len(course.table()), course.actions)
            return MixedPolicy(at_random(mdp) if mdp else np.full(met, 1 / course.actions), *work.meeting)

        seconds = work.run(policy)
        values = _own(course.table(), course.tables.twins, course.actions)
        return work.result(policy(), seconds, values=values, q=None)

    settings = (*training.SETTINGS, *algorithm.settings)
    return Solver(name, summary, needs_model=False, settings=settings, solve=solve, predicts=True)


def _own(q: Floats, twins: Any, actions: int) -> Floats:  # noqa: ARG001 - a learner of control has its values there
    """[S]: what the states are thought to be worth."""
    return np.array(twins[::actions], float)


def _earned(mdp: MDP, discount: float, wanted: Sequence[Watched]) -> Known | None:
    """What is found if the truth is."""
    try:
        value = evaluate_policy(mdp.unlimited, at_random(mdp), discount=discount, moments=1).value
    except UsageError:  # it may go on for ever
        return None
    return Known(value, mdp.reachable, exact_values(wanted, value, value))


PREDICTION = Goal(_own, _earned, by_state=True)
