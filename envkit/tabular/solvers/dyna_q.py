# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Dyna-Q: Q-learning that also learns what the world is like, and practises in its memory after every step.

    learn from the real step; remember (S, A) -> (R, S')
    planning_steps times: for a random remembered (S, A), learn from what it led to last time

Each real step is worth as many as are planned after it, which pays where steps are dear. The memory holds the last
outcome only, so where outcomes are random it overrates what happened last; there, Q-learning with more episodes is
safer.

Source: Sutton, "Integrated architectures for learning, planning, and reacting" (1990); Sutton and Barto (2018),
section 8.2.
"""

from envkit.core.settings import Setting
from envkit.tabular.course import Algorithm
from envkit.tabular.learner import learner
from envkit.tabular.loop import Flat, Knobs, Tables, highest, sized

MODEL, LISTED = range(
    2
)  # what is kept for each place: the row that followed, plus one; and the list of all known places


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    links, rewards, counts = tables.links, tables.numbers, tables.counts
    if links[2 * place + MODEL] < 0:
        links[2 * counts[0] + LISTED] = place
        counts[0] += 1
    links[2 * place + MODEL], rewards[place] = following + 1, reward
    lesson(tables, knobs, place, actions, size)
    for _ in range(int(knobs.own[0])):
        other = links[2 * int(draws[cursor] * counts[0]) + LISTED]
        cursor += 1
        lesson(tables, knobs, other, actions, sized(knobs, tables, other, size))
    return cursor


def lesson(tables: Tables, knobs: Knobs, place: int, actions: int, size: float) -> None:
    """One step of Q-learning, from memory."""
    following, target = tables.links[2 * place + MODEL] - 1, tables.numbers[place]
    if following >= 0:
        target += knobs.discount * highest(tables.q, following, actions)
    tables.q[place] += size * (target - tables.q[place])


SOLVER = learner(
    "dyna-q",
    "Dyna-Q: Q-learning that also practises in its memory",
    Algorithm(
        update,
        settings=(Setting("planning_steps", 10, "lessons from memory after each step", 0, 1000, whole=True),),
        numbers=1,
        links=2,
        counts=1,
        draws=lambda scale: int(scale.own[0]),
    ),
)
