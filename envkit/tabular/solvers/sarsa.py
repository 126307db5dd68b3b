# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""SARSA: on-policy control by temporal differences.

    Q(S, A) <- Q(S, A) + step size [R + discount Q(S', A') - Q(S, A)]

It learns what its own behaviour is worth, exploring included, so it keeps away from where a slip would be costly.

Source: Rummery and Niranjan (1994); Sutton and Barto, Reinforcement Learning (2018), section 6.4.
"""

from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner
from envkit.tabular.loop import Flat, Knobs, Tables


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    target = reward
    if following >= 0:
        target += knobs.discount * tables.q[chosen]
    tables.q[place] += size * (target - tables.q[place])
    return cursor


SOLVER = learner("sarsa", "SARSA: learns the policy it follows", Algorithm(update, on_policy=True, sure_step=0.3))
