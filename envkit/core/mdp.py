"""Finite Markov decision processes as arrays.

Every state has the same number A of actions, and every pair (state, action) up to K outcomes; unused places have
probability 0 and repeat a valid state. An outcome may terminate, and then nothing follows it: the value behind it is 0
whatever state it names. A time limit is no part of the state: `horizon` truncates after so many steps.

Source: Puterman, Markov Decision Processes (1994), chapter 2; outcome triples as in Sutton and Barto (2018), eq. 3.2.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from envkit.core.errors import UsageError

TOLERANCE = 1e-9
BYTES_AN_OUTCOME = 25  # state, probability, reward and whether it ends
LARGEST_REWARD = 1e100  # returns are squared, and the squares of much larger ones would overflow
PYTHONS = 200  # bytes of an outcome as objects of Python, while a model is built from them


class ModelError(UsageError):
    """The arrays are no model: the message names the first bad row and how many are like it."""


class Outcome(NamedTuple):
    """One thing that may happen: with this probability, to this state, for this reward, and whether it ends there."""

    probability: float
    state: Hashable
    reward: float
    terminated: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class MDP:
    """A checked finite model. It keeps the arrays, or copies in C order of those in another, and forbids writing.

    Args:
      next_state: int64 [S, A, K].
      probability: float64 [S, A, K]; each row of an available action sums to 1.
      reward: float64 [S, A, K], finite, and smaller than LARGEST_REWARD in size.
      terminated: bool [S, A, K].
      available: bool [S, A]; every state offers at least one action.
      start: float64 [S], the distribution of the first state.
      horizon: steps after which an episode is truncated; None for no limit.
      state_names, action_names: what people call them; numbers where not given.
      states: what the author calls them, where the model was built from outcomes.

    Raises:
      ModelError: where any of this does not hold.
    """

    next_state: npt.NDArray[np.int64]
    probability: npt.NDArray[np.float64]
    reward: npt.NDArray[np.float64]
    terminated: npt.NDArray[np.bool_]
    available: npt.NDArray[np.bool_]
    start: npt.NDArray[np.float64]
    horizon: int | None = None
    state_names: Sequence[str] = ()
    action_names: Sequence[str] = ()
    states: Sequence[Hashable] = ()

    def __post_init__(self) -> None:
        _check_shapes(self)
        _check_rows(self)
        if self.horizon is not None and not (isinstance(self.horizon, int | np.integer) and self.horizon >= 1):
            raise ModelError(f"horizon is {self.horizon}, not a whole number of steps, one at least")
        for name in ("next_state", "probability", "reward", "terminated", "available", "start"):
            array = np.ascontiguousarray(getattr(self, name))  # sweeps walk through it row by row
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __repr__(self) -> str:
        states, actions, outcomes = self.next_state.shape
        limit = "no time limit" if self.horizon is None else f"at most {self.horizon:,} steps"
        return f"<MDP: {states:,} states, {actions} actions, up to {outcomes} outcomes of each, {limit}>"

    @property
    def num_states(self) -> int:
        return int(self.next_state.shape[0])

    @property
    def num_actions(self) -> int:
        return int(self.next_state.shape[1])

    @cached_property
    def expected_reward(self) -> npt.NDArray[np.float64]:
        """float64 [S, A]."""
        return np.asarray(np.einsum("sak,sak->sa", self.probability, self.reward))

    @cached_property
    def continues(self) -> npt.NDArray[np.float64]:
        """float64 [S, A, K]: the probability of each outcome after which the episode goes on."""
        return np.where(self.terminated, 0.0, self.probability)

    @cached_property
    def unlimited(self) -> "MDP":
        """The same without a time limit."""
        return self if self.horizon is None else replace(self, horizon=None)

    @cached_property
    def is_deterministic(self) -> bool:
        """Whether every action has one outcome."""
        return self.probability.shape[2] == 1 or bool(((self.probability > 0).sum(axis=2) <= 1).all())

    @cached_property
    def reachable(self) -> npt.NDArray[np.bool_]:
        """bool [S]: the states that some policy visits with positive probability, the first ones included."""
        seen = self.start > 0
        frontier = np.flatnonzero(seen)
        possible = (self.continues > 0) & self.available[:, :, None]
        while len(frontier):
            following = np.unique(self.next_state[frontier][possible[frontier]])
            frontier = following[~seen[following]]
            seen[frontier] = True
        return seen

    def state_name(self, state: int) -> str:
        return self.state_names[state] if self.state_names else str(state)

    def action_name(self, action: int) -> str:
        return self.action_names[action] if self.action_names else str(action)

    def limited(self, steps: int | None) -> "MDP":
        """The same model, truncated after `steps` if that is sooner."""
        if steps is None or (self.horizon is not None and self.horizon <= steps):
            return self
        return replace(self, horizon=steps)

    @classmethod
    def from_outcomes(
        cls,
        starts: Iterable[tuple[float, Hashable]],
        outcomes: Callable[[Any, int], Iterable[Outcome]],
        num_actions: int,
        *,
        states: Sequence[Hashable] = (),
        name: Callable[[Any], str] = str,
        action_names: Sequence[str] = (),
        horizon: int | None = None,
        most_states: int = 2_000_000,
    ) -> "MDP":
        """Builds the model by asking for the outcomes of each state that can be reached.

        Args:
          starts: (probability, state) pairs.
          outcomes: (state, action) -> its outcomes; an empty answer means that the action is not available.
          states: an order for the states, complete; by default they are numbered as they are found.
          name: state -> what people call it.
          most_states: a guard against dynamics without an end.
        """
        check_room(len(states), num_actions, 1, beside=PYTHONS)
        index, rows = _explore(list(starts), outcomes, num_actions, states, most_states)
        width = max((len(row) for row in rows.values()), default=1)
        shape = (len(index), num_actions, width)
        check_room(*shape)
        next_state = np.zeros(shape, np.int64) + np.arange(len(index))[:, None, None]
        probability, reward = np.zeros(shape), np.zeros(shape)
        terminated = np.zeros(shape, bool)
        for (state, action), row in rows.items():
            for k, outcome in enumerate(row):
                place = (state, action, k)
                next_state[place] = index[outcome.state]
                probability[place], reward[place], terminated[place] = outcome.probability, outcome.reward, outcome[3]
        available = probability.sum(axis=2) > 0
        closed = ~available.any(axis=1)  # only ever reached by an outcome that terminates
        available[closed] = True
        probability[closed, :, 0], terminated[closed, :, 0] = 1.0, True
        start = np.zeros(len(index))
        for chance, first in starts:
            start[index[first]] += chance
        names = [name(state) for state in index]
        return cls(
            next_state, probability, reward, terminated, available, start, horizon, names, tuple(action_names), [*index]
        )

    @classmethod
    def from_matrices(
        cls,
        transition: npt.ArrayLike,
        reward: npt.ArrayLike,
        *,
        start: npt.ArrayLike | int = 0,
        terminal: npt.ArrayLike = (),
        available: npt.ArrayLike | None = None,
        horizon: int | None = None,
        state_names: Sequence[str] = (),
        action_names: Sequence[str] = (),
    ) -> "MDP":
        """Builds the model from the arrays that textbooks and other libraries use.

        Args:
          transition: float [S, A, S], the probability of each next state.
          reward: float [S], [S, A] or [S, A, S].
          start: the first state, or the distribution of it, float [S].
          terminal: states whose entering ends the episode.
          available: bool [S, A]; by default the pairs whose row is not all zero.
        """
        chances = np.asarray(transition, float)
        if chances.ndim != 3 or chances.shape[0] != chances.shape[2]:
            raise ModelError(f"transition has shape {chances.shape}, not [states, actions, states]")
        states, actions, _ = chances.shape
        width = max(1, int((chances != 0).sum(axis=2).max()))
        check_room(states, actions, width)
        following = np.argsort(chances == 0, axis=2, kind="stable")[:, :, :width]  # possible ones first
        paid = np.asarray(reward, float)
        if paid.shape not in ((states,), (states, actions), (states, actions, states)):
            shapes = f"[{states}], [{states}, {actions}] or [{states}, {actions}, {states}]"
            raise ModelError(f"reward has shape {list(paid.shape)}, not {shapes}")
        whole = np.broadcast_to(paid.reshape(paid.shape + (1,) * (3 - paid.ndim)), chances.shape)
        wrong = np.argwhere(~np.isfinite(whole) & (chances != 0))  # of an outcome that is none it does not matter
        if len(wrong):
            state, action, after = wrong[0].tolist()
            raise ModelError(
                f"reward of action {action} in state {state} on the way to {after} is {whole[state, action, after]:g}, "
                f"not a finite number; {len(wrong)} are like it"
            )
        strangers = [one for one in np.ravel(np.asarray(terminal, int)).tolist() if not 0 <= one < states]
        if strangers:
            raise ModelError(f"terminal has {strangers[0]}, not a state from 0 to {states - 1}")
        first = np.asarray(start)
        if first.ndim == 0:
            if not 0 <= int(first) < states:
                raise ModelError(f"start is {int(first)}, not a state from 0 to {states - 1}")
            first = np.eye(states)[int(first)]
        return cls(
            following,
            np.take_along_axis(chances, following, axis=2),
            np.take_along_axis(whole, following, axis=2),
            np.isin(following, np.asarray(terminal, int)),
            np.asarray(chances.any(axis=2) if available is None else available, bool),
            np.array(first, float),
            horizon,
            state_names,
            action_names,
        )

    @classmethod
    def from_table(
        cls,
        table: Mapping[int, Mapping[int, Sequence[tuple[float, int, float, bool]]]],
        start: npt.ArrayLike,
        *,
        horizon: int | None = None,
        action_names: Sequence[str] = (),
    ) -> "MDP":
        """Builds the model from a toy-text table: `P[state][action]` is a list of
        (probability, next state, reward, terminated), and `start` the `initial_state_distrib`."""
        start = np.asarray(start, float)
        actions = sorted({action for row in table.values() for action in row})
        if actions != list(range(len(actions))):
            raise ModelError(f"the actions of P are {actions}, not 0 to {len(actions) - 1}")
        return cls.from_outcomes(
            [(float(chance), int(state)) for state, chance in enumerate(start) if chance > 0],
            lambda state, action: [Outcome(*outcome) for outcome in table.get(state, {}).get(action, ())],
            len(actions),
            states=range(max(len(start), max(table) + 1)),
            action_names=action_names,
            horizon=horizon,
        )


def check_room(states: int, actions: int, width: int, *, beside: int = 0) -> None:
    """Says how large the arrays of a model would be, before they are made, where the machine has no room for them.

    Args:
      width: outcomes of an action, at most.
      beside: bytes for each of them that it takes to make them.

    Raises:
      ModelError: there is less memory than they and what is computed from them take.
    """
    needed = states * actions * ((3 * BYTES_AN_OUTCOME + beside) * width + 32)  # with weights and values beside them
    free = _free_memory()
    if needed > free:
        raise ModelError(
            f"the model has {states:,} states, {actions:,} actions and up to {width:,} outcomes of each, which take "
            f"about {needed / 1e9:.3g} GB, and {free / 1e9:.3g} GB are free; merge states that need no telling apart, "
            "or learn without a model"
        )


def _free_memory() -> float:
    """Bytes; infinite where the system does not tell."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        return float(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return math.inf


def _explore(
    starts: list[tuple[float, Hashable]],
    outcomes: Callable[[Any, int], Iterable[Outcome]],
    num_actions: int,
    states: Sequence[Hashable],
    most_states: int,
) -> tuple[dict[Hashable, int], dict[tuple[int, int], list[Outcome]]]:
    index: dict[Hashable, int] = {state: number for number, state in enumerate(states)}
    known = bool(index)
    rows: dict[tuple[int, int], list[Outcome]] = {}
    queue: list[Hashable] = list(index) if known else list(dict.fromkeys(state for _, state in starts))
    if not known:
        index = {state: number for number, state in enumerate(queue)}
    ended: set[Hashable] = set()
    for state in queue:  # grows while it is walked
        for action in range(num_actions):
            row = [Outcome(*outcome) for outcome in outcomes(state, action) if outcome[0] != 0]
            rows[index[state], action] = row
            for outcome in row:
                if outcome.state in index:
                    if outcome.state in ended and not outcome.terminated:
                        ended.discard(outcome.state)
                        queue.append(outcome.state)
                elif known:
                    raise ModelError(
                        f"action {action} in state {state!r} leads to {outcome.state!r}, which is not among the states"
                    )
                else:
                    index[outcome.state] = len(index)
                    if outcome.terminated:
                        ended.add(outcome.state)
                    else:
                        queue.append(outcome.state)
        if len(index) > most_states:
            raise ModelError(f"more than {most_states} states were found; raise most_states if that is meant")
    return index, rows


def _check_shapes(mdp: MDP) -> None:
    shape = mdp.next_state.shape
    if len(shape) != 3 or 0 in shape:
        raise ModelError(f"next_state has shape {shape}, not [states, actions, outcomes]")
    expected = {
        "probability": shape, "reward": shape, "terminated": shape, "available": shape[:2], "start": shape[:1],
    }  # fmt: skip
    for name, wanted in expected.items():
        if getattr(mdp, name).shape != wanted:
            raise ModelError(f"{name} has shape {getattr(mdp, name).shape}, but next_state asks for {wanted}")
    for name, size in (("state_names", shape[0]), ("action_names", shape[1]), ("states", shape[0])):
        if len(getattr(mdp, name)) not in (0, size):
            raise ModelError(f"{name} has {len(getattr(mdp, name))} entries, not {size}")


def _check_rows(mdp: MDP) -> None:
    def refuse(wrong: Any, what: str, values: npt.NDArray[Any], expected: str) -> None:
        places = np.argwhere(wrong)
        if len(places):
            place = ", ".join(str(int(i)) for i in places[0])
            raise ModelError(
                f"{what}[{place}] is {values[tuple(places[0])]:.6g}, {expected}; "
                f"{len(places)} of {wrong.size} are like it"
            )

    refuse((mdp.next_state < 0) | (mdp.next_state >= mdp.num_states), "next_state", mdp.next_state,
           f"not a state from 0 to {mdp.num_states - 1}")  # fmt: skip
    refuse(~(mdp.probability >= 0), "probability", mdp.probability, "not a probability")
    if not -LARGEST_REWARD < mdp.reward.min() <= mdp.reward.max() < LARGEST_REWARD:  # nan is neither
        refuse(~np.isfinite(mdp.reward), "reward", mdp.reward, "not a finite number")
        refuse(np.abs(mdp.reward) >= LARGEST_REWARD, "reward", mdp.reward, "too large to reckon with")
    totals = mdp.probability.sum(axis=2)
    refuse(mdp.available & (np.abs(totals - 1) > 1e-6), "the sum of probability", totals, "not 1")
    refuse(
        ~mdp.available.any(axis=1),
        "the number of available actions of state",
        mdp.available.sum(axis=1),
        "not 1 or more",
    )
    refuse(~(mdp.start >= 0), "start", mdp.start, "not a probability")
    if abs(mdp.start.sum() - 1) > 1e-6:
        raise ModelError(f"start sums to {mdp.start.sum():.6g}, not 1")
