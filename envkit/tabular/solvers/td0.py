# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""TD(0): what a given policy earns from each state, learnt from step to step.

    V(S) <- V(S) + step size [R + discount V(S') - V(S)]

It bootstraps, so it learns before an episode is over, and its estimates are those of the most likely model of what was
seen. By default the step size is 1/n^0.6 for the n-th visit to the state.

Source: Sutton (1988); Sutton and Barto, Reinforcement Learning (2018), sections 6.1 to 6.3.
"""

from envkit.core.schedule import VISITS, value_at
from envkit.tabular.course import Algorithm
from envkit.tabular.loop import Flat, Knobs, Tables
from envkit.tabular.predictor import predictor


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    row, values = place - place % actions, tables.twins
    rate = value_at(knobs.step_size, tables.numbers[row]) if knobs.step_size_unit == VISITS else size
    tables.numbers[row] += 1.0
    target = reward
    if following >= 0:
        target += knobs.discount * values[following]
    values[row] += rate * (target - values[row])
    return cursor


SOLVER = predictor(
    "td0", "TD(0): what a policy earns, from step to step", Algorithm(update, sure_step=None, twins=1, numbers=1)
)
