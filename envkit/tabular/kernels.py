"""Sweeps over large models: plain loops over flat arrays, compiled by numba when they are used.

A pair is `state * actions + action`, its outcomes begin at `pair * width`. `weight` is what the value of an outcome's
state counts for: its probability, 0 where it terminates, times the discount. `reward` is expected, -inf where the
action is not available.

**From below.** With V0 = min(0, least reward) / (1 - discount) everywhere, no state is ever overrated, so values only
rise, and a state that has not heard of anything better keeps a value that is right if there is nothing better. Starting
from 0, all states that are far from where rewards differ overrate each other, and that fades only by the discount,
sweep by sweep: on an open 1000 x 1000 grid, 1,400 sweeps instead of 3. Sweeps go forwards and backwards in turn, and
use new values at once (Gauss-Seidel), so what is learnt travels far within one.

Source: Puterman, Markov Decision Processes (1994), sections 6.3.2 and 6.3.3; Zhao, "A fast sweeping method for eikonal
equations" (2005), on sweeps in turn.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from envkit.core.mdp import MDP
from envkit.tabular.bellman import Actions, Floats
from envkit.tabular.compiled import cache_problem, compiled

Flat = Any  # an array


class FlatModel(NamedTuple):
    """A model as the kernels take it."""

    next_state: Flat  # [S * A * K]
    weight: Flat  # [S * A * K]
    reward: Flat  # [S * A]
    states: int
    actions: int
    width: int


@cache
def kernel(function: Any) -> Any:
    """The function, compiled, and kept for the next process where that is possible."""
    return compiled(function, keep=not cache_problem())


def flattened(mdp: MDP, discount: float) -> FlatModel:
    reward = np.where(mdp.available, mdp.expected_reward, -np.inf).ravel()
    weight = np.where(mdp.terminated, 0.0, mdp.probability)  # not the one that the model keeps: it may be large
    weight *= discount
    return FlatModel(mdp.next_state.ravel(), weight.ravel(), reward, *mdp.next_state.shape)


def from_below(mdp: MDP, discount: float) -> Floats:
    """[S]: a value that no state's optimum is below, and that no backup lowers; for a discount below 1."""
    least = float(mdp.expected_reward[mdp.available].min())
    return np.full(mdp.num_states, min(0.0, least) / (1.0 - discount))


def backup(flat: FlatModel, value: Flat, pair: int) -> float:
    """What one action is worth."""
    total: float = flat.reward[pair]
    place = pair * flat.width
    for k in range(place, place + flat.width):
        total += flat.weight[k] * value[flat.next_state[k]]
    return total


def choice(flat: FlatModel, value: Flat, state: int) -> tuple[float, int]:
    """What the best action of a state is worth, and which it is, the first of equals."""
    best, chosen = backup(flat, value, state * flat.actions), 0
    for other in range(1, flat.actions):
        worth = backup(flat, value, state * flat.actions + other)
        if worth > best:
            best, chosen = worth, other
    return best, chosen


def sweep(flat: FlatModel, value: Flat, backwards: bool) -> float:
    """Backs up every state in place, in order or in reverse; returns the largest change."""
    largest = 0.0
    for number in range(flat.states):
        state = flat.states - 1 - number if backwards else number
        best, _ = choice(flat, value, state)
        largest = max(largest, abs(best - value[state]))
        value[state] = best
    return largest


def improve(flat: FlatModel, value: Flat, action: Flat, backwards: bool) -> float:
    """As `sweep`, and notes the best action of each state."""
    largest = 0.0
    for number in range(flat.states):
        state = flat.states - 1 - number if backwards else number
        best, action[state] = choice(flat, value, state)
        largest = max(largest, abs(best - value[state]))
        value[state] = best
    return largest


def follow(flat: FlatModel, value: Flat, action: Flat, backwards: bool) -> float:
    """As `sweep`, for the actions noted: a step towards what that policy is worth."""
    largest = 0.0
    for number in range(flat.states):
        state = flat.states - 1 - number if backwards else number
        worth = backup(flat, value, state * flat.actions + action[state])
        largest = max(largest, abs(worth - value[state]))
        value[state] = worth
    return largest


def judge(flat: FlatModel, value: Flat, q: Flat, action: Flat) -> float:
    """Fills `q` [S * A] and the best action of each state; returns the largest change that one more backup makes."""
    largest = 0.0
    for state in range(flat.states):
        best, chosen = backup(flat, value, state * flat.actions), 0
        q[state * flat.actions] = best
        for other in range(1, flat.actions):
            worth = backup(flat, value, state * flat.actions + other)
            q[state * flat.actions + other] = worth
            if worth > best:
                best, chosen = worth, other
        largest = max(largest, abs(best - value[state]))
        action[state] = chosen
    return largest


def judged(flat: FlatModel, value: Floats) -> tuple[Floats, Actions, float]:
    """(q [S, A], best action [S], Bellman residual) of values [S]."""
    q = np.empty(flat.states * flat.actions)
    action = np.empty(flat.states, np.min_scalar_type(flat.actions - 1))
    residual = float(kernel(judge)(flat, value, q, action))
    return q.reshape(flat.states, flat.actions), action, residual


# Reverse breadth-first search


def mark_closed(next_state: Flat, reward: Flat, ends: Flat, available: Flat, closed: Flat) -> None:
    """Marks [S] the states that are over: whatever is done there ends at once, in place, for nothing."""
    actions = len(next_state) // len(closed)
    for state in range(len(closed)):
        over = True
        for pair in range(state * actions, (state + 1) * actions):
            if available[pair] and not (ends[pair] and next_state[pair] == state and reward[pair] == 0.0):
                over = False
                break
        closed[state] = over


def reopen(next_state: Flat, ends: Flat, available: Flat, closed: Flat) -> None:
    """Unmarks who can be there while the episode goes on: there is an end before them like before any other."""
    for pair in range(len(next_state)):
        if closed[next_state[pair]] and available[pair] and not ends[pair]:
            closed[next_state[pair]] = False


def survey(reward: Flat, ends: Flat, available: Flat, closed: Flat, found: Flat) -> None:
    """Fills `found` with the least and largest reward of steps, those of ends, and the largest of those below that."""
    low, high, least, most, second = np.inf, -np.inf, np.inf, -np.inf, -np.inf
    actions = len(reward) // len(closed)
    for state in range(len(closed)):
        if closed[state]:
            continue
        for pair in range(state * actions, (state + 1) * actions):
            if available[pair]:
                paid = reward[pair]
                if not ends[pair]:
                    low, high = min(low, paid), max(high, paid)
                elif paid != most:
                    least = min(least, paid)
                    if paid > most:
                        most, second = paid, most
                    else:
                        second = max(second, paid)
    found[0], found[1], found[2], found[3], found[4] = low, high, min(least, most), most, second


def count_ways(next_state: Flat, kept: Flat, begin: Flat) -> None:
    """Counts into `begin` [S + 1] the kept entries that lead to each state, added up."""
    for place in range(len(next_state)):
        if kept[place]:
            begin[next_state[place] + 1] += 1
    for state in range(1, len(begin)):
        begin[state] += begin[state - 1]


def list_ways(next_state: Flat, kept: Flat, end: Flat, before: Flat) -> None:
    """Fills `before` with the kept entries that lead to each state; `end` [S] falls to where those of each begin."""
    for place in range(len(next_state) - 1, -1, -1):
        if kept[place]:
            last = end[next_state[place]] - 1
            end[next_state[place]] = last
            before[last] = place


def ways(next_state: Flat, kept: Flat, states: int) -> tuple[Actions, Actions]:
    """(begin [S + 1], before): the kept entries that lead to s are in before[begin[s] : begin[s + 1]]."""
    kind: Any = np.int32 if len(next_state) < 2**31 else np.int64
    begin = np.zeros(states + 1, kind)
    kernel(count_ways)(next_state, kept, begin)
    before, end = np.empty(int(begin[-1]), kind), begin[1:].copy()
    kernel(list_ways)(next_state, kept, end, before)
    return begin, before


def spread(
    reward: Flat, ends: Flat, available: Flat, closed: Flat, best: float, begin: Flat, before: Flat, distance: Flat,
    action: Flat, queue: Flat,
) -> None:  # fmt: skip
    """Fills the distances [S] and the actions that go there [S].

    The distance is 0 of a state that is over, 1 where an action ends for `best`, and grows from there backwards; where
    no way is, -1 stays.
    """
    actions = len(reward) // len(distance)
    done, count = 0, 0
    for state in range(len(distance)):
        if closed[state]:
            distance[state] = 0
            continue
        for pair in range(state * actions, (state + 1) * actions):
            if ends[pair] and available[pair] and reward[pair] == best:
                distance[state], action[state] = 1, pair - state * actions
                queue[count] = state
                count += 1
                break
    while done < count:
        state = queue[done]
        done += 1
        further = distance[state] + 1
        for place in range(begin[state], begin[state + 1]):
            other = before[place] // actions
            if distance[other] < 0:
                distance[other], action[other] = further, before[place] - other * actions
                queue[count] = other
                count += 1


def approach(
    allowed: Flat, may_end: Flat, width: int, begin: Flat, before: Flat, distance: Flat, action: Flat, queue: Flat
) -> None:
    """As `spread`, by the allowed actions [S * A] of any outcomes: the fewest steps in which an end may be reached.

    Args:
      may_end: [S * A], whether it may end the episode.
      begin, before: the outcomes [S * A * K] after which it goes on, as `ways` lists them.
    """
    actions = len(allowed) // len(distance)
    done, count = 0, 0
    for state in range(len(distance)):
        for pair in range(state * actions, (state + 1) * actions):
            if allowed[pair] and may_end[pair]:
                distance[state], action[state] = 1, pair - state * actions
                queue[count] = state
                count += 1
                break
    while done < count:
        state = queue[done]
        done += 1
        further = distance[state] + 1
        for place in range(begin[state], begin[state + 1]):
            pair = before[place] // width
            if not allowed[pair]:
                continue
            other = pair // actions
            if distance[other] < 0:
                distance[other], action[other] = further, pair - other * actions
                queue[count] = other
                count += 1
            elif distance[other] == further:  # the first of equals
                action[other] = min(action[other], pair - other * actions)
