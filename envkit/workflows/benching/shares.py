"""Where the time of a step goes, worked out from rows that were measured side by side, round by round."""

from collections.abc import Sequence
from itertools import pairwise

from envkit.workflows.benching.kind import FRAME
from envkit.workflows.benching.result import Row, Share, Spread, costs

OWN, WRAPPERS, RENDERING, BATCHING = "the environment's own step", "wrappers", "rendering", "batching"
BATCH = "SyncVectorEnv"  # the plainest: what it adds to its environments' steps is putting together what they return


def shares(rows: Sequence[Row]) -> list[Share]:
    """Of a wrapped step, of a rendered one, and of one in a batch."""
    by_key = {row.key: row for row in rows}
    bare, wrapped = by_key.get("bare"), by_key.get("wrapped")
    if bare is None:
        return []
    found = []
    plain = wrapped or bare
    if wrapped:
        found.append(Share(OWN, wrapped.key, _part(bare, wrapped)))
        found.append(Share(WRAPPERS, wrapped.key, _rest(bare, wrapped)))
        layers = [wrapped, *(row for row in rows if row.inner), bare]
        for outer, inner in pairwise(layers):
            found.append(Share(outer.about, wrapped.key, _difference(outer, inner, wrapped)))
    for row in rows:
        if row.unit == FRAME:
            found.append(Share(RENDERING, row.key, _rest(plain, row)))
        elif row.name == BATCH:
            found.append(Share(BATCHING, row.key, _rest(plain, row)))
    return found


def _part(inner: Row, outer: Row) -> Spread:
    return Spread.of([min(1.0, part / whole) for part, whole in zip(*costs(inner, outer), strict=False)])


def _rest(inner: Row, outer: Row) -> Spread:
    return Spread.of([max(0.0, 1 - part / whole) for part, whole in zip(*costs(inner, outer), strict=False)])


def _difference(outer: Row, inner: Row, whole: Row) -> Spread:
    found = zip(*costs(outer, inner, whole), strict=False)
    return Spread.of([max(0.0, (around - within) / all) for around, within, all in found])
