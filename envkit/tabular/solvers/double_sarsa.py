# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Double SARSA: SARSA with two tables, of which each learns from the other.

    With probability 1/2
        Q1(S, A) <- Q1(S, A) + step size [R + discount Q2(S', A') - Q1(S, A)]
    else the same with Q1 and Q2 exchanged.

The next action is chosen by the mean of the two, `q`; what it is worth says the table that does not learn from this
step. So a value that is too high by chance does not feed upon itself.

Source: Ganger, Duryea and Hu, "Double Sarsa and double expected Sarsa with shallow and deep learning" (2016).
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
        target += knobs.discount * twins[2 * chosen + 1 - mine]
    twins[2 * place + mine] += size * (target - twins[2 * place + mine])
    tables.q[place] = 0.5 * (twins[2 * place] + twins[2 * place + 1])
    return cursor + 1


SOLVER = learner(
    "double-sarsa",
    "double SARSA: two tables, each learning from the other",
    Algorithm(update, on_policy=True, sure_step=0.3, draws=1, twins=2),
)
