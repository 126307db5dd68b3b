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

    def error(self, values: Floats) -> float:
        """The root mean square of what is wrong with values [S]; nan where nothing is known."""
        wrong = values[self._states] - self._truth
        return math.sqrt(wrong @ wrong / len(wrong)) if len(wrong) else math.nan


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
        self.learnt, self.known, self.wanted, self.found = learnt, known, wanted, found
        judged = ("value_error",) if known else ()
        self.columns = (*((knob,) if knob else ()), "step_size", *judged, *(one.label for one in wanted))
        self.notes = np.full((rows, len(self.columns)), np.nan)
        picked: Any = np.unique(((rows - 1) * np.linspace(0, 1, FRAMES) ** 2).round().astype(int)) if pictures else []
        self.pictures: dict[int, dict[str, Any] | None] = dict.fromkeys(map(int, picked))

    def note(self, row: int, episodes: int, tables: Any, *, exploration: float, step_size: float) -> None:
        """Fills one row from the tables as they are."""
        q = np.asarray(tables.q, float)
        values = self.learnt(q, tables.twins)
        told = {"step_size": step_size}
        if self.known:
            told["value_error"] = self.known.error(values)
        told |= {one.label: one.of(q, values, self.found(one.key)) for one in self.wanted}
        self.notes[row] = [told.get(name, exploration) for name in self.columns]
        if row in self.pictures:
            table = q.reshape(len(values), -1)
            visits = np.asarray(tables.visits).reshape(table.shape).sum(axis=1)
            self.pictures[row] = {
                "episodes": episodes, "values": values.astype(np.float32), "action": table.argmax(axis=1),
                "visits": visits,
            }  # fmt: skip

    def curve(self, plain: npt.NDArray[np.float64]) -> Curve:
        """All of it beside the three columns [N, 3] that the course itself keeps."""
        return Curve((*Curve().columns, *self.columns), np.hstack([plain, self.notes]))

    def frames(self) -> Frames | None:
        """The pictures, if there are any."""
        kept = [picture for picture in self.pictures.values() if picture]
        return Frames(**{name: np.stack([picture[name] for picture in kept]) for name in kept[0]}) if kept else None

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """All that is needed to go on."""
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
