# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""SARSA: on-policy control by temporal differences.

    Q(S, A) <- Q(S, A) + step size [R + discount Q(S', A') - Q(S, A)]

It learns what its own behaviour is worth, exploring included, so it keeps away from where a slip would be costly.

Source: Rummery and Niranjan (1994); Sutton and Barto, Reinforcement Learning (2018), section 6.4.
"""

from typing import Any

from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner


def update(
    q: Any, memory: Any, place: int, reward: float, following: int, chosen: int, actions: int, discount: float,
    size: float, luck: float,
) -> None:  # fmt: skip
    target = reward
    if following >= 0:
        target += discount * q[chosen]
    q[place] += size * (target - q[place])


SOLVER = learner("sarsa", "SARSA: learns the policy it follows", Algorithm(update, on_policy=True))
