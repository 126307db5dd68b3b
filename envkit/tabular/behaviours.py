# ruff: noqa: ARG001 - every behaviour is given the same, whatever it needs of it
"""How a learner chooses its actions: greedily but for some exploring, which is done in one of three ways.

    epsilon-greedy  any action, with probability epsilon
    softmax         each action in proportion to exp(value / temperature); Boltzmann exploration
    ucb             the largest value + bonus * sqrt(ln(visits of the state) / visits of the action), untried ones first

Each comes with `expected`, what the next state is worth under it, from which expected SARSA learns.

Source: Sutton and Barto, Reinforcement Learning (2018), sections 2.2, 2.7 and 13.1; Auer, Cesa-Bianchi and Fischer,
"Finite-time analysis of the multiarmed bandit problem" (2002).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from envkit.tabular.loop import Flat, Tables, highest


@dataclass(frozen=True)
class Behaviour:
    """A way to choose.

    Args:
      knob: the setting that says how much it explores.
      choose: see `loop.choose`.
      expected: (tables, row, actions, exploration) -> what the state of that row is worth.
    """

    name: str
    knob: str
    choose: Callable[..., Any]
    expected: Callable[..., Any]


def greedy(q: Flat, row: int, actions: int, random_ties: bool, draws: Flat, cursor: int) -> tuple[int, int]:
    """The action of the largest value, and the cursor."""
    best, value, equals = 0, q[row], 1
    for action in range(1, actions):
        other = q[row + action]
        if other > value:
            best, value, equals = action, other, 1
        elif other == value:
            equals += 1
    if equals > 1 and random_ties:
        skip = int(draws[cursor] * equals)
        cursor += 1
        while skip > 0:
            best += 1
            if q[row + best] == value:
                skip -= 1
    return best, cursor


def choose_epsilon_greedy(
    world: Any, tables: Tables, state: int, actions: int, exploration: float, random_ties: bool, draws: Flat,
    cursor: int,
) -> tuple[int, int]:  # fmt: skip
    if exploration > 0.0:
        luck = draws[cursor]
        cursor += 1
        if luck < exploration:
            # What is below epsilon is uniform there, so it serves for the choice as well.
            if len(world.choices) > 0:
                return world.choices[state * actions + int(luck / exploration * world.choice_count[state])], cursor
            chosen = 0
            for action in range(1, actions):  # compares, for a division would be waited for: 3 % of a whole experiment
                if luck * actions >= action * exploration:
                    chosen += 1
            return chosen, cursor
    return greedy(tables.q, state * actions, actions, random_ties, draws, cursor)


def expected_epsilon_greedy(tables: Tables, row: int, actions: int, exploration: float) -> float:
    total, offered = 0.0, 0
    for place in range(row, row + actions):
        if tables.q[place] > -math.inf:
            total += tables.q[place]
            offered += 1
    best: float = highest(tables.q, row, actions)
    return best if exploration <= 0.0 else (1.0 - exploration) * best + exploration * (total / offered)


def choose_softmax(
    world: Any, tables: Tables, state: int, actions: int, exploration: float, random_ties: bool, draws: Flat,
    cursor: int,
) -> tuple[int, int]:  # fmt: skip
    row, q = state * actions, tables.q
    if exploration <= 0.0:
        return greedy(q, row, actions, random_ties, draws, cursor)
    best, total = highest(q, row, actions), 0.0
    for place in range(row, row + actions):
        total += math.exp((q[place] - best) / exploration)
    left, chosen = draws[cursor] * total, 0
    for action in range(actions):
        weight = math.exp((q[row + action] - best) / exploration)
        if weight > 0.0:
            chosen = action  # the last one takes what rounding leaves
            left -= weight
            if left < 0.0:
                break
    return chosen, cursor + 1


def expected_softmax(tables: Tables, row: int, actions: int, exploration: float) -> float:
    best = highest(tables.q, row, actions)
    if exploration <= 0.0:
        return float(best)
    total, weighted = 0.0, 0.0
    for place in range(row, row + actions):
        weight = math.exp((tables.q[place] - best) / exploration)
        if weight > 0.0:
            total += weight
            weighted += weight * tables.q[place]
    return weighted / total


def choose_ucb(
    world: Any, tables: Tables, state: int, actions: int, exploration: float, random_ties: bool, draws: Flat,
    cursor: int,
) -> tuple[int, int]:  # fmt: skip
    row, q, visits = state * actions, tables.q, tables.visits
    if exploration <= 0.0:
        return greedy(q, row, actions, random_ties, draws, cursor)
    seen = 0
    for place in range(row, row + actions):
        seen += visits[place]
    best, value, equals = -1, -math.inf, 0
    for action in range(actions):
        if q[row + action] == -math.inf:
            continue
        score = promise(q[row + action], visits[row + action], seen, exploration)
        if best < 0 or score > value:
            best, value, equals = action, score, 1
        elif score == value:
            equals += 1
    if equals > 1 and random_ties:
        skip = int(draws[cursor] * equals)
        cursor += 1
        while skip > 0:
            best += 1
            place = row + best
            if q[place] > -math.inf and promise(q[place], visits[place], seen, exploration) == value:
                skip -= 1
    return best, cursor


def promise(value: float, visits: int, seen: int, bonus: float) -> float:
    """What an action may be worth at best; all that were never tried promise the same."""
    return math.inf if visits == 0 else value + bonus * math.sqrt(math.log(seen) / visits)


def expected_ucb(tables: Tables, row: int, actions: int, exploration: float) -> float:
    seen = 0
    for place in range(row, row + actions):
        seen += tables.visits[place]
    total, equals, most = 0.0, 0, -math.inf
    for place in range(row, row + actions):
        if tables.q[place] == -math.inf:
            continue
        score = tables.q[place]
        if exploration > 0.0:
            score = promise(tables.q[place], tables.visits[place], seen, exploration)
        if equals == 0 or score > most:
            most, equals, total = score, 1, tables.q[place]
        elif score == most:
            equals += 1
            total += tables.q[place]
    return total / equals


BEHAVIOURS = {
    behaviour.name: behaviour
    for behaviour in (
        Behaviour("epsilon-greedy", "epsilon", choose_epsilon_greedy, expected_epsilon_greedy),
        Behaviour("softmax", "temperature", choose_softmax, expected_softmax),
        Behaviour("ucb", "bonus", choose_ucb, expected_ucb),
    )
}
