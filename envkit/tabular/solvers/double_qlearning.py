# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Double Q-learning: Q-learning without the bias of taking a maximum over noise.

    With probability 1/2
        Q1(S, A) <- Q1(S, A) + step size [R + discount Q2(S', argmax_a Q1(S', a)) - Q1(S, A)]
    else the same with Q1 and Q2 exchanged.

One table says which action looks best, the other, learnt from other steps, what it is worth. The agent acts upon their
mean, `q`; `twins` holds the two side by side.

Source: van Hasselt, Double Q-learning (2010); Sutton and Barto, Reinforcement Learning (2018), section 6.7.
"""

from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner
from envkit.tabular.loop import Flat, Knobs, Tables


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    twins = tables.twins
    mine = 0 if draws[cursor] < 0.5 else 1
    target = reward
    if following >= 0:
        best = following
        for other in range(following + 1, following + actions):
            if twins[2 * other + mine] > twins[2 * best + mine]:
                best = other
        target += knobs.discount * twins[2 * best + 1 - mine]
    twins[2 * place + mine] += size * (target - twins[2 * place + mine])
    tables.q[place] = 0.5 * (twins[2 * place] + twins[2 * place + 1])
    return cursor + 1


SOLVER = learner(
    "double-qlearning",
    "double Q-learning: two tables, each judging the other's choice",
    Algorithm(update, draws=1, twins=2),
)
