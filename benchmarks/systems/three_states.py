"""The model of three states: exact values, where its policy switches, and Q-learning from 10,000 steps.

The rules of the tutorial's Q-learning: actions are taken at random (epsilon 1), 10,000 steps in all, discount .9. Its
own schedule of the step size ends with an error of 3.13 in its replay, the largest of the six values. The model never
ends, so here those steps are ten episodes, cut off after 1,000 each; the update bootstraps through that.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from envkit.core.model import Model
from envkit.core.policy import TablePolicy
from envkit.core.result import Result
from envkit.core.settings import settled
from envkit.core.statistics import interquartile_mean
from envkit.tabular.solver import Problem
from envkit.workflows.algorithms import find_solver as find
from systems.learning import learn
from systems.row import Row
from systems.worlds import THREE_STATES, three_states

SYSTEM = "3 states"
Q = {
    0.90: [[18.91891892, 17.02702703, 13.62162162], [0.0, np.nan, -4.87971488], [np.nan, 50.13365013, np.nan]],
    0.95: [[21.89925005, 20.80428755, 16.86759588], [1.12082922, np.nan, 1.17982024], [np.nan, 53.87349498, np.nan]],
}
POLICY = {0.90: [0, 0, 1], 0.95: [0, 2, 1]}
SWITCH, EPISODES, STEPS = 0.947632778, 10, 10_000
SCHEDULES = {  # and how large the error may be in the interquartile mean
    "inverse-time(0.05, 0.005) by steps": None,  # the tutorial's own
    "power(1, 0.8) by visits": 1.5,
}


def actions(found: Result) -> list[int]:
    """What is done in each state."""
    assert isinstance(found.policy, TablePolicy)
    return [int(action) for action in found.policy.action]


def rows(seeds: int) -> Iterator[Row]:
    for discount, known in Q.items():
        found = planned(discount)
        off = error(found.q, known)
        same = actions(found) == POLICY[discount]
        method = f"policy iteration, discount {discount:g}: error of Q"
        yield Row(SYSTEM, method, "", (off,), "0", "1e-8, and the policy", off <= 1e-8 and same)
    switch = switching_discount()
    method = "bisection over policy iteration: discount of the switch"
    yield Row(SYSTEM, method, "", (switch,), str(SWITCH), "1e-9", abs(switch - SWITCH) <= 1e-9)
    for schedule, bar in SCHEDULES.items():
        told = {"epsilon": 1, "discount": 0.9, "step_size": schedule}
        _, learnt = learn(three_states, "qlearning", seeds=seeds, episodes=EPISODES, eval_episodes=1, **told)
        errors = tuple(error(arrays["q"], Q[0.9]) for arrays in learnt)
        method = f"Q-learning, epsilon 1, {STEPS:,} steps, step size {schedule}: error of Q"
        met = bar is None or float(interquartile_mean(errors)) < bar
        yield Row(SYSTEM, method, "3.13", errors, "0", "" if bar is None else f"IQM below {bar:g}", met)


def planned(discount: float) -> Result:
    """By the kit's planner, on the model alone."""
    solver = find("policy-iteration")
    settings = settled(solver.settings, {"discount": discount})
    return solver.solve(Problem(SYSTEM, Model(THREE_STATES), three_states(), 0, None, settings))


def switching_discount() -> float:
    """Where the action of the middle state changes from staying to walking through the fire."""
    low, high = Q
    while high - low > 1e-12:
        middle = (low + high) / 2
        stays = actions(planned(middle))[1] == 0
        low, high = (middle, high) if stays else (low, middle)
    return (low + high) / 2


def error(q: npt.ArrayLike | None, known: npt.ArrayLike) -> float:
    """The largest, over the actions that are available."""
    known = np.asarray(known)
    there = ~np.isnan(known)
    return float(np.abs(np.asarray(q)[there] - known[there]).max())
