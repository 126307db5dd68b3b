"""The journal of a course: what is noted whenever a row of its curve is complete.

Beside what was earned, how much was explored and how large the steps were, it tells how wrong the values still are: the
root mean square of their difference from the exact ones, over the states that can be reached. And it keeps the values
that somebody wants to watch, and pictures of the whole table for those who want to see it grow.

Nothing that is noted changes what is learnt.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.result import Curve, Frames
from envkit.tabular.bellman import Floats, Mask
from envkit.tabular.watched import Watched

MOST_JUDGED = 200_000  # pairs of state and action beyond which looking at all of them so often would take too long
MOST_UNJUDGED = 1_000_000  # numbers that are kept until many rows are judged at once
FRAMES = 60  # pictures at most, more of them at the beginning, where most is learnt

Found = Callable[[Any], int]  # the key of what is watched -> the number of its state, -1 if it was never met


@dataclass(frozen=True)
class Known:
    """The truth, as far as it is known.

    Args:
      values: [S], exact; not finite where they do not exist.
      reachable: [S], which of them matter.
      watched: exact values of what is watched, by column.
    """

    values: Floats
    reachable: Mask
    watched: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def _states(self) -> npt.NDArray[np.int64]:
        """Those that matter."""
        return np.flatnonzero(self.reachable & np.isfinite(self.values))

    @cached_property
    def _truth(self) -> Floats:
        return self.values[self._states]

    def errors(self, values: Floats) -> Floats:
        """[N]: the root mean square of what is wrong with values [N, S]; nan where nothing is known."""
        if not len(self._states):
            return np.full(len(values), np.nan)
        return np.asarray(np.sqrt(np.square(values[:, self._states] - self._truth).mean(axis=1)))


class Journal:
    """What was noted so far.

    Args:
      rows: how many there will be.
      knob: what says how much is explored; empty where that is not chosen.
      learnt: the table q [S * A] and its twins -> the value of each state [S].
      known: the truth; None where there is no model, or it is too large to look at it so often.
      wanted: what is watched; `found` says which state each means.
      pictures: whether the whole table is kept now and then.
    """

    def __init__(
        self,
        rows: int,
        *,
        knob: str,
        learnt: Callable[[Any, Any], Floats],
        known: Known | None,
        wanted: tuple[Watched, ...] = (),
        found: Found = int,
        pictures: bool = False,
    ):
        self.knob, self.learnt, self.known, self.wanted, self.found = knob, learnt, known, wanted, found
        judged = ("value_error",) if known else ()
        self.columns = (*((knob,) if knob else ()), "step_size", *judged, *(one.label for one in wanted))
        self.notes = np.full((rows, len(self.columns)), np.nan)
        self._unjudged: list[tuple[int, Floats, Floats]] = []  # rows with their q and twins
        picked: Any = np.unique(((rows - 1) * np.linspace(0, 1, FRAMES) ** 2).round().astype(int)) if pictures else []
        self.pictures: dict[int, dict[str, Any] | None] = dict.fromkeys(map(int, picked))

    def note(self, row: int, episodes: int, tables: Any, *, exploration: float, step_size: float) -> None:
        """Fills one row from the tables as they are."""
        told = {self.knob: exploration, "step_size": step_size}
        if self.known:
            self._unjudged.append((row, np.array(tables.q, float), np.array(tables.twins, float)))
            if len(self._unjudged) * len(tables.q) > MOST_UNJUDGED:
                self._judge()
        if self.wanted or row in self.pictures:
            q = np.asarray(tables.q, float)
            values = self.learnt(q, tables.twins)
            told |= {one.label: one.of(q, values, self.found(one.key)) for one in self.wanted}
        self.notes[row] = [told.get(name, math.nan) for name in self.columns]
        if row in self.pictures:
            table = q.reshape(len(values), -1)
            visits = np.asarray(tables.visits).reshape(table.shape).sum(axis=1)
            self.pictures[row] = {
                "episodes": episodes, "values": values.astype(np.float32), "action": table.argmax(axis=1),
                "visits": visits,
            }  # fmt: skip

    def _judge(self) -> None:
        """Fills in how wrong the values were: of many rows at once, which takes NumPy a fifth of the time."""
        if self.known and self._unjudged:
            rows, tables, twins = (list(part) for part in zip(*self._unjudged, strict=True))
            values = self.learnt(np.concatenate(tables), np.concatenate(twins)).reshape(len(rows), -1)
            self.notes[rows, self.columns.index("value_error")] = self.known.errors(values)
            self._unjudged.clear()

    def curve(self, plain: npt.NDArray[np.float64]) -> Curve:
        """All of it beside the three columns [N, 3] that the course itself keeps."""
        self._judge()
        return Curve((*Curve().columns, *self.columns), np.hstack([plain, self.notes]))

    def frames(self) -> Frames | None:
        """The pictures, if there are any."""
        kept = [picture for picture in self.pictures.values() if picture]
        return Frames(**{name: np.stack([picture[name] for picture in kept]) for name in kept[0]}) if kept else None

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """All that is needed to go on."""
        self._judge()
        frames = self.frames()
        pictures = {f"frames.{name}": value for name, value in frames.arrays().items()} if frames else {}
        return {"notes": self.notes, **pictures}

    def restore(self, kept: Mapping[str, npt.NDArray[Any]]) -> None:
        """Goes back to what was noted by then.

        Raises:
          KeyError, ValueError: when that is of another journal.
        """
        if kept["notes"].shape != self.notes.shape:
            raise ValueError(f"it has {kept['notes'].shape} notes instead of {self.notes.shape}")
        self.notes = np.array(kept["notes"])
        names = [name.removeprefix("frames.") for name in kept if name.startswith("frames.")]
        for number, row in enumerate(self.pictures):
            if names and number < len(kept["frames.episodes"]):
                self.pictures[row] = {name: kept[f"frames.{name}"][number] for name in names}
