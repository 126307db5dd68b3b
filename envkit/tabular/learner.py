"""From an algorithm's update to a solver of control: it learns what to do.

Epsilon, or the temperature, falls from 1 to 0 over nine tenths of the episodes; the bonus is 1.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from envkit.core.errors import UsageError
from envkit.core.mdp import MDP
from envkit.core.policy import Policy, TablePolicy
from envkit.core.result import Result
from envkit.core.schedule import Share, constant, linear
from envkit.core.settings import Setting
from envkit.tabular import training
from envkit.tabular.behaviours import BEHAVIOURS, Behaviour
from envkit.tabular.bellman import Floats
from envkit.tabular.course import MOST_UNROLLED, Algorithm
from envkit.tabular.infinite import optimum
from envkit.tabular.journal import Known
from envkit.tabular.solver import Problem, Solver
from envkit.tabular.training import Goal, prepared, step_size
from envkit.tabular.watched import Watched, exact_values

DISCOUNT, STEP_SIZE, INITIAL = training.SETTINGS
SETTINGS = (
    DISCOUNT,
    STEP_SIZE,
    Setting("behaviour", None, "how it explores, by default as the knob that is given", choices=tuple(BEHAVIOURS)),
    Setting("epsilon", None, "the chance of exploring", 0, 1, scheduled=True),
    Setting("temperature", None, "of softmax: what difference of values matters", 0, scheduled=True),
    Setting("bonus", None, "of ucb: what trying what was tried less is worth", 0, scheduled=True),
    INITIAL,
    Setting("ties", "random", "which of equally good actions is taken", choices=("random", "first")),
)
FALLING = linear(1.0, 0.0, Share(0.9))
EXPLORATION = {"epsilon": FALLING, "temperature": FALLING, "bonus": constant(1.0)}


def learner(name: str, summary: str, algorithm: Algorithm) -> Solver:
    """The solver of an algorithm for control."""

    def solve(problem: Problem) -> Result:
        behaviour, config = _behaviour(problem.settings)
        config |= {"step_size": step_size(algorithm, problem)}
        work = prepared(problem, name, algorithm, behaviour, config, config, CONTROL)

        def policy() -> Policy:
            return TablePolicy(work.course.table().argmax(axis=1), *work.meeting)

        seconds, q = work.run(policy), work.course.table()
        return work.result(policy(), seconds, values=q.max(axis=1), q=q)

    return Solver(name, summary, needs_model=False, settings=(*SETTINGS, *algorithm.settings), solve=solve)


def _best(q: Floats, twins: Any, actions: int) -> Floats:  # noqa: ARG001 - a predictor's values are elsewhere
    """[S]: what the states are worth if the best is done."""
    table = q.reshape(-1, actions)
    if actions > MOST_UNROLLED:
        return np.asarray(table.max(axis=1))
    best = table[:, 0]  # column by column, which takes NumPy half the time
    for action in range(1, actions):
        best = np.maximum(best, table[:, action])
    return best


def _optimal(mdp: MDP, discount: float, wanted: Sequence[Watched]) -> Known | None:
    """What is found if the optimum is."""
    best = optimum(mdp.unlimited, discount)
    return Known(best.value, mdp.reachable, exact_values(wanted, best.value, best.q)) if best else None


CONTROL = Goal(_best, _optimal, by_state=False)


def _behaviour(settings: Mapping[str, Any]) -> tuple[Behaviour, dict[str, Any]]:
    """How it explores, and the settings with those that this leaves without a meaning taken out.

    Raises:
      UsageError: where a knob of another behaviour is given.
    """
    given = [behaviour for behaviour in BEHAVIOURS.values() if settings[behaviour.knob] is not None]
    name = settings["behaviour"] or (given[0].name if given else "epsilon-greedy")
    for other in given:
        if other.name != name:
            own = BEHAVIOURS[name].knob
            raise UsageError(f"{other.knob} is the knob of {other.name}; the behaviour is {name}, whose knob is {own}")
    behaviour = BEHAVIOURS[name]
    exploration = settings[behaviour.knob] or EXPLORATION[behaviour.knob]
    if exploration.unit == "visits":
        raise UsageError(
            f"{behaviour.knob} is {exploration}, but only the step size can go by the visits to a state and action; "
            f"{behaviour.knob} goes by episodes or steps"
        )
    config = {key: value for key, value in settings.items() if key not in EXPLORATION}
    config |= {"behaviour": name, behaviour.knob: exploration}
    return behaviour, config
