"""A course of learning: episode after episode, block of random numbers after block, until it is done.

It starts in plain Python, which needs no warm-up. Once it is clear that what remains would repay loading numba and the
compiled loop, it goes on in there, from the very step where it stood; nothing in the results tells where that was.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from envkit.core.errors import ArtifactRefused
from envkit.core.result import Curve
from envkit.core.schedule import EPISODES, STEPS, Schedule, power, value_at
from envkit.core.settings import Setting
from envkit.runs.arrays import Arrays
from envkit.tabular import loop
from envkit.tabular.behaviours import Behaviour
from envkit.tabular.compiled import cache_problem, compiled, is_kept
from envkit.tabular.flat import as_arrays, as_lists
from envkit.tabular.journal import Journal
from envkit.tabular.keeping import EVERY, ROUND, Keeper, Stopped, generator_text, set_generator
from envkit.tabular.loop import CURSOR, CUT, EPISODE, STEP, STEPS_DONE, Diary, Knobs, Tables, World

LIVE_BLOCK, PYTHON_BLOCK, COMPILED_BLOCK = 1 << 10, 1 << 13, 1 << 15  # random numbers at a time; live steps are slow
FIRST_LOOK = 0.15  # seconds of plain Python before judging
REPAID, REPAID_ONCE, REPAID_UNKEPT = 0.7, 1.5, 5.0  # seconds of plain Python that repay loading, compiling for good,
# and compiling anew each time
MOST_UNROLLED = 8  # actions; compiled loops over more are left as they are, and serve for any number
MOST_LISTED = 400_000  # entries of a model beyond which turning it into lists takes too long
CURVE_ROWS = 100


class Scale(NamedTuple):
    """What the size of an algorithm's tables may depend on: its own settings, and the steps of the longest episode."""

    own: Sequence[float]
    longest: int


Size = int | Callable[[Scale], int]


@dataclass(frozen=True)
class Algorithm:
    """What makes one learner differ from another.

    Args:
      update: the lesson of one step; see `loop.update` for its arguments.
      on_policy: the next action is chosen before the update, which learns from it.
      step_size: where none is given.
      sure_step: the same where the model is deterministic; None where what is learnt from is random even then.
      settings: hyper-parameters of its own; `Knobs.own` holds them in this order, a choice by its place.
      twins, numbers, links: how much of each kind of `loop.Tables` it keeps for every state and action.
      reals, counts: how much of the other kinds.
      draws: the random numbers that one update takes at most.
    """

    update: Callable[..., int]
    on_policy: bool = False
    step_size: Schedule = power(1.0, 0.6).by("visits")  # noqa: RUF009 - frozen
    sure_step: float | None = 1.0
    settings: tuple[Setting, ...] = ()
    twins: int = 0
    numbers: int = 0
    links: int = 0
    reals: Size = 0
    counts: Size = 0
    draws: Size = 0

    def loop(self, behaviour: Behaviour, knobs: Knobs, actions: int, *, sure: bool = False, **world: Any) -> Any:
        """The loop of this algorithm, on a model or on the world whose `begin` and `advance` are given.

        Args:
          sure: whether it is a model in which every action has one outcome only.
        """
        names = {
            "update": loop.bound(self.update, {"expected": behaviour.expected}),
            "choose": behaviour.choose,
            "advance": loop.bound(loop.advance, {"SURE": sure}),
            "ON_POLICY": self.on_policy,
            "RANDOM_TIES": knobs.random_ties,
            "ACTIONS": actions if actions <= MOST_UNROLLED else 0,
            "STEP_SIZE_UNIT": knobs.step_size_unit,
            "EXPLORATION_UNIT": knobs.exploration_unit,
        }
        return loop.bound(loop.play, names | world)

    def own(self, settings: Mapping[str, Any]) -> list[float]:
        """Its own settings as numbers."""
        values = ((setting, settings[setting.name]) for setting in self.settings)
        return [float(s.choices.index(value) if s.choices else value) for s, value in values]

    def tables(self, q: npt.NDArray[np.float64], scale: Scale) -> Tables:
        """The tables at the beginning, `q` [S * A] being what every action is thought to be worth."""
        return Tables(
            q,
            np.zeros(len(q), np.int64),
            np.repeat(q, self.twins),
            np.zeros(len(q) * self.numbers),
            np.full(len(q) * self.links, -1, np.int64),
            np.zeros(size_of(self.reals, scale)),
            np.zeros(size_of(self.counts, scale), np.int64),
        )


def size_of(size: Size, scale: Scale) -> int:
    """The number that a size comes to."""
    return size if isinstance(size, int) else size(scale)


class Course:
    """Learning in progress.

    Args:
      play: the algorithm's loop.
      world: a model as arrays, or a `live.LiveWorld`.
      tables: what is learnt, as arrays for a model and as lists for a live world.
      episodes: in all.
      journal: makes what is noted, given the rows that the curve will have.
      engine: "auto", "python" or "compiled"; no result depends on it.
    """

    def __init__(
        self,
        play: Any,
        world: Any,
        tables: Tables,
        knobs: Knobs,
        actions: int,
        *,
        episodes: int,
        journal: Callable[[int], Journal],
        rng: np.random.Generator,
        engine: str = "auto",
    ):
        self.play, self.world, self.tables, self.knobs, self.actions = play, world, tables, knobs, actions
        self.episodes, self.rng, self.engine = episodes, rng, engine
        row = max(1, episodes // CURVE_ROWS)
        rows = -(-episodes // row)
        self.journal = journal(rows)
        self.diary = Diary([0] * 7, [0.0], row, [0.0] * rows, [0] * rows)
        self._schedules = as_lists(knobs)
        self.draws: Any = []
        self.notes: list[str] = []
        self.is_compiled = False
        self.seconds = 0.0
        self._model = world if isinstance(world, World) else None
        if self._model is None:
            self.knobs = self._schedules
            return
        if engine == "compiled" or (engine == "auto" and len(self._model.next_state) > MOST_LISTED):
            self._compile()
        else:
            self.world, self.tables, self.knobs = as_lists(world), as_lists(tables), self._schedules

    def run(self, report: Callable[[], None], keeper: Keeper) -> None:
        """Goes on until all episodes are over; `report` is called now and then, and at the end of each row.

        Raises:
          Stopped: when the keeper was asked to stop; then all is kept.
        """
        if keeper.kept is not None:
            self._restore(keeper.kept)
        written = time.monotonic()
        while self.done < self.episodes:
            self._refill()
            started = time.thread_time()  # not the time that others took
            self.play(self.world, self.tables, self.knobs, self.actions, self.diary, self.draws, self._until())
            self.seconds += time.thread_time() - started
            self._note()
            report()
            if self._can_be_kept() and (keeper.asked() or time.monotonic() > written + EVERY):
                keeper.save(self.state())
                written = time.monotonic()
                if keeper.asked():
                    raise Stopped(self.done, self.episodes)
            if self._would_be_repaid():
                self._compile()

    def _until(self) -> int:
        """The episode at which the loop is to return: the end of a row, or where a real environment can be kept."""
        done = self.done
        until = min(self.episodes, (done // self.diary.row + 1) * self.diary.row)
        return until if self._model is not None else min(until, (done // ROUND + 1) * ROUND)

    def _note(self) -> None:
        """Writes the journal, where a row has just been completed."""
        row, rest = divmod(self.done, self.diary.row)
        if self.diary.clock[STEP] or not self.done or (rest and self.done < self.episodes):
            return
        knobs, ticks = self._schedules, {EPISODES: self.done - 1, STEPS: self.steps - 1}
        exploration = float(value_at(knobs.exploration, ticks[knobs.exploration_unit]))
        has_clock = knobs.step_size_unit in ticks  # each state and action has its own otherwise
        size = float(value_at(knobs.step_size, ticks[knobs.step_size_unit])) if has_clock else float("nan")
        self.journal.note(row if rest else row - 1, self.done, self.tables, exploration=exploration, step_size=size)

    def _can_be_kept(self) -> bool:
        clock = self.diary.clock
        return self._model is not None or bool(clock[STEP] == 0 and clock[EPISODE] % ROUND == 0)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """All that is needed to go on from here."""
        arrays = {f"tables.{name}": np.array(value) for name, value in self.tables._asdict().items()}
        left = np.array(self.draws[self.diary.clock[CURSOR] :], float)
        arrays |= {
            "clock": np.array(self.diary.clock),
            "total": np.array(self.diary.total, float),
            "returns": np.array(self.diary.returns, float),
            "steps": np.array(self.diary.steps),
            "draws": left,
            "generator": np.array(generator_text(self.rng)),
        }
        arrays |= {f"journal.{name}": value for name, value in self.journal.state().items()}
        if self._model is None:
            arrays["observations"] = np.array(json.dumps(list(self.world.numbers)))
            arrays["truncated"] = np.array(self.world.truncated)
        return arrays

    def _restore(self, kept: Arrays) -> None:
        """Goes back to where a course of the same settings stood."""
        try:
            tables = Tables(*(kept[f"tables.{name}"] for name in Tables._fields))
            if kept["returns"].shape != (len(self.diary.returns),) or len(kept["clock"]) != len(self.diary.clock):
                raise ValueError("it is of another course")
            if self._model is not None and tables.q.shape != np.shape(self.tables.q):
                raise ValueError("it is of another model")
            diary = self.diary._replace(
                clock=kept["clock"], total=kept["total"], returns=kept["returns"], steps=kept["steps"]
            )
            diary.clock[CURSOR] = 0
            set_generator(self.rng, str(kept["generator"]))
            noted = {name.removeprefix("journal."): kept[name] for name in kept if name.startswith("journal.")}
            self.journal.restore(noted)
            if self._model is None:
                self.world.restore(as_lists(tables), json.loads(str(kept["observations"])), int(kept["truncated"]))
                self.world.begun = int(kept["clock"][EPISODE])
                tables = self.world.tables
        except (KeyError, ValueError, TypeError) as error:
            raise ArtifactRefused(f"the checkpoint does not fit the run's configuration: {error}") from error
        self.tables, self.diary, self.draws = tables, diary, kept["draws"]
        if not self.is_compiled:
            self.tables, self.diary = as_lists(tables), as_lists(diary)
            self.draws = kept["draws"].tolist()

    def _refill(self) -> None:
        """Draws a block when what is left would not last for a turn; what is left comes first."""
        cursor = self.diary.clock[CURSOR]
        if cursor <= len(self.draws) - self.knobs.most_draws:
            return
        left = self.draws[cursor:]
        if not self.is_compiled:
            block = LIVE_BLOCK if self._model is None else PYTHON_BLOCK
            self.draws = left + self.rng.random(block).tolist()
        else:
            if len(self.draws) != COMPILED_BLOCK:  # a new array each time would cost more than the numbers in it
                self.draws = np.empty(max(COMPILED_BLOCK, len(left) + self.knobs.most_draws))
            self.draws[: len(left)] = left
            self.rng.random(out=self.draws[len(left) :])
        self.diary.clock[CURSOR] = 0

    def _would_be_repaid(self) -> bool:
        if self.engine != "auto" or self.is_compiled or self._model is None or self.seconds < FIRST_LOOK:
            return False
        done = max(self.done, 1)
        remaining = self.seconds * (self.episodes - done) / done
        if remaining <= REPAID or is_kept(self.play):
            return remaining > REPAID
        return remaining > (REPAID_UNKEPT if cache_problem() else REPAID_ONCE)

    def _compile(self) -> None:
        problem = cache_problem()
        if problem:
            self.notes.append(f"the learning loop is compiled anew each time, which takes seconds: {problem}")
        self.play = compiled(self.play, keep=not problem)
        self.world, self.tables, self.diary = self._model, as_arrays(self.tables), as_arrays(self.diary)
        self.knobs = as_arrays(self.knobs)
        self.draws = np.array(self.draws, float)
        self.is_compiled = True

    @property
    def done(self) -> int:
        """Episodes so far."""
        return int(self.diary.clock[EPISODE])

    @property
    def mean_return(self) -> float:
        """In the last row of the curve that is complete; nan before there is one."""
        rows = self.done // self.diary.row
        return float(self.diary.returns[rows - 1]) / self.diary.row if rows else float("nan")

    def curve(self) -> Curve:
        """Steps so far, episodes so far, mean return since the row before, and what the journal has."""
        row, rows = self.diary.row, len(self.diary.returns)
        until = np.minimum((np.arange(rows) + 1) * row, self.episodes)
        played = np.diff(until, prepend=0)
        plain = np.stack([np.array(self.diary.steps, float), until, np.array(self.diary.returns) / played], axis=1)
        return self.journal.curve(plain)

    def table(self) -> npt.NDArray[np.float64]:
        """[S, A]: what was learnt."""
        return np.array(self.tables.q, float).reshape(-1, self.actions)

    def visits(self) -> npt.NDArray[np.int64]:
        """[S, A]: how often each action was taken."""
        return np.array(self.tables.visits, np.int64).reshape(-1, self.actions)

    def is_finite(self) -> bool:
        """Whether no value has grown beyond all numbers."""
        return bool(np.isfinite(np.array(self.tables.q, float)[np.array(self.tables.visits) > 0]).all())

    @property
    def cut(self) -> int:
        """Episodes that were cut off, not counting those that the real environment itself has truncated."""
        own = getattr(self.world, "truncated", 0)
        return int(self.diary.clock[CUT]) - own

    @property
    def steps(self) -> int:
        """Environment steps so far."""
        return int(self.diary.clock[STEPS_DONE])
