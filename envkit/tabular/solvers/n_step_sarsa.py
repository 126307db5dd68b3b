# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""n-step SARSA: what an action is worth is what the next n steps paid, and what the state after them promises.

    G = R_1 + discount R_2 + ... + discount^(n-1) R_n + discount^n Q(S_n, A_n)
    Q(S_0, A_0) <- Q(S_0, A_0) + step size [G - Q(S_0, A_0)]

A reward reaches n actions at once, at the price of more noise; n = 1 is SARSA, and n beyond the longest episode is
Monte Carlo. At the end of an episode the last actions learn from what is left of it; at a truncation they bootstrap.

Source: Sutton and Barto, Reinforcement Learning (2018), section 7.2.
"""

from envkit.core.settings import Setting
from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner
from envkit.tabular.loop import Flat, Knobs, Tables, sized


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    n, rewards, places = int(knobs.own[0]), tables.reals, tables.counts
    time = places[n]  # of this step in its episode
    places[time % n], rewards[time % n] = place, reward
    beyond = 0.0 if following < 0 else tables.q[chosen]
    learning = max(0, time - n + 1)
    while learning <= (time if ended else time - n + 1):
        total = beyond
        for step in range(time, learning - 1, -1):
            total = rewards[step % n] + knobs.discount * total
        taught = places[learning % n]
        tables.q[taught] += sized(knobs, tables, taught, size) * (total - tables.q[taught])
        learning += 1
    places[n] = 0 if ended else time + 1
    return cursor


SOLVER = learner(
    "n-step-sarsa",
    "n-step SARSA: learns from the next n rewards",
    Algorithm(
        update,
        on_policy=True,
        sure_step=0.3,
        settings=(Setting("n", 4, "steps whose rewards an action learns from", 1, 10_000, whole=True),),
        reals=lambda scale: int(scale.own[0]),
        counts=lambda scale: int(scale.own[0]) + 1,
    ),
)
