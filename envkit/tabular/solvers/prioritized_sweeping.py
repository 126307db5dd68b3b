"""Prioritised sweeping: value iteration that backs up the state that needs it most, one at a time.

    queue every state by |max_a Q(s, a) - V(s)|
    take the first, back it up, and queue all states from which an action may lead to it by what is wrong with them now

Where little is wrong, nothing is done: after a small change of a large model, or where rewards are far apart, it looks
at few states many times instead of at all of them. It stops when no state is wrong by more than tolerance * (1 -
discount), so the values are within the tolerance of the optimum. Counted as sweeps are backups, divided by the number
of states.

Source: Moore and Atkeson, "Prioritized sweeping" (1993); Andre, Friedman and Parr, "Generalized prioritized sweeping"
(1997).
"""

import numpy as np

from envkit.tabular.heap import pop, push
from envkit.tabular.kernels import Flat, FlatModel, choice, kernel, ways
from envkit.tabular.sweeping import Task, planner

TINY = 1e-15


def work(
    flat: FlatModel, value: Flat, begin: Flat, before: Flat, links: Flat, priority: Flat, counts: Flat, least: float,
    most: int,
) -> int:  # fmt: skip
    """Backs up the first of the queue until it is empty, at most so many; returns how many."""
    done = 0
    while counts[0] > 0 and done < most:
        state = pop(links, 2, priority, 1, counts)
        value[state] = choice(flat, value, state)[0]
        done += 1
        for place in range(begin[state], begin[state + 1]):
            other = before[place] // (flat.width * flat.actions)
            wrong = abs(choice(flat, value, other)[0] - value[other])
            if wrong > least:
                push(links, 2, priority, 1, counts, other, wrong)
    return done


def enqueue(flat: FlatModel, value: Flat, links: Flat, priority: Flat, counts: Flat, least: float) -> None:
    """Queues every state that is wrong."""
    for state in range(flat.states):
        wrong = abs(choice(flat, value, state)[0] - value[state])
        if wrong > least:
            push(links, 2, priority, 1, counts, state, wrong)


def prioritized_sweeping(task: Task) -> int:
    states, flat = task.mdp.num_states, task.arrays
    begin, before = ways(flat.next_state, flat.weight > 0, states)
    links, priority, counts = np.full(2 * states, -1), np.zeros(states), np.zeros(1, np.int64)
    # Undiscounted, a change may come back to where it came from, so what it is worth in the end is not known before.
    least = task.tolerance * (1 - task.discount) if task.discount < 1 else task.tolerance
    done, most = 0, task.most * states
    while done < most:
        kernel(enqueue)(flat, task.value, links, priority, counts, least)
        done += int(kernel(work)(flat, task.value, begin, before, links, priority, counts, least, most - done))
        if task.discount < 1 or task.done(least) or least == 0:
            break
        least = least / 10 if least > TINY else 0.0
    return -(-done // states)


SOLVER = planner(
    "prioritized-sweeping",
    "prioritised sweeping: value iteration that looks where most is wrong",
    prioritized_sweeping,
)
