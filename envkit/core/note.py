"""Notes: what a file keeps of a value, so that the same value can be told from another one later.

A note is JSON. What is small is kept whole, as `envkit.core.codec` writes it, and so a difference has its place and
both values. Of what is large, such as an image, there is a fingerprint, {"is": "digest", "sha256", "of"}; of what has
no JSON form there is only the type, {"is": "unknown", "of"}, and nothing can be compared with that.
"""

from typing import Any

from envkit.core.codec import KIND, NotPlain, decode, encode
from envkit.core.compare import SIDES, Sides, first_difference, settled
from envkit.core.digest import digest, extent
from envkit.core.show import show

SMALL = 128  # numbers and characters of what is kept whole
DIGEST, UNKNOWN = "digest", "unknown"
TEXTS = {DIGEST: ("sha256", "of"), UNKNOWN: ("of",)}  # what stands beside the kind


def noted(value: Any) -> Any:
    """The note of a value as it is now: what is done to the value afterwards makes no difference."""
    try:
        return strictly_noted(value)
    except NotPlain:
        return {KIND: UNKNOWN, "of": type(value).__name__}


def strictly_noted(value: Any, *, small: float = SMALL) -> Any:
    """The same of a value that can be compared.

    Args:
      small: how many numbers and characters are kept whole; `math.inf` for all.

    Raises:
      NotPlain: the value is, or holds, what has no JSON form.
    """
    if extent(value) <= small:
        return encode(value)
    return {KIND: DIGEST, "sha256": digest(value), "of": show(value)}


def is_known(note: Any) -> bool:
    """Whether another value can be compared with it."""
    return not (isinstance(note, dict) and note[KIND] == UNKNOWN)


def is_whole(note: Any) -> bool:
    """Whether `decode` gives the value back."""
    return _kind(note) not in TEXTS


def changed(
    note: Any, now: Any, name: str = "observation", sides: Sides = SIDES, *, tolerance: float = 0.0
) -> str | None:
    """How a value differs from the one that was noted; None where it does not, or where nobody can tell.

    Args:
      sides: what the note and the value now are called.
      tolerance: numbers may differ by so much; of a digest nothing may.
    """
    if not is_known(note):
        return None
    try:
        if is_whole(note):
            was, given = decode(note), decode(encode(now))
            return first_difference(was, settled(was, given, tolerance), name, sides)
        if note["sha256"] == digest(now):
            return None
    except NotPlain:
        return f"{name} is of the type {type(now).__name__} in {sides[1]}, which it was not in {sides[0]}"
    return f"{name} was {note['of']} in {sides[0]} and is another in {sides[1]}, {show(now)}"


def checked(data: Any) -> Any:
    """The note that a file has. Raises KeyError, TypeError or NotPlain where it is none."""
    if is_whole(data):
        decode(data)
        return data
    for name in TEXTS[_kind(data)]:
        if type(data[name]) is not str:
            raise TypeError(f"{show(data[name])} is no str")
    return data


def _kind(note: Any) -> Any:
    return note[KIND] if isinstance(note, dict) else ""
