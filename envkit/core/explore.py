"""A finite model of an environment that offers none: every action is tried in every state that is met.

States are told apart by the observation. Where chance has no part, each pair of state and action has one outcome and
the model is exact; where it has, each pair is tried many times and the model is an estimate. Whether it has is found
out by going back to a place and trying the same again (`rewind`, `survey`).

The guarantee: an environment whose steps are without chance, and whose observation tells its states apart, is modelled
exactly as far as it can be reached. The limits: an outcome so rare that no try met it is missing, and what depends on
something hidden is found out only if some path or the random play at the end showed it.

Source: the empirical model of Kearns and Singh, "Near-optimal reinforcement learning in polynomial time" (2002).
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from envkit.core.errors import FOREIGN, NoFiniteModel, UsageError
from envkit.core.exploring import TRIES
from envkit.core.exploring.clock import limit_of
from envkit.core.exploring.generators import globals_kept
from envkit.core.exploring.logbook import Logbook, TooManyStates
from envkit.core.exploring.player import Env, OutOfSteps, Player, without_watchmen
from envkit.core.exploring.rewind import Key, Lost, Replay, Way
from envkit.core.exploring.survey import ChanceSeen, Survey
from envkit.core.exploring.wayback import changed, way_of
from envkit.core.finite import decode_of, key_of, size
from envkit.core.model import ESTIMATED, EXPLORED, Model, no_table_text

MOST_STATES, MOST_STEPS = 100_000, 3_000_000
ALIKE = 5.0  # standard deviations from which on it is no accident that a visit repeats itself
INSTEAD = "or learn without a model: --algo qlearning"


@dataclass(frozen=True, eq=False)
class Explored:
    """What exploring an environment gave.

    Args:
      model: as `model_of` gives it, states being numbered as they were met and named by their observations.
      counts: int64 [S, A], how often each pair was tried; 0 where it is not available.
      is_exact: whether chance has no part in a step, and the first state is one or all are equally likely.
      steps: taken, those of going back included.
      resets: likewise.
      notes: facts a reader should know, one sentence each.
    """

    model: Model
    counts: npt.NDArray[np.int64]
    is_exact: bool
    steps: int
    resets: int
    notes: tuple[str, ...]


def silent(steps: int, states: int) -> None:
    """Reports no progress."""


def explore(
    env: Env,
    name: str,
    *,
    tries: int = TRIES,
    most_states: int = MOST_STATES,
    most_steps: int = MOST_STEPS,
    seed: int = 0,
    report: Callable[[int, int], None] = silent,
) -> Explored:
    """Builds a model by playing.

    An environment that can be copied is left as it is. One that cannot is played itself, so it stands somewhere in an
    episode afterwards and wants a reset. Nothing is closed, and the global random generators are left as they were.
    The same seed gives the same model, unless the environment draws from a source that no seed reaches.

    Args:
      name: of the environment, for messages.
      tries: of each pair of state and action, where chance has a part.
      most_states: a guard against observations without an end.
      most_steps: a guard likewise, in all.
      seed: of all randomness.
      report: told (steps so far, states so far) now and then.

    Raises:
      NoFiniteModel: no table can hold its observations or actions, an observation does not tell its states apart, or
      what a wrapper makes of a time limit is not known.
      UsageError: there are more states, or it takes more steps, than were allowed.
      EnvironmentFailed: the environment's own code failed, or paid no finite reward.
    """
    _check_counts(tries=tries, most_states=most_states, most_steps=most_steps)
    fault, key = no_table_text(env), key_of(env.observation_space)
    if fault or key is None:
        raise NoFiniteModel(f"{name} cannot be explored: {fault}")
    limit = limit_of(env, name)
    with globals_kept(seed), without_watchmen(env) as inner:
        work = _Work(inner, name, key, tries, most_states, most_steps, seed, report)
        try:
            return work.done(limit)
        except (OutOfSteps, TooManyStates) as error:
            raise UsageError(work.too_much(error)) from error


def _check_counts(**counts: int) -> None:
    for name, number in counts.items():
        if number < 1:
            raise UsageError(f"{name} is {number}, but it has to be 1 or more")


class _Work:
    """One exploration, from the way back to the notes."""

    def __init__(
        self,
        env: Env,
        name: str,
        key: Key,
        tries: int,
        most_states: int,
        most_steps: int,
        seed: int,
        report: Callable[[int, int], None],
    ):
        self.name, self.key, self.tries, self.seed, self.most_states = name, key, tries, seed, most_states
        self.actions = size(env.action_space) or 0
        self.decode = decode_of(env.action_space)
        self.env = env
        self.logbook = self._blank()
        self.player = Player(
            env,
            name,
            self.decode,
            most_steps=most_steps,
            report=lambda steps: report(steps, len(self.logbook.names)),
        )
        self.notes: list[str] = []
        self.own: set[str] = set()  # attributes that copies must not share

    def done(self, limit: int | None) -> Explored:
        is_certain = None
        while is_certain is None:
            is_certain = self._surveyed()
        start, is_known = self._starts()
        self._say_what_is_open(limit)
        mdp = self.logbook.mdp(start, self.logbook.clock()).limited(limit)
        return Explored(
            Model(mdp, self.logbook.lookup, self.decode, EXPLORED if is_certain and is_known else ESTIMATED),
            self.logbook.counts(),
            is_certain and is_known,
            self.player.steps,
            self.player.resets,
            tuple(self.notes),
        )

    def too_much(self, error: Exception) -> str:
        """How far it came, and what to do."""
        states, pairs = len(self.logbook.names), len(self.logbook.rows)
        reached = f"{_many(states, 'state')} and {_many(pairs, 'pair')} of state and action were met"
        if isinstance(error, OutOfSteps):
            return (
                f"exploring {self.name} takes more than {_many(self.player.most_steps, 'step')}, in which {reached}; "
                f"raise most_steps, ask for fewer than {self.tries} tries where chance has a part, {INSTEAD}"
            )
        return (
            f"{self.name} has more than {_many(self.most_states, 'state')}: {reached} in "
            f"{_many(self.player.steps, 'step')}; merge observations that need no telling apart, raise most_states, "
            f"{INSTEAD}"
        )

    def _surveyed(self) -> bool | None:
        """Whether each pair has one outcome for certain; None where copies shared what they must not share."""
        way, self.notes = way_of(self.player, self.key, self.actions, self.seed, self.own)
        try:
            is_certain = self._walked(way)
        except FOREIGN:
            if not changed(way):
                raise
        if changed(way):  # all that was seen may be wrong, an error included
            self.own |= changed(way)
            return None
        return is_certain

    def _walked(self, way: Way | None) -> bool:
        if way is not None:
            try:
                survey = self._survey(way)
                survey.exactly()
                self._refuse_hidden(survey)
                self._note_pairs(f"every action was tried in every state, by {way.name}")
                return True
            except ChanceSeen:
                if not isinstance(way, Replay):
                    self._sample(way)
                    return False
                self.notes.append(f"{Replay.name} leads nowhere where chance has a part")
            except Lost:
                self.notes.append(f"{Replay.name} led somewhere else")
        self._roll()
        return False

    def _survey(self, way: Way | None) -> Survey:
        self.logbook = self._blank()
        return Survey(self.player, way, self.logbook, tries=self.tries, seed=self.seed)

    def _sample(self, way: Way) -> None:
        survey = self._survey(way)
        survey.by_sampling()
        self._note_pairs(f"chance has a part: the model is estimated by {way.name}, {self._accuracy()}")
        if survey.likeness() > ALIKE:
            self.notes.append(
                "something has a part that the observation does not show, for one and the same visit does the same "
                "again more often than another visit would: the model takes it for chance, drawn anew at each step"
            )

    def _roll(self) -> None:
        self.player.at(self.env, 0)
        self._survey(None).by_rolling()
        counts = [self.logbook.tries(*pair) for pair in self.logbook.open_pairs()]
        self._note_pairs(f"there is no way back, so the model is estimated from random play, {self._accuracy()}")
        few = sum(0 < number < self.tries for number in counts)
        if few:
            self.notes.append(f"{_many(few, 'pair')} of them turned up less often than that")

    def _accuracy(self) -> str:
        return (
            f"each pair tried {_many(self.tries, 'time')}, so that a probability is known to about "
            f"±{0.5 / math.sqrt(self.tries):.2g}, and an outcome rarer than one in {self.tries:,} may be missing"
        )

    def _note_pairs(self, how: str) -> None:
        met = f"{_many(len(self.logbook.names), 'state')}, {_many(len(self.logbook.rows), 'pair')}"
        done = f"{_many(self.player.steps, 'step')} and {_many(self.player.resets, 'reset')}"
        self.notes.insert(0, f"{how}: {met} of state and action, in {done}")

    def _refuse_hidden(self, survey: Survey) -> None:
        if not survey.hidden:
            return
        (state, action), results = next(iter(survey.hidden.items()))
        names = self.logbook.names
        one, other = (
            f"{'ended in' if result.terminated else 'led to'} {names[result.state]} for {result.reward:g}"
            for result in results
        )
        raise NoFiniteModel(
            f"the observation of {self.name} does not tell its states apart: action {action} in {names[state]} {one} "
            f"on one visit and {other} on another, each time it was tried there, so it is no chance; "
            f"{_many(len(survey.hidden), 'pair')} of state and action {'is' if len(survey.hidden) == 1 else 'are'} "
            f"like it; show in the observation what is missing, such as a clock or what was picked up, {INSTEAD}"
        )

    def _starts(self) -> tuple[dict[int, float], bool]:
        """The distribution of the first state, and whether it is known rather than estimated."""
        starts = self.logbook.starts
        total, kinds = starts.total(), len(starts)
        if kinds == 1:
            return dict.fromkeys(starts, 1.0), True
        said = f"{_many(kinds, 'first state')} came up in {_many(total, 'reset')}"
        if _equally_likely(starts):
            self.notes.append(f"{said}, about equally often: they are taken to be equally likely")
            return dict.fromkeys(starts, 1 / kinds), True
        self.notes.append(f"{said}: how likely each is is estimated from that")
        return {state: times / total for state, times in starts.items()}, False

    def _say_what_is_open(self, limit: int | None) -> None:
        logbook = self.logbook
        clock, cut = logbook.clock(), logbook.cuts.total()
        if clock is not None and (limit is None or clock <= limit):
            self.notes.append(f"it truncates every episode after {_many(clock, 'step')}: the model has that time limit")
        elif cut and clock is None:
            self.notes.append(
                f"it truncated {_many(cut, 'episode')} by itself, which ends nothing in the model: there they go on"
            )
        ended = {result.state for row in logbook.rows.values() for result in row if result.terminated}
        dark = [state for state, mask in enumerate(logbook.masks) if mask is None and state not in ended]
        if dark:
            self.notes.append(
                f"{_many(len(dark), 'state')}, {logbook.names[dark[0]]} the first, came up only where an episode was "
                "truncated: what follows is not known, and counts as nothing"
            )
        missing = sum(logbook.tries(*pair) == 0 for pair in logbook.open_pairs())
        if missing:
            self.notes.append(f"{_many(missing, 'pair')} of state and action were never tried and count as unavailable")

    def _blank(self) -> Logbook:
        return Logbook(self.name, self.key, self.actions, self.most_states)


def _equally_likely(starts: Counter[int]) -> bool:
    """Whether the frequencies differ by no more than they would: Pearson's chi-square, within four deviations."""
    expected = starts.total() / len(starts)
    distance = sum((times - expected) ** 2 for times in starts.values()) / expected
    freedom = len(starts) - 1
    return expected >= 5 and distance <= freedom + 4 * math.sqrt(2 * freedom)


def _many(number: int, noun: str) -> str:
    """`1 step`, `12,000 steps`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
