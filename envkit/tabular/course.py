"""A course of learning: episode after episode, block of random numbers after block, until it is done.

It starts in plain Python, which needs no warm-up. Once it is clear that what remains would repay loading numba and the
compiled loop, it goes on in there, from the very step where it stood; nothing in the results tells where that was.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.tabular import loop
from envkit.tabular.compiled import cache_problem, compiled
from envkit.tabular.flat import as_arrays, as_lists
from envkit.tabular.loop import EPISODE, RETURNS, STEPS, Knobs, Tables, World

PYTHON_BLOCK, COMPILED_BLOCK = 1 << 13, 1 << 16  # random numbers at a time
FIRST_LOOK = 0.15  # seconds of plain Python before judging
REPAID, REPAID_UNKEPT = 0.7, 5.0  # seconds of plain Python that loading repays; and where compiling comes on top
MOST_LISTED = 400_000  # entries of a model beyond which turning it into lists takes too long
CURVE_ROWS = 200


@dataclass(frozen=True)
class Algorithm:
    """What makes one learner differ from another; see `loop.update` for the arguments of the update.

    Args:
      on_policy: the next action is chosen before the update, which learns from it.
      lucky: the update takes a random number.
      memory: numbers that the update keeps for each state and action beside q.
    """

    update: Callable[..., None]
    on_policy: bool = False
    lucky: bool = False
    memory: int = 0

    def loop(self, **world: Any) -> Any:
        """The loop of this algorithm, on a model or on the world whose `begin` and `advance` are given."""
        return loop.bound(loop.play, {"update": self.update, "ON_POLICY": self.on_policy, "LUCKY": self.lucky, **world})


Report = Callable[[int, int, float], None]  # episodes so far, steps so far, mean return lately


class Course:
    """Learning in progress. `engine` is "auto", "python" or "compiled"."""

    def __init__(
        self,
        play: Any,
        world: Any,
        tables: Tables,
        knobs: Knobs,
        actions: int,
        *,
        rng: np.random.Generator,
        engine: str = "auto",
    ):
        self.play, self.world, self.tables, self.knobs, self.actions, self.rng = (
            play,
            world,
            tables,
            knobs,
            actions,
            rng,
        )
        self.clock: Any = [0] * 6
        self.tally: Any = [0.0] * 2
        self.draws: Any = []
        self.curve: list[tuple[int, int, float]] = []
        self.notes: list[str] = []
        self.engine = engine
        self.is_compiled = False
        self.arrays = world
        self.seconds = 0.0
        if isinstance(world, World):
            if engine == "compiled" or (engine == "auto" and len(world.next_state) > MOST_LISTED):
                self._compile()
            else:
                self.world, self.tables = as_lists(world), as_lists(tables)

    def run(self, episodes: int, report: Report) -> None:
        """Goes on until so many episodes are over."""
        row = max(1, episodes // CURVE_ROWS)
        while self.clock[EPISODE] < episodes:
            first, before = int(self.clock[EPISODE]), float(self.tally[RETURNS])
            self._play_until(min(episodes, first + row), episodes, report)
            mean = (float(self.tally[RETURNS]) - before) / (int(self.clock[EPISODE]) - first)
            self.curve.append((int(self.clock[STEPS]), int(self.clock[EPISODE]), mean))

    def _play_until(self, until: int, episodes: int, report: Report) -> None:
        while self.clock[EPISODE] < until:
            self._refill()
            started = time.perf_counter()
            self.play(self.world, self.tables, self.knobs, self.actions, self.clock, self.tally, self.draws, until)
            self.seconds += time.perf_counter() - started
            report(int(self.clock[EPISODE]), int(self.clock[STEPS]), self.curve[-1][2] if self.curve else float("nan"))
            if self._would_be_repaid(episodes):
                self._compile()

    def _refill(self) -> None:
        """Draws a block when what is left would not last for a turn; what is left comes first."""
        if self.clock[loop.CURSOR] <= len(self.draws) - loop.MOST_DRAWS:
            return
        left = self.draws[self.clock[loop.CURSOR] :]
        block = self.rng.random(COMPILED_BLOCK if self.is_compiled else PYTHON_BLOCK)
        self.draws = np.concatenate([left, block]) if self.is_compiled else list(left) + block.tolist()
        self.clock[loop.CURSOR] = 0

    def _would_be_repaid(self, episodes: int) -> bool:
        if self.engine != "auto" or self.is_compiled or not isinstance(self.world, World) or self.seconds < FIRST_LOOK:
            return False
        done = max(int(self.clock[EPISODE]), 1)
        remaining = self.seconds * (episodes - done) / done
        return remaining > REPAID and (remaining > REPAID_UNKEPT or not cache_problem())

    def _compile(self) -> None:
        problem = cache_problem()
        if problem:
            self.notes.append(f"the learning loop is compiled anew each time, which takes seconds: {problem}")
        self.play = compiled(self.play, keep=not problem)
        self.world, self.tables = self.arrays, as_arrays(self.tables)
        self.clock, self.tally, self.draws = np.array(self.clock), np.array(self.tally), np.array(self.draws, float)
        self.is_compiled = True

    def table(self) -> npt.NDArray[np.float64]:
        """[S, A]: what was learnt."""
        return np.array(self.tables.q, float).reshape(-1, self.actions)

    def is_finite(self) -> bool:
        """Whether no value has grown beyond all numbers."""
        q, visits = np.array(self.tables.q, float), np.array(self.tables.visits)
        return bool(np.isfinite(q[visits > 0]).all())

    @property
    def steps(self) -> int:
        """Environment steps so far."""
        return int(self.clock[STEPS])
