# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Q-learning: off-policy control by temporal differences.

    Q(S, A) <- Q(S, A) + step size [R + discount max_a Q(S', a) - Q(S, A)]

It learns what the greedy policy is worth, whatever it does meanwhile. With a step size that falls suitably and every
action tried again and again it converges to the optimum with certainty.

Source: Watkins (1989); Sutton and Barto, Reinforcement Learning (2018), section 6.5.
"""

from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner
from envkit.tabular.loop import Flat, Knobs, Tables, highest


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    target = reward
    if following >= 0:
        target += knobs.discount * highest(tables.q, following, actions)
    tables.q[place] += size * (target - tables.q[place])
    return cursor


SOLVER = learner("qlearning", "Q-learning: learns the greedy policy while exploring", Algorithm(update))
