"""Leaving out what is not needed: the shortest part of a sequence that still does the same.

After Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002): ever smaller stretches are left
out, one after another, as long as what is wanted still comes of the rest. What remains is minimal in the sense that no
single item can be left out; it is not always the shortest there is.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def shorten(
    items: Sequence[Item],
    outcome: Outcome,
    attempt: Callable[[Sequence[Item]], Outcome | None],
    *,
    length: Callable[[Outcome], int] | None = None,
) -> tuple[tuple[Item, ...], Outcome]:
    """The items that are left, and what `attempt` made of them.

    Args:
      items: a sequence with the outcome that is wanted.
      outcome: what came of it.
      attempt: what comes of fewer items; None where it is not what is wanted, or where no attempt is left.
      length: how many of the attempted items the outcome used, counted from the first; the rest is dropped at once.
    """
    kept = _used(tuple(items), outcome, length)
    size = max(len(kept) // 2, 1)
    while size and kept:
        start = 0
        while start < len(kept):
            fewer = kept[:start] + kept[start + size :]
            found = attempt(fewer)
            if found is None:
                start += size
            else:
                kept, outcome = _used(fewer, found, length), found
        size //= 2
    return kept, outcome


def _used(items: tuple[Item, ...], outcome: Outcome, length: Callable[[Outcome], int] | None) -> tuple[Item, ...]:
    return items if length is None else items[: length(outcome)]
