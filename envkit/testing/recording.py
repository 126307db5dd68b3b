"""One episode as a small JSON file that a reviewer can read: a line a step. No environment is played here.

Values are kept as notes of `envkit.core.note`: they come back to the bit, and nothing that is read is ever run. Of a
large observation there is a digest, unless a tolerance needs its numbers.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envkit.core.codec import NotPlain, decode, encode
from envkit.core.compare import first_difference
from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.note import SMALL, changed, checked, strictly_noted

KIND, SCHEMA = "envkit golden trace", 1


@dataclass(frozen=True, eq=False)
class Answer:
    """What a reset or a step gave: a value a field; without the info where nobody asked for it."""

    action: Any
    fields: Mapping[str, Any]

    @property
    def ended(self) -> bool:
        return bool(self.fields.get("terminated") or self.fields.get("truncated"))


@dataclass(frozen=True)
class Moment:
    """What is recorded of an answer: a note a field. The action is kept whole."""

    action: Any
    notes: Mapping[str, Any]

    @classmethod
    def of(cls, answer: Answer, place: str, *, whole: bool) -> "Moment":
        """Raises UsageError, which names the place, where a value has no JSON form.

        Args:
          whole: whether large observations are kept whole too.
        """
        small = {"observation": math.inf if whole else SMALL}  # of an info one wants to know which key differs
        notes = {}
        for name, value in ({"action": answer.action} | dict(answer.fields)).items():
            try:
                notes[name] = strictly_noted(value, small=small.get(name, math.inf))
            except NotPlain as error:
                hint = "; leave infos out with info=False" if name == "info" else ""
                raise UsageError(f"the {name} of {place} cannot be recorded: {error}{hint}") from error
        return cls(decode(notes.pop("action")), notes)

    @property
    def ended(self) -> bool:
        return any(decode(self.notes.get(name)) for name in ("terminated", "truncated"))


@dataclass(frozen=True)
class Recording:
    """An episode: the seed of its reset, what that gave, and the steps after it.

    Args:
      env: what the environment was called, for a reader.
      moments: the reset, whose action is None, and the steps.
    """

    env: str
    seed: int
    moments: tuple[Moment, ...]

    @classmethod
    def of(cls, env: str, seed: int, answers: Sequence[Answer], *, whole: bool) -> "Recording":
        """Raises UsageError where a value has no JSON form."""
        places = ["the reset", *(f"step {number}" for number in range(1, len(answers)))]
        moments = (Moment.of(answer, place, whole=whole) for answer, place in zip(answers, places, strict=True))
        return cls(env, seed, tuple(moments))

    @property
    def actions(self) -> list[Any]:
        return [moment.action for moment in self.moments[1:]]

    def to_text(self) -> str:
        head = json.dumps({"kind": KIND, "schema": SCHEMA, "env": self.env, "seed": self.seed})[1:-1]
        first, *steps = self.moments
        rows = [first.notes, *({"action": encode(step.action)} | dict(step.notes) for step in steps)]
        return f'{{{head}, "moments": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}\n"

    def first_parting(self, answers: Sequence[Answer], sides: tuple[str, str], tolerance: float) -> "Parting | None":
        """The first answer and field that differ; numbers that differ by `tolerance` at most count as equal."""
        for number, (moment, answer) in enumerate(zip(self.moments, answers, strict=False)):
            for name, note in moment.notes.items():
                told = changed(note, answer.fields[name], name, sides, tolerance=tolerance)
                if told:
                    return Parting(number, name, told)
        return None


@dataclass(frozen=True)
class Parting:
    """Where an episode parts from a recording: the number of the moment (0 is the reset), the field, how in words."""

    number: int
    field: str
    difference: str


def read(path: Path) -> Recording:
    """Raises ArtifactRefused for a file that `to_text` did not write."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["kind"] != KIND or data["schema"] != SCHEMA:
            raise ValueError(f"{data['kind']!r} of schema {data['schema']!r}")
        moments = tuple(_moment(row) for row in data["moments"])
        if not moments:
            raise ValueError("it has no moments")
        return Recording(str(data["env"]), int(data["seed"]), moments)
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # JSONDecodeError and NotPlain are ValueErrors
        raise ArtifactRefused(
            f"{path} is no {KIND} of schema {SCHEMA} ({error}); record it anew with pytest --envkit-update"
        ) from error


def matching(actions: Sequence[Any] | None, recording: Recording, where: str) -> None:
    """Raises AssertionError where a test's own actions are no longer those that were recorded."""
    if actions is None:
        return
    held = recording.actions
    asked = list(actions)[: len(held)] if recording.moments[-1].ended else list(actions)
    difference = first_difference(held, [_as_recorded(action) for action in asked], "actions")
    if difference:
        raise AssertionError(
            f"{where} was recorded with other actions: {difference} (as recorded first, as now second); "
            "if the new ones are meant: pytest --envkit-update"
        )


def _as_recorded(action: Any) -> Any:
    return decode(encode(action))


def _moment(row: dict[str, Any]) -> Moment:
    notes = {name: checked(note) for name, note in row.items()}
    return Moment(decode(notes.pop("action", None)), notes)
