"""Hypothesis strategies for Gymnasium's spaces: `from_space(space)` draws members, and shrinks to simple ones.

Random sampling hardly ever meets the boundary of a Box, an empty sequence or a graph without edges; these strategies
do, on purpose. Failures shrink towards zero where the space holds it, else towards the number nearest to it, and
towards short texts, sequences and graphs. Whatever is drawn is in the space, and of its dtype.

Unbounded Boxes are drawn from within a million either way: beyond, float32 dynamics overflow without being at fault.

A space of your own: `@from_space.register` a function that takes it and returns a strategy. Without one its own
`sample` is used, on a seeded copy.
"""

import copy
from functools import singledispatch
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.vector.utils import concatenate, create_empty_array
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Strategy = st.SearchStrategy[Any]

UNBOUNDED = 10**6
FEW = 32  # up to so many entries each is drawn by itself
LONGEST = 8  # of sequences, and of the nodes and edges of a graph


@singledispatch
def from_space(space: spaces.Space[Any]) -> Strategy:
    """A strategy for the members of any Gymnasium space."""

    def sample(seed: int) -> Any:
        twin = copy.deepcopy(space)
        twin.seed(seed)
        return twin.sample()

    return st.integers(0, 2**16 - 1).map(sample)


@from_space.register
def _(space: spaces.Discrete) -> Strategy:
    first = int(space.start)
    return st.integers(first, first + int(space.n) - 1).map(_scalar(space))


@from_space.register
def _(space: spaces.MultiBinary) -> Strategy:
    return _entries(space, st.integers(0, 1))


@from_space.register
def _(space: spaces.MultiDiscrete) -> Strategy:
    low = np.asarray(space.start, np.int64)
    return _array(space, low, low + space.nvec - 1)


@from_space.register(spaces.Box)
def _(space: Any) -> Strategy:
    if space.dtype.kind == "b":
        return _entries(space, st.booleans())
    limits: Any = np.finfo(space.dtype) if space.dtype.kind == "f" else np.iinfo(space.dtype)
    least, most = (
        space.dtype.type(bound) for bound in (max(-UNBOUNDED, int(limits.min)), min(UNBOUNDED, int(limits.max)))
    )
    low = np.where(space.bounded_below, space.low, least)
    high = np.where(space.bounded_above, space.high, most)
    # A bound beyond a million on the other side is kept: the interval must not be empty.
    return _array(space, np.minimum(low, space.high), np.maximum(high, space.low))


@from_space.register
def _(space: spaces.Text) -> Strategy:
    return st.text(sorted(space.character_set), min_size=space.min_length, max_size=space.max_length)


@from_space.register(spaces.Tuple)
def _(space: Any) -> Strategy:
    return st.tuples(*(from_space(inner) for inner in space.spaces))


@from_space.register
def _(space: spaces.Dict) -> Strategy:
    return st.fixed_dictionaries({key: from_space(inner) for key, inner in space.spaces.items()})


@from_space.register
def _(space: spaces.Sequence) -> Strategy:
    inner = space.feature_space
    items = st.lists(from_space(inner), max_size=LONGEST)
    return items.map(lambda values: _stacked(inner, values)) if space.stack else items.map(tuple)


@from_space.register(spaces.OneOf)
def _(space: Any) -> Strategy:
    return st.one_of(*(st.tuples(st.just(np.int64(i)), from_space(inner)) for i, inner in enumerate(space.spaces)))


@from_space.register
def _(space: spaces.Graph) -> Strategy:
    node = from_space(space.node_space)
    edge = None if space.edge_space is None else from_space(space.edge_space)

    @st.composite
    def graphs(draw: st.DrawFn) -> spaces.GraphInstance:
        nodes = draw(st.lists(node, min_size=1, max_size=LONGEST))
        end = st.integers(0, len(nodes) - 1)
        edges = [] if edge is None else draw(st.lists(st.tuples(edge, end, end), max_size=LONGEST))
        stacked = _stacked(space.node_space, nodes)
        if not edges:
            return spaces.GraphInstance(stacked, None, None)
        links = np.array([(start, stop) for _, start, stop in edges], np.int32)
        return spaces.GraphInstance(stacked, _stacked(space.edge_space, [value for value, _, _ in edges]), links)

    return graphs()


def _array(space: Any, low: npt.NDArray[Any], high: npt.NDArray[Any]) -> Strategy:
    """Arrays between per-entry bounds: all entries zero or on one bound, and each entry by itself."""
    low, high = low.astype(space.dtype), high.astype(space.dtype)
    simple = st.sampled_from([np.clip(np.zeros_like(low), low, high), low, high]).map(np.copy)
    if low.size > FEW:
        return st.one_of(simple, _scaled(space, low, high))
    bounds = list(zip(low.ravel().tolist(), high.ravel().tolist(), strict=True))
    each = st.tuples(*(_number(space.dtype, least, most) for least, most in bounds))
    return st.one_of(simple, each.map(lambda values: np.array(values, space.dtype).reshape(space.shape)))


def _number(dtype: Any, least: float, most: float) -> Strategy:
    """One entry; the bounds themselves come up often."""
    if dtype.kind in "iu":
        within: Strategy = st.integers(int(least), int(most))
    else:
        width: Any = min(8 * dtype.itemsize, 64)
        within = st.floats(least, most, width=width, allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0)
    simple = [bound for bound in (0, least, most) if least <= bound <= most]
    return st.one_of(st.sampled_from(simple), within)


def _scaled(space: Any, low: npt.NDArray[Any], high: npt.NDArray[Any]) -> Strategy:
    """Large arrays, such as images: one background, and a few entries that differ."""
    unit = st.sampled_from([0.0, 1.0, 0.5, 0.25, 0.75]) | st.floats(0, 1)
    low64, high64 = (_inwards(bound) for bound in (low, high))

    def scale(share: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
        value = low64 * (1 - share) + high64 * share
        inside = np.clip(value, low64, high64).astype(space.dtype)
        return np.clip(inside, space.low, space.high) if isinstance(space, spaces.Box) else inside

    return hnp.arrays(np.float64, space.shape, elements=unit, fill=unit).map(scale)


def _inwards(bound: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """As floats; whole numbers that no float is equal to become the next one towards zero."""
    near = bound.astype(np.float64)
    if bound.dtype.itemsize < 8 or bound.dtype.kind not in "iu":
        return near
    beyond = [abs(int(float_)) > abs(int(whole)) for float_, whole in zip(near.flat, bound.flat, strict=True)]
    return np.where(np.reshape(beyond, near.shape), np.nextafter(near, 0), near)


def _entries(space: Any, entry: Strategy) -> Strategy:
    return hnp.arrays(space.dtype, space.shape, elements=entry, fill=entry)


def _scalar(space: spaces.Discrete) -> Any:
    return space.dtype.type


def _stacked(inner: Any, values: list[Any]) -> Any:
    empty: Any = create_empty_array(inner, len(values))
    return concatenate(inner, values, empty) if values else empty
