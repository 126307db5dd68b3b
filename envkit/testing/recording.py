"""One episode as a small JSON file that a reviewer can read: a line a step. No environment is played here.

Values are spelled by `envkit.core.codec`, so nothing that is read is ever run, and they come back to the bit.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from envkit.core.codec import NotPlain, decode, encode
from envkit.core.compare import first_difference
from envkit.core.errors import ArtifactRefused, UsageError

KIND, SCHEMA = "envkit golden trace", 1


@dataclass(frozen=True, eq=False)
class Moment:
    """What a reset or a step gave: a value a field; without the info where nobody asked for it."""

    action: Any
    fields: dict[str, Any]

    @property
    def ended(self) -> bool:
        return bool(self.fields.get("terminated") or self.fields.get("truncated"))


@dataclass(frozen=True, eq=False)
class Recording:
    """An episode: the seed of its reset, what that gave, and the steps after it.

    Args:
      env: what the environment was called, for a reader.
      moments: the reset, whose action is None, and the steps.
    """

    env: str
    seed: int
    moments: tuple[Moment, ...]

    @property
    def actions(self) -> list[Any]:
        return [moment.action for moment in self.moments[1:]]

    def to_text(self) -> str:
        """Raises UsageError where a value has no JSON form."""
        head = json.dumps({"kind": KIND, "schema": SCHEMA, "env": self.env, "seed": self.seed})[1:-1]
        rows = [json.dumps(_encoded(moment, number)) for number, moment in enumerate(self.moments)]
        return f'{{{head}, "moments": [\n' + ",\n".join(rows) + "\n]}\n"


@dataclass(frozen=True)
class Parting:
    """Where two recordings part: the number of the moment (0 is the reset), the field, and how in words."""

    number: int
    field: str
    difference: str


def read(path: Path) -> Recording:
    """Raises ArtifactRefused for a file that `to_text` did not write."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["kind"] != KIND or data["schema"] != SCHEMA:
            raise ValueError(f"{data['kind']!r} of schema {data['schema']!r}")
        moments = tuple(_decoded(row) for row in data["moments"])
        if not moments:
            raise ValueError("it has no moments")
        return Recording(str(data["env"]), int(data["seed"]), moments)
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # JSONDecodeError and NotPlain are ValueErrors
        raise ArtifactRefused(
            f"{path} is no {KIND} of schema {SCHEMA} ({error}); record it anew with pytest --envkit-update"
        ) from error


def first_parting(old: Recording, new: Recording, tolerance: float = 0.0) -> Parting | None:
    """The first moment and field that differ; numbers that differ by `tolerance` at most count as equal."""
    for number, (was, now) in enumerate(zip(old.moments, new.moments, strict=False)):
        for name, value in was.fields.items():
            given = settled(value, now.fields[name], tolerance) if tolerance else now.fields[name]
            difference = first_difference(value, given, name)
            if difference:
                return Parting(number, name, difference)
    return None


def settled(old: Any, new: Any, tolerance: float) -> Any:
    """The new value, with the old numbers wherever the two differ by no more than the tolerance."""
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape != new.shape or old.dtype != new.dtype or old.dtype.kind not in "iuf":
            return new
        near = np.abs(old.astype(np.float64) - new.astype(np.float64)) <= tolerance
        return np.where(near, old, new)
    if isinstance(old, float | np.floating) and type(old) is type(new):
        return old if abs(float(old) - float(new)) <= tolerance else new
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: settled(old[key], part, tolerance) if key in old else part for key, part in new.items()}
    if type(old) in (tuple, list) and type(old) is type(new) and len(old) == len(new):
        return type(old)(settled(one, other, tolerance) for one, other in zip(old, new, strict=True))
    return new


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


def _encoded(moment: Moment, number: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    values = ({"action": moment.action} if number else {}) | moment.fields
    for name, value in values.items():
        try:
            row[name] = encode(value)
        except NotPlain as error:
            place = f"step {number}" if number else "the reset"
            hint = "; leave infos out with info=False" if name == "info" else ""
            raise UsageError(f"the {name} of {place} cannot be recorded: {error}{hint}") from error
    return row


def _decoded(row: dict[str, Any]) -> Moment:
    values = {name: decode(value) for name, value in row.items()}
    return Moment(values.pop("action", None), values)
