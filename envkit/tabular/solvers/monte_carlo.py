# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Monte Carlo control: an action is worth what was earned from it to the end of the episode, on average.

    G_t = R_(t+1) + discount G_(t+1)
    Q(S_t, A_t) <- Q(S_t, A_t) + step size [G_t - Q(S_t, A_t)], for the first visit of an episode or for every one

Nothing is guessed from other values, so nothing wrong spreads; but nothing is learnt before the episode is over, and
the returns of long ones are noisy. It learns what its own behaviour is worth. With the step size 1/n a value is the
mean of all returns, those of its clumsy beginnings included; a constant one forgets them. An episode that is truncated
is taken to earn the best value of its last state from there on.

Source: Sutton and Barto, Reinforcement Learning (2018), sections 5.1 to 5.4; Singh and Sutton, "Reinforcement learning
with replacing eligibility traces" (1996), on first and every visit.
"""

from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner
from envkit.tabular.loop import Flat, Knobs, Tables, highest
from envkit.tabular.returns import VISITED, learn_from_returns, remember


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    remember(tables, place, reward)
    if ended:
        beyond = 0.0 if following < 0 else highest(tables.q, following, actions)
        learn_from_returns(tables.q, tables, knobs, beyond, size)
    return cursor


SOLVER = learner(
    "monte-carlo",
    "Monte Carlo control: learns from whole episodes",
    Algorithm(
        update,
        settings=(VISITED,),
        sure_step=None,
        numbers=1,
        links=1,
        reals=lambda scale: scale.longest,
        counts=lambda scale: scale.longest + 1,
    ),
)
