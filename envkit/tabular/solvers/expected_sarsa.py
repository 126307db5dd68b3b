# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Expected SARSA: SARSA that learns from all next actions at once, each weighted by how likely it is to be chosen.

    Q(S, A) <- Q(S, A) + step size [R + discount sum_a pi(a | S') Q(S', a) - Q(S, A)]

The same expectation as SARSA without the noise of the next choice, so larger steps do no harm; where nothing is
explored it is Q-learning.

Source: van Seijen and others, "A theoretical and empirical analysis of expected Sarsa" (2009); Sutton and Barto (2018),
section 6.6.
"""

from envkit.tabular.behaviours import expected_epsilon_greedy as expected
from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner
from envkit.tabular.loop import Flat, Knobs, Tables


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    target = reward
    if following >= 0:
        target += knobs.discount * expected(tables, following, actions, exploration)
    tables.q[place] += size * (target - tables.q[place])
    return cursor


SOLVER = learner("expected-sarsa", "expected SARSA: SARSA without the noise of its own choices", Algorithm(update))
