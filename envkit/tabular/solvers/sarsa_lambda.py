# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""SARSA(lambda): every action of the episode learns from each step, the longer ago it was the less.

    delta = R + discount Q(S', A') - Q(S, A)
    E(S, A) is set to 1 (replacing), raised by 1 (accumulating), or raised to (1 - step size) E + 1 (dutch)
    for all s, a:  Q(s, a) <- Q(s, a) + step size delta E(s, a);  E(s, a) <- discount lambda E(s, a)

The traces E mix the n-step returns of all n; lambda = 0 is SARSA. Only traces that have not faded are kept, in a list.

Source: Sutton (1988); Singh and Sutton, "Reinforcement learning with replacing eligibility traces" (1996); Sutton and
Barto, Reinforcement Learning (2018), sections 12.1 to 12.7.
"""

from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner
from envkit.tabular.loop import Flat, Knobs, Tables
from envkit.tabular.traces import TRACES, credit, forget


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    delta = reward - tables.q[place]
    if following >= 0:
        delta += knobs.discount * tables.q[chosen]
    credit(tables, knobs, place, delta, size)
    if ended:
        forget(tables)
    return cursor


SOLVER = learner(
    "sarsa-lambda",
    "SARSA(lambda): gives credit to all actions that led here",
    Algorithm(update, on_policy=True, sure_step=0.3, settings=TRACES, numbers=1, links=1, counts=1),
)
