# ruff: noqa: ARG001 - what a name stands for may need more arguments in another world or algorithm
"""The one loop in which every learner lives, from episode to episode and step to step.

It runs in three ways from this one source: in plain Python over lists, compiled over arrays, and in plain Python on the
real environment. All tables are flat sequences, which lists and arrays index alike: the place of an action is
`state * actions + action`. `bound` makes a copy of the loop in which names that mean something else in another way or
for another algorithm (`ALGORITHM'S` and `WORLD'S` below) mean that.

**Randomness** is a stream of uniform doubles that is handed in, and a cursor into it. A double is taken only where
there is a choice: several first states, several outcomes, exploring, equal values. So the same seed gives the same
episodes however the loop is run, on the real environment too where that is deterministic.

**Endings.** What terminates is worth nothing beyond its reward. What is cut off by the clock is worth what its state
is worth, and the update bootstraps from it.

Source: Sutton and Barto, Reinforcement Learning (2018), chapter 6; time limits as in Pardo and others (2018).
"""

from types import FunctionType
from typing import Any, NamedTuple

Flat = Any  # a list in Python, an array when compiled
MOST_DRAWS = 6  # doubles that one turn of the loop may take, at most


class Knobs(NamedTuple):
    """The hyper-parameters, as the loop takes them."""

    discount: float
    step_size: float
    step_size_power: float
    epsilon: float
    epsilon_final: float
    epsilon_span: float  # episodes over which epsilon falls
    random_ties: bool


class World(NamedTuple):
    """A finite model as flat sequences. A pair is `state * actions + action`; its outcomes start at `pair * width`."""

    width: int
    outcomes: Flat  # [S * A], how many the pair has
    next_state: Flat  # [S * A * K]
    cumulative: Flat  # [S * A * K], the last outcome's and all behind it above 1
    reward: Flat  # [S * A * K]
    terminated: Flat  # [S * A * K]
    starts: Flat
    start_cumulative: Flat
    horizon: int
    choices: Flat  # [S * A], the available actions of each state first; empty where all are
    choice_count: Flat  # [S]


class Tables(NamedTuple):
    """What is learnt. `q` is what the agent acts upon; `memory` is the algorithm's own; `visits` counts updates."""

    q: Flat  # [S * A]
    memory: Flat  # [S * A * the algorithm's memory]
    visits: Flat  # [S * A]


class Diary(NamedTuple):
    """Where the loop stands, so that it can go on from there, and what has happened so far."""

    clock: Flat  # [7], see below
    total: Flat  # [1], the return so far of the episode that is being played
    row: int  # episodes that make one row of the two columns below
    returns: Flat  # [N], the sum of their returns
    steps: Flat  # [N], steps from the beginning to their end


STATE, ACTION, STEP, EPISODE, STEPS, CURSOR, CUT = range(7)  # places in Diary.clock; CUT counts truncated episodes

# ALGORITHM'S: given by its own file.
ON_POLICY = False  # whether the next action is chosen before the update, which then learns from it
LUCKY = False  # whether the update takes a random number


def update(
    q: Any, memory: Any, place: int, reward: float, following: int, chosen: int, actions: int, discount: float,
    size: float, luck: float,
) -> None:  # fmt: skip
    """One lesson.

    Args:
      place: of the action taken, in `q`.
      following: the place of the next state's first action; -1 if the episode terminated.
      chosen: the place of the next action, where the algorithm is on-policy and goes on; else -1.
      size: of the step towards the target.
      luck: uniform in [0, 1) where the algorithm is lucky; else 0.
    """
    raise NotImplementedError("each algorithm brings its own; see envkit.tabular.solvers")


# WORLD'S: as here on a model; envkit.tabular.live has those of the real environment.


def begin(world: Any, draws: Any, cursor: int) -> tuple[int, int]:
    """The first state of an episode, and the cursor."""
    if len(world.starts) == 1:
        return world.starts[0], cursor
    return world.starts[drawn(world.start_cumulative, 0, len(world.starts), draws[cursor])], cursor + 1


def advance(
    world: Any, pair: int, action: int, step: int, draws: Any, cursor: int
) -> tuple[int, float, bool, bool, int]:
    """What an action leads to: (next state, reward, terminated, truncated, cursor)."""
    outcome = pair * world.width
    if world.outcomes[pair] > 1:
        outcome = drawn(world.cumulative, outcome, outcome + world.outcomes[pair], draws[cursor])
        cursor += 1
    return (
        world.next_state[outcome],
        world.reward[outcome],
        world.terminated[outcome],
        step + 1 >= world.horizon,
        cursor,
    )


# The same everywhere.


def drawn(cumulative: Any, low: int, high: int, luck: float) -> int:
    """The first index in low..high whose cumulative probability is above `luck`."""
    while low < high - 1:
        middle = (low + high - 1) // 2
        if cumulative[middle] > luck:
            high = middle + 1
        else:
            low = middle + 1
    return low


def highest(q: Flat, row: int, actions: int) -> Any:
    """The largest of the values of one state, whose first is at `row`."""
    best = q[row]
    for place in range(row + 1, row + actions):
        if q[place] > best:
            best = q[place]
    return best


def choose(
    world: Any, q: Any, state: int, actions: int, epsilon: float, random_ties: bool, draws: Any, cursor: int
) -> tuple[int, int]:
    """An action, greedy but for a chance of epsilon, and the cursor."""
    row = state * actions
    if epsilon > 0.0:
        luck = draws[cursor] / epsilon
        cursor += 1
        if luck < 1.0:  # and then uniform below 1, so it serves for the choice as well
            if len(world.choices) == 0:
                return int(luck * actions), cursor
            return world.choices[row + int(luck * world.choice_count[state])], cursor
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


def play(world: Any, tables: Tables, knobs: Knobs, actions: int, diary: Diary, draws: Flat, episodes: int) -> None:
    """Plays and learns until so many episodes are over or `draws` run short; the diary is brought up to date."""
    q, memory, visits = tables
    clock = diary.clock
    state, action, step = clock[STATE], clock[ACTION], clock[STEP]
    episode, steps, cursor = clock[EPISODE], clock[STEPS], clock[CURSOR]
    total, last = diary.total[0], len(draws) - MOST_DRAWS
    epsilon = scheduled(knobs, episode)
    while episode < episodes and cursor <= last:
        if step == 0:
            epsilon = scheduled(knobs, episode)
            state, cursor = begin(world, draws, cursor)
            action, cursor = choose(world, q, state, actions, epsilon, knobs.random_ties, draws, cursor)
        pair = state * actions + action
        state, reward, terminated, truncated, cursor = advance(world, pair, action, step, draws, cursor)
        visits[pair] += 1
        size = knobs.step_size
        if knobs.step_size_power > 0.0:
            size *= float(visits[pair]) ** -knobs.step_size_power
        following, chosen, luck = -1, -1, 0.0
        if not terminated:
            following = state * actions
        if ON_POLICY and not terminated:
            action, cursor = choose(world, q, state, actions, epsilon, knobs.random_ties, draws, cursor)
            chosen = following + action
        if LUCKY:
            luck = draws[cursor]
            cursor += 1
        update(q, memory, pair, reward, following, chosen, actions, knobs.discount, size, luck)
        total += reward
        steps += 1
        step += 1
        if terminated or truncated:
            diary.returns[episode // diary.row] += total
            diary.steps[episode // diary.row] = steps
            total, step = 0.0, 0
            if not terminated:
                clock[CUT] += 1
            episode += 1
        elif not ON_POLICY:
            action, cursor = choose(world, q, state, actions, epsilon, knobs.random_ties, draws, cursor)
    clock[STATE], clock[ACTION], clock[STEP] = state, action, step
    clock[EPISODE], clock[STEPS], clock[CURSOR] = episode, steps, cursor
    diary.total[0] = total


def scheduled(knobs: Knobs, episode: int) -> float:
    """Epsilon in an episode: it falls in a straight line over the span, and stays."""
    if episode >= knobs.epsilon_span:
        return knobs.epsilon_final
    return knobs.epsilon + (knobs.epsilon_final - knobs.epsilon) * (episode / knobs.epsilon_span)


def bound(function: Any, names: dict[str, Any]) -> Any:
    """A copy of the Python function in which global names mean what `names` says."""
    return FunctionType(function.__code__, {**function.__globals__, **names}, function.__name__, function.__defaults__)
