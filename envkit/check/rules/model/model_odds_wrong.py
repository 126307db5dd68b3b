"""Something happens more or less often than the environment's own finite model says.

Why: what is planned on the model is played in the environment; an exact solution of another game is wrong, and nothing
else would tell, for each single step is one that the model knows.

Fails:

    class Env(gym.Env):
        def __init__(self):
            self.observation_space, self.action_space = gym.spaces.Discrete(3), gym.spaces.Discrete(2)
            self.initial_state_distrib = np.array([1.0, 0.0, 0.0])
            self.P = {s: {a: [(0.8, min(s + a, 2), 1.0, s + a >= 2), (0.2, s, 1.0, False)] for a in (0, 1)}
                      for s in range(3)}
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.place, self.steps = 0, 0
            return 0, {}
        def step(self, action):
            self.steps += 1
            if self.np_random.random() < 0.5:  # P says 0.8
                self.place = min(self.place + int(action), 2)
            return self.place, 1.0, self.place == 2, self.steps >= 30, {}

Passes:

    class Env(gym.Env):
        def __init__(self):
            self.observation_space, self.action_space = gym.spaces.Discrete(3), gym.spaces.Discrete(2)
            self.initial_state_distrib = np.array([1.0, 0.0, 0.0])
            self.P = {s: {a: [(0.8, min(s + a, 2), 1.0, s + a >= 2), (0.2, s, 1.0, False)] for a in (0, 1)}
                      for s in range(3)}
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.place, self.steps = 0, 0
            return 0, {}
        def step(self, action):
            self.steps += 1
            if self.np_random.random() < 0.8:
                self.place = min(self.place + int(action), 2)
            return self.place, 1.0, self.place == 2, self.steps >= 30, {}

Limits: environments with mdp(), or with toy-text's P and initial_state_distrib, whose model leaves something to chance.
Compared are the first states, every action in every state, and the first, second, ... outcome of all rows together, on
the longest run without a seed in between. A difference is told where chance would show it once in a thousand million
checks: one of a tenth takes some thousands of steps. Rows of more than 64 outcomes are left out.
Source: Gymnasium toy_text: P[state][action] = [(probability, next state, reward, terminated)].
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np

from envkit.check.judging.odds import Count
from envkit.check.judging.transitions import Move, Reader
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.modelled import Modelled
from envkit.core.mdp import MDP
from envkit.core.trace import Trace, is_true

FIX = "write the odds of the game once, and let both step and the model use them"
CHANCE = 1e-9  # that a sound environment is told anything, in one check
MOST_OUTCOMES = 64  # of a row that is looked at
MOST_PLACES = 8  # of them that are compared over all rows together
FEW = 5  # episodes that should have begun in a state before it matters that none did
Key = TypeVar("Key")


@dataclass(frozen=True)
class Outcome:
    """What a row of the model knows: the next state, and the reward and the end where those tell it from others."""

    following: int
    reward: float | None
    terminated: bool | None


class Opening(NamedTuple):
    """How a program begins, and how it reads the number of a state off an observation."""

    lines: str
    read: str


@dataclass
class Ledger:
    """What was counted: of first states, of outcomes by state and action, and by their place in their row."""

    starts: dict[int, Count] = field(default_factory=dict)
    pairs: dict[tuple[int, int, Outcome], Count] = field(default_factory=dict)
    places: dict[int, Count] = field(default_factory=dict)

    @property
    def bar(self) -> float:
        """The surprise from which on a count is told."""
        counted = len(self.starts) + len(self.pairs) + len(self.places)
        return math.log(max(counted, 1) / CHANCE)


def check(modelled: Modelled) -> Iterator[Finding]:
    reader = Reader.of(modelled)
    if reader is None or not modelled.long:
        return
    ledger, steps = counted(reader, modelled.long), len(modelled.long.steps)
    mdp, opening = reader.model.mdp, _opening(modelled, named=reader.model.state_of is not None)
    start = _worst(ledger.starts, ledger.bar)
    if start is not None:
        said = f"episodes begin in state {mdp.state_name(start)}: {_text(ledger.starts[start])}"
        yield Finding(said, FIX, "env.reset", _start_program(opening, start), kind="start")
    pair, place = _worst(ledger.pairs, ledger.bar), _worst(ledger.places, ledger.bar)
    if pair is not None:
        said = f"{_told(mdp, pair)}: {_text(ledger.pairs[pair])}"
        yield Finding(said, FIX, "env.step", _pair_program(opening, steps, pair), kind="odds")
    elif place is not None:
        which = f"outcome {place + 1} of each row of the model"
        said = f"over all states and actions, {which} happened {_text(ledger.places[place])}"
        yield Finding(said, FIX, "env.step", _place_program(opening, steps, place), kind="odds")


def counted(reader: Reader, trace: Trace) -> Ledger:
    """What the record shows; single steps that the model calls impossible are another rule's."""
    mdp = reader.model.mdp
    ledger = Ledger(_starts(mdp, [state for _, state, _ in reader.starts(trace)]))
    rows: dict[tuple[int, int], dict[Outcome, tuple[float, list[int]]]] = {}
    for move in reader.moves(trace):
        row = move.state, move.action
        if row not in rows:
            rows[row] = _outcomes(mdp, *row)
        for outcome, (chance, places) in rows[row].items():
            happened = _is(outcome, move)
            ledger.pairs.setdefault((*row, outcome), Count()).add(chance, happened=happened)
            for place in places:
                ledger.places.setdefault(place, Count()).add(chance, happened=happened)
    return ledger


def _starts(mdp: MDP, seen: list[int]) -> dict[int, Count]:
    """Of the states that episodes can begin in, those that one began in, and those that many should have begun in."""
    times, tried = Counter(seen), len(seen)
    if (mdp.start > 0).sum() < 2:
        return {}
    told = {*times, *np.flatnonzero(mdp.start * tried >= FEW).tolist()}
    chances = {state: float(mdp.start[state]) for state in told if 0 <= state < mdp.num_states and mdp.start[state]}
    return {state: Count(tried, times[state], p * tried, p * (1 - p) * tried) for state, p in chances.items()}


def _outcomes(mdp: MDP, state: int, action: int) -> dict[Outcome, tuple[float, list[int]]]:
    """What can happen, with its probability and its places in the row; outcomes that are the same are one.

    Nothing where the model has no such row, where it leaves nothing to chance, or too much.
    """
    if not (0 <= state < mdp.num_states and 0 <= action < mdp.num_actions and mdp.available[state, action]):
        return {}
    row = state, action
    known = np.flatnonzero(mdp.probability[row] > 0)
    if not 2 <= len(known) <= MOST_OUTCOMES:
        return {}
    places: dict[tuple[int, float, bool], list[int]] = {}
    for k in known:
        what = (int(mdp.next_state[row][k]), float(mdp.reward[row][k]), bool(mdp.terminated[row][k]))
        places.setdefault(what, []).append(int(k))
    states = [state for state, _, _ in places]
    paid = [(state, reward) for state, reward, _ in places]
    outcomes = {}
    for (state, reward, over), found in places.items():
        told = Outcome(
            state,
            reward if states.count(state) > 1 else None,
            over if paid.count((state, reward)) > 1 else None,
        )
        outcomes[told] = min(float(mdp.probability[row][found].sum()), 1.0), found[:MOST_PLACES]
    return outcomes


def _is(outcome: Outcome, move: Move) -> bool:
    paid = outcome.reward is None or math.isclose(float(move.step.reward), outcome.reward, rel_tol=1e-5, abs_tol=1e-6)
    over = outcome.terminated is None or is_true(move.step.terminated) == outcome.terminated
    return move.following == outcome.following and paid and over


def _worst(counts: dict[Key, Count], bar: float) -> Key | None:
    """What surprises most, and more than the bar."""
    told = [(count.surprise(), key) for key, count in counts.items() if count.surprise() > bar]
    return max(told, key=lambda pair: pair[0])[1] if told else None


def _text(count: Count) -> str:
    share, expected = count.happened / count.tried, count.expected / count.tried
    return (
        f"{count.happened:,} times of {count.tried:,}, a share of {share:.3g}, where the model's {expected:.3g} "
        f"would make {count.expected:,.0f}"
    )


def _told(mdp: MDP, pair: tuple[int, int, Outcome]) -> str:
    state, action, outcome = pair
    paid = "" if outcome.reward is None else f" and paid {outcome.reward:g}"
    over = "" if outcome.terminated is None else f" with terminated={outcome.terminated}"
    where = f"in state {mdp.state_name(state)}, action {mdp.action_name(action)}"
    return f"{where} led to state {mdp.state_name(outcome.following)}{paid}{over}"


def _opening(modelled: Modelled, *, named: bool) -> Opening:
    read = "env.unwrapped.state_of(observation)" if named else "int(observation)"
    return Opening(f"import numpy as np\n\nimport envkit\n\nenv, mdp = {modelled.make}, {modelled.ask}\n", read)


def _start_program(opening: Opening, state: int) -> str:
    return (
        f"{opening.lines}happened = 0\nfor episode in range(2000):\n"
        f"    observation, _ = env.reset(seed=None if episode else 0)\n    happened += {opening.read} == {state}\n"
        f"print(happened / 2000, mdp.start[{state}])"
    )


def _pair_program(opening: Opening, steps: int, pair: tuple[int, int, Outcome]) -> str:
    state, action, outcome = pair
    told = f"following == {outcome.following}"
    odds = f"mdp.next_state[{state}, {action}] == {outcome.following}"
    if outcome.reward is not None:
        told += f" and np.isclose(reward, {outcome.reward!r})"
        odds = f"({odds}) & np.isclose(mdp.reward[{state}, {action}], {outcome.reward!r})"
    if outcome.terminated is not None:
        told += f" and terminated == {outcome.terminated}"
        odds = f"({odds}) & (mdp.terminated[{state}, {action}] == {outcome.terminated})"
    body = f"    if (state, action) == ({state}, {action}):\n        tried += 1\n        happened += {told}\n"
    ending = f"same = {odds}\nprint(happened / tried, mdp.probability[{state}, {action}][same].sum())"
    return _played(opening, steps, "tried = happened = 0", body, ending)


def _place_program(opening: Opening, steps: int, place: int) -> str:
    body = (
        f"    odds, states = mdp.probability[state, action], mdp.next_state[state, action]\n"
        f"    rewards, ends = mdp.reward[state, action], mdp.terminated[state, action]\n"
        f"    if odds[{place}]:\n"
        f"        same = (states == states[{place}]) & np.isclose(rewards, rewards[{place}])\n"
        f"        expected += odds[same & (ends == ends[{place}])].sum()\n"
        f"        came = following == states[{place}] and np.isclose(reward, rewards[{place}])\n"
        f"        happened += came and terminated == ends[{place}]\n"
    )
    return _played(opening, steps, "happened = expected = 0", body, "print(happened, expected)")


def _played(opening: Opening, steps: int, counts: str, body: str, ending: str) -> str:
    lines = opening.lines.replace("import envkit\n", "import envkit\nfrom envkit.core.finite import value\n")
    return (
        f"{lines}rng = np.random.default_rng(0)\n{counts}\nobservation, _ = env.reset(seed=0)\n"
        f"for _ in range({steps}):\n"
        f"    state = {opening.read}\n    action = int(rng.choice(np.flatnonzero(mdp.available[state])))\n"
        f"    observation, reward, terminated, truncated, _ = env.step(value(env.action_space, action))\n"
        f"    following = {opening.read}\n{body}"
        f"    if terminated or truncated:\n        observation, _ = env.reset()\n{ending}"
    )


RULE = Rule(
    "EK918", "model-odds-wrong", Severity.ERROR, check, whole=True, symptom_of=("EK911", "EK2", "EK3", "EK5")
)  # fmt: skip
