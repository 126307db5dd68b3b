# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Watkins' Q(lambda): Q-learning whose rewards reach back to the actions before, as far as they were greedy.

    delta = R + discount max_a Q(S', a) - Q(S, A)
    traces as in SARSA(lambda), but all are forgotten when the next action is not a greedy one

What is learnt is worth of the greedy policy, so nothing that happened after an exploring action may count for what came
before it. While much is explored traces are short, and little is gained over Q-learning.

Source: Watkins (1989); Sutton and Barto, Reinforcement Learning (2018), section 12.10.
"""

from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner
from envkit.tabular.loop import Flat, Knobs, Tables, highest
from envkit.tabular.traces import TRACES, credit, forget


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    delta, best = reward - tables.q[place], 0.0
    if following >= 0:
        best = highest(tables.q, following, actions)
        delta += knobs.discount * best
    greedy = following >= 0 and tables.q[chosen] == best  # before the lesson changes it
    credit(tables, knobs, place, delta, size)
    if ended or not greedy:
        forget(tables)
    return cursor


SOLVER = learner(
    "q-lambda",
    "Watkins' Q(lambda): Q-learning with traces of greedy actions",
    Algorithm(update, on_policy=True, settings=TRACES, numbers=1, links=1, counts=1),
)
