# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Double Q-learning: Q-learning without the bias of taking a maximum over noise.

    With probability 1/2
        Q1(S, A) <- Q1(S, A) + step size [R + discount Q2(S', argmax_a Q1(S', a)) - Q1(S, A)]
    else the same with Q1 and Q2 exchanged.

One table says which action looks best, the other, learnt from other steps, what it is worth. The agent acts upon their
mean, `q`; `memory` holds the two side by side.

Source: van Hasselt, Double Q-learning (2010); Sutton and Barto, Reinforcement Learning (2018), section 6.7.
"""

from typing import Any

from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner


def update(
    q: Any, memory: Any, place: int, reward: float, following: int, chosen: int, actions: int, discount: float,
    size: float, luck: float,
) -> None:  # fmt: skip
    mine = 0 if luck < 0.5 else 1
    target = reward
    if following >= 0:
        best = following
        for other in range(following + 1, following + actions):
            if memory[2 * other + mine] > memory[2 * best + mine]:
                best = other
        target += discount * memory[2 * best + 1 - mine]
    memory[2 * place + mine] += size * (target - memory[2 * place + mine])
    q[place] = 0.5 * (memory[2 * place] + memory[2 * place + 1])


SOLVER = learner(
    "double-qlearning",
    "double Q-learning: two tables, each judging the other's choice",
    Algorithm(update, lucky=True, memory=2),
)
