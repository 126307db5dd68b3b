# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Q-learning: off-policy control by temporal differences.

    Q(S, A) <- Q(S, A) + step size [R + discount max_a Q(S', a) - Q(S, A)]

It learns what the greedy policy is worth, whatever it does meanwhile. With a step size that falls suitably and every
action tried again and again it converges to the optimum with certainty.

Source: Watkins (1989); Sutton and Barto, Reinforcement Learning (2018), section 6.5.
"""

from typing import Any

from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner
from envkit.tabular.loop import highest


def update(
    q: Any, memory: Any, place: int, reward: float, following: int, chosen: int, actions: int, discount: float,
    size: float, luck: float,
) -> None:  # fmt: skip
    target = reward
    if following >= 0:
        target += discount * highest(q, following, actions)
    q[place] += size * (target - q[place])


SOLVER = learner("qlearning", "Q-learning: learns the greedy policy while exploring", Algorithm(update))
