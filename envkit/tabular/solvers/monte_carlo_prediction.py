# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Monte Carlo prediction: what a given policy earns from each state, as the mean of its returns.

    V(S_t) <- V(S_t) + step size [G_t - V(S_t)], for the first visit of an episode or for every one

With first visits and the step size 1/n (both the default) the estimates are unbiased, and their error falls with the
square root of the number of episodes. An episode that is truncated is taken to earn the estimate of its last state from
there on.

Source: Sutton and Barto, Reinforcement Learning (2018), section 5.1.
"""

from envkit.core.schedule import parse
from envkit.tabular.course import Algorithm
from envkit.tabular.loop import Flat, Knobs, Tables
from envkit.tabular.predictor import predictor
from envkit.tabular.returns import VISITED, learn_from_returns, remember


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    remember(tables, place - place % actions, reward)
    if ended:
        beyond = 0.0 if following < 0 else tables.twins[following]
        learn_from_returns(tables.twins, tables, knobs, beyond, size)
    return cursor


SOLVER = predictor(
    "monte-carlo-prediction",
    "Monte Carlo prediction: what a policy earns, from whole episodes",
    Algorithm(
        update,
        settings=(VISITED,),
        step_size=parse("1/n"),
        sure_step=None,
        twins=1,
        numbers=1,
        links=1,
        reals=lambda scale: scale.longest,
        counts=lambda scale: scale.longest + 1,
    ),
)
