# ruff: noqa: ARG001 - every update is given the same, whatever it needs of it
"""Prioritised Dyna: as Dyna-Q, but it practises where most is to be learnt, and from there backwards.

    remember (S, A) -> (R, S');  P = |R + discount max_a Q(S', a) - Q(S, A)|;  queue (S, A) if P is above the threshold
    planning_steps times: take the first of the queue, learn, and queue all that is known to lead to its state likewise

A surprise runs backwards along every known way to it, so few real steps suffice; how far depends on the threshold. The
memory holds the last outcome only: it is made for worlds that are deterministic, or nearly so.

Source: Moore and Atkeson, "Prioritized sweeping" (1993); Peng and Williams (1993); Sutton and Barto (2018),
section 8.4.
"""

from envkit.core.settings import Setting
from envkit.tabular.course import Algorithm
from envkit.tabular.heap import pop, push
from envkit.tabular.learner import learner
from envkit.tabular.loop import Flat, Knobs, Tables, highest, sized

# What is kept for each place: the queue's two, the row that followed plus one, the list of places that lead to a state
# (its head is kept at the row of the state; each has the next one and the one before), its priority and its reward.
MODEL, HEAD, NEXT, BEFORE = range(2, 6)
LINKS, NUMBERS, REWARD = 6, 2, 1


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    links, numbers, counts = tables.links, tables.numbers, tables.counts
    relink(links, place, following)
    numbers[NUMBERS * place + REWARD] = reward
    surprise = abs(target(tables, knobs, place, actions) - tables.q[place])
    if surprise > knobs.own[1]:
        push(links, LINKS, numbers, NUMBERS, counts, place, surprise)
    for _ in range(int(knobs.own[0])):
        if counts[0] == 0:
            break
        first = pop(links, LINKS, numbers, NUMBERS, counts)
        rate = sized(knobs, tables, first, size)
        tables.q[first] += rate * (target(tables, knobs, first, actions) - tables.q[first])
        before = links[LINKS * (first - first % actions) + HEAD]
        while before >= 0:
            surprise = abs(target(tables, knobs, before, actions) - tables.q[before])
            if surprise > knobs.own[1]:
                push(links, LINKS, numbers, NUMBERS, counts, before, surprise)
            before = links[LINKS * before + NEXT]
    return cursor


def target(tables: Tables, knobs: Knobs, place: int, actions: int) -> float:
    """What a remembered action is worth by now."""
    following = tables.links[LINKS * place + MODEL] - 1
    total: float = tables.numbers[NUMBERS * place + REWARD]
    return total if following < 0 else total + knobs.discount * highest(tables.q, following, actions)


def relink(links: Flat, place: int, following: int) -> None:
    """Remembers what followed, and puts the place into the list of those that lead there."""
    known = links[LINKS * place + MODEL] - 1
    if known == following and links[LINKS * place + MODEL] >= 0:
        return
    if known >= 0:
        after, before = links[LINKS * place + NEXT], links[LINKS * place + BEFORE]
        if before >= 0:
            links[LINKS * before + NEXT] = after
        else:
            links[LINKS * known + HEAD] = after
        if after >= 0:
            links[LINKS * after + BEFORE] = before
    links[LINKS * place + MODEL] = following + 1
    if following >= 0:
        first = links[LINKS * following + HEAD]
        links[LINKS * place + NEXT], links[LINKS * place + BEFORE] = first, -1
        if first >= 0:
            links[LINKS * first + BEFORE] = place
        links[LINKS * following + HEAD] = place


SOLVER = learner(
    "prioritized-dyna",
    "prioritised Dyna: practises where most is to be learnt",
    Algorithm(
        update,
        settings=(
            Setting("planning_steps", 10, "lessons from memory after each step", 0, 1000, whole=True),
            Setting("threshold", 1e-4, "the least change of a value that is worth a lesson", 0),
        ),
        numbers=NUMBERS,
        links=LINKS,
        counts=1,
    ),
)
