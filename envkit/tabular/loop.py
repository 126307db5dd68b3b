# ruff: noqa: ARG001 - what a name stands for may need more arguments in another world or algorithm
"""The one loop in which every learner lives, from episode to episode and step to step.

It runs in three ways from this one source: in plain Python over lists, compiled over arrays, and in plain Python on the
real environment. All tables are flat sequences, which lists and arrays index alike: the place of an action is
`state * actions + action`, and the row of a state is the place of its first action. `bound` makes a copy of the loop in
which names that mean something else in another way, for another algorithm or another behaviour mean that.

**Randomness** is a stream of uniform doubles that is handed in, and a cursor into it. A double is taken only where
there is a choice: several first states, several outcomes, exploring, equal values. So the same seed gives the same
episodes however the loop is run, on the real environment too where that is deterministic.

**Endings.** What terminates is worth nothing beyond its reward. What is cut off by the clock is worth what its state
is worth, and the update bootstraps from it.

Source: Sutton and Barto, Reinforcement Learning (2018), chapter 6; time limits as in Pardo and others (2018).
"""

from types import FunctionType
from typing import Any, NamedTuple

from envkit.core.schedule import EPISODES, STEPS, VISITS, value_at

Flat = Any  # a list in Python, an array when compiled
WHOLE = 2**32 - 1  # the largest number that a state or an action may have
WORLD_DRAWS = 6  # doubles that one turn of the loop may take at most, beside those of the algorithm itself


class Knobs(NamedTuple):
    """The hyper-parameters, as the loop takes them; schedules are given by their rows and the unit of their clock."""

    discount: float
    step_size: Flat
    step_size_unit: int
    exploration: Flat  # epsilon, temperature or bonus, by the behaviour
    exploration_unit: int
    own: Flat  # of the algorithm, in the order of its settings
    random_ties: bool
    most_draws: int


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
    """What is learnt, and what an algorithm keeps for it; how much of the latter it declares (`course.Algorithm`)."""

    q: Flat  # [S * A], what the agent acts upon; -inf where an action is not available
    visits: Flat  # [S * A]
    twins: Flat  # [S * A * n], as `q` at first
    numbers: Flat  # [S * A * n], zero at first
    links: Flat  # [S * A * n], whole numbers, -1 at first
    reals: Flat  # some, zero at first; the episode's own
    counts: Flat  # some whole ones, zero at first


class Diary(NamedTuple):
    """Where the loop stands, so that it can go on from there, and what has happened so far."""

    clock: Flat  # [7], see below
    total: Flat  # [1], the return so far of the episode that is being played
    row: int  # episodes that make one row of the two columns below
    returns: Flat  # [N], the sum of their returns
    steps: Flat  # [N], steps from the beginning to their end


STATE, ACTION, STEP, EPISODE, STEPS_DONE, CURSOR, CUT = range(7)  # places in Diary.clock; CUT counts truncated episodes

# CONSTANTS of the model and the settings, by which the compiler unrolls loops and leaves out what never happens.

ACTIONS = 0  # how many there are; 0 where they are too many to unroll loops over them
SURE = False  # whether every action has one outcome only
RANDOM_TIES = True
STEP_SIZE_UNIT, EXPLORATION_UNIT = EPISODES, EPISODES

# ALGORITHM'S: given by its own file.
ON_POLICY = False  # whether the next action is chosen before the update, which then learns from it


def update(
    tables: Tables, knobs: Knobs, place: int, reward: float, following: int, chosen: int, ended: bool, actions: int,
    size: float, exploration: float, draws: Flat, cursor: int,
) -> int:  # fmt: skip
    """One lesson; returns the cursor.

    Args:
      place: of the action taken.
      following: the row of the next state; -1 if the episode terminated.
      chosen: the place of the next action, where the algorithm is on-policy and nothing has terminated; else -1.
      ended: whether the episode is over, terminated or truncated.
      size: of the step towards the target.
      exploration: epsilon, temperature or bonus by now.
    """
    raise NotImplementedError("each algorithm brings its own; see envkit.tabular.solvers")


# BEHAVIOUR'S: see envkit.tabular.behaviours.


def choose(
    world: Any, tables: Tables, state: int, actions: int, exploration: float, random_ties: bool, draws: Flat,
    cursor: int,
) -> tuple[int, int]:  # fmt: skip
    """An action, and the cursor."""
    raise NotImplementedError("each behaviour brings its own; see envkit.tabular.behaviours")


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
    outcome = pair if SURE else pair * world.width
    if not SURE and world.outcomes[pair] > 1:
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
    """The largest of the values of one state."""
    best = q[row]
    for place in range(row + 1, row + actions):
        if q[place] > best:
            best = q[place]
    return best


def sized(knobs: Knobs, tables: Tables, place: int, size: float) -> float:
    """The step size for a place other than the one just left: its own where the visits count, else `size`."""
    if knobs.step_size_unit == VISITS:
        return float(value_at(knobs.step_size, max(tables.visits[place] - 1, 0)))
    return size


def play(world: Any, tables: Tables, knobs: Knobs, actions: int, diary: Diary, draws: Flat, episodes: int) -> None:
    """Plays and learns until so many episodes are over or `draws` run short; the diary is brought up to date."""
    if ACTIONS > 0:
        actions = ACTIONS
    clock = diary.clock
    # That they are not below 0 the compiler would not know, and look for indices from the end: 12 % of the time.
    state, action, step = clock[STATE] & WHOLE, clock[ACTION] & WHOLE, clock[STEP]
    episode, steps, cursor = clock[EPISODE], clock[STEPS_DONE], clock[CURSOR]
    total, last = diary.total[0], len(draws) - knobs.most_draws
    size = value_at(knobs.step_size, steps if STEP_SIZE_UNIT == STEPS else episode)
    exploration = value_at(knobs.exploration, steps if EXPLORATION_UNIT == STEPS else episode)
    slot = episode // diary.row  # the row of the diary, and the episode that begins the next one: no division a time
    turn = (slot + 1) * diary.row
    while episode < episodes and cursor <= last:
        if step == 0:
            if STEP_SIZE_UNIT == EPISODES:
                size = value_at(knobs.step_size, episode)
            if EXPLORATION_UNIT == EPISODES:
                exploration = value_at(knobs.exploration, episode)
            state, cursor = begin(world, draws, cursor)
            action, cursor = choose(world, tables, state, actions, exploration, RANDOM_TIES, draws, cursor)
        pair = state * actions + action
        state, reward, terminated, truncated, cursor = advance(world, pair, action, step, draws, cursor)
        if STEP_SIZE_UNIT == VISITS:
            size = value_at(knobs.step_size, tables.visits[pair])
        elif STEP_SIZE_UNIT == STEPS:
            size = value_at(knobs.step_size, steps)
        if EXPLORATION_UNIT == STEPS:
            exploration = value_at(knobs.exploration, steps + 1)
        tables.visits[pair] += 1
        following, chosen = -1, -1
        if not terminated:
            following = state * actions
        if ON_POLICY and not terminated:
            action, cursor = choose(world, tables, state, actions, exploration, RANDOM_TIES, draws, cursor)
            chosen = following + action
        ended = terminated or truncated
        cursor = update(
            tables, knobs, pair, reward, following, chosen, ended, actions, size, exploration, draws, cursor
        )
        total += reward
        steps += 1
        step += 1
        if ended:
            diary.returns[slot] += total
            diary.steps[slot] = steps
            total, step = 0.0, 0
            if not terminated:
                clock[CUT] += 1
            episode += 1
            if episode == turn:
                slot += 1
                turn += diary.row
        elif not ON_POLICY:
            action, cursor = choose(world, tables, state, actions, exploration, RANDOM_TIES, draws, cursor)
    clock[STATE], clock[ACTION], clock[STEP] = state, action, step
    clock[EPISODE], clock[STEPS_DONE], clock[CURSOR] = episode, steps, cursor
    diary.total[0] = total


def bound(function: Any, names: dict[str, Any]) -> Any:
    """A copy of the Python function in which global names mean what `names` says."""
    code, known = function.__code__, {**function.__globals__, **names}
    return FunctionType(code, known, function.__name__, function.__defaults__, function.__closure__)
