"""Every kind of space: what is drawn is a member, the boundaries come up, and failures shrink to simple values."""

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from envkit.check.judging.membership import why_outside
from envkit.testing import first_difference, from_space

SPACES = [
    spaces.Discrete(5),
    spaces.Discrete(3, start=-7),
    spaces.Discrete(3, dtype=np.int32),
    spaces.Box(-1, 1, (3,)),
    spaces.Box(np.array([-1, 0.1], np.float32), np.array([1, 0.3], np.float32)),
    spaces.Box(-np.inf, np.inf, (2,)),
    spaces.Box(-np.inf, np.inf, (3,), np.float16),
    spaces.Box(2e7, np.inf, (2,)),
    spaces.Box(-np.inf, -3e7, (2,), np.float64),
    spaces.Box(-np.inf, np.inf, (2,), np.int32),
    spaces.Box(-5, 5, (), np.int64),
    spaces.Box(0.1, 0.3, (8, 8)),
    spaces.Box(-np.inf, np.inf, (40,)),
    spaces.Box(0, 255, (48, 48, 3), np.uint8),
    spaces.MultiBinary(4),
    spaces.MultiBinary((2, 3)),
    spaces.MultiDiscrete([3, 4]),
    spaces.MultiDiscrete([[3, 4], [1, 2]], start=[[1, -2], [5, 0]]),
    spaces.Box(0, np.inf, (2,)),
    spaces.Box(-np.inf, 0, (2,), np.float64),
    spaces.Box(np.array([-np.inf, 0], np.float32), np.array([3, np.inf], np.float32)),
    spaces.Box(-np.inf, np.inf, (), np.float64),
    spaces.Box(0, 2**63 - 1, (2,), np.int64),
    spaces.Box(0, 2**64 - 1, (2,), np.uint64),
    spaces.Box(0, 2**64 - 1, (40,), np.uint64),
    spaces.Box(-3e38, 3e38, (40,)),
    spaces.Box(0.1, 0.3, (60,), np.float16),
    spaces.Box(1e-40, 1e-38, (1,)),
    spaces.Box(0.1, 0.1, (3,)),
    spaces.Box(0, 1, (0,)),
    spaces.Box(0, 1, (4,), np.bool_),
    spaces.Discrete(5, start=-3, dtype=np.int8),
    spaces.Discrete(2**40, start=-(2**39)),
    spaces.MultiDiscrete([2**40, 1]),
    spaces.MultiDiscrete([3, 3], dtype=np.uint8, start=[250, 1]),
    spaces.Text(5),
    spaces.Text(3, min_length=3, charset="ä€x"),
    spaces.Tuple(()),
    spaces.Dict({}),
    spaces.Sequence(spaces.Sequence(spaces.Discrete(2)), stack=True),
    spaces.Sequence(spaces.Tuple((spaces.Discrete(2), spaces.Box(0, 1, (2,)))), stack=True),
    spaces.Sequence(spaces.OneOf((spaces.Discrete(2), spaces.Text(1))), stack=True),
    spaces.OneOf((spaces.OneOf((spaces.Discrete(2), spaces.Text(1))), spaces.Sequence(spaces.Discrete(2)))),
    spaces.Graph(spaces.Box(0, 255, (2,), np.uint8), None),
    spaces.Dict(g=spaces.Graph(spaces.Discrete(3), None), o=spaces.OneOf((spaces.Discrete(2), spaces.Discrete(3)))),
    spaces.Text(3, min_length=0, charset="ab"),
    spaces.Tuple((spaces.Discrete(2), spaces.Box(0, 1, (1,)))),
    spaces.Dict(a=spaces.Discrete(2), b=spaces.Tuple((spaces.MultiBinary(2), spaces.Text(2)))),
    spaces.Sequence(spaces.Discrete(3)),
    spaces.Sequence(spaces.Box(0, 1, (2,)), stack=True),
    spaces.Sequence(spaces.Dict(a=spaces.Discrete(2)), stack=True),
    spaces.Graph(spaces.Box(0, 1, (2,)), spaces.Discrete(3)),
    spaces.Graph(spaces.Discrete(2), None),
    spaces.Graph(spaces.Dict(a=spaces.Discrete(2)), spaces.Box(0, 1, (1,))),
    spaces.OneOf((spaces.Discrete(3), spaces.Box(0, 1, (2,)), spaces.Text(2))),
]
QUICK = settings(max_examples=40, database=None, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_whatever_is_drawn_is_in_the_space_and_of_its_dtype(space):
    @QUICK
    @given(from_space(space))
    def members(value):
        assert space.contains(value)
        assert why_outside(space, value) is None

    members()


def simplest(space, fails=lambda value: True):
    enough = settings(max_examples=2000, database=None, suppress_health_check=list(HealthCheck))
    return find(from_space(space), fails, settings=enough)


@pytest.mark.parametrize(
    ("space", "value"),
    [
        (spaces.Discrete(5), 0),
        (spaces.Discrete(3, start=4), 4),
        (spaces.Discrete(3, start=-7), -5),
        (spaces.Box(-1, 1, (2,)), [0, 0]),
        (spaces.Box(0.5, 1, (1,)), [0.5]),
        (spaces.Box(0, 255, (8, 8), np.uint8), np.zeros((8, 8))),
        (spaces.MultiBinary(3), [0, 0, 0]),
        (spaces.MultiDiscrete([3, 3], start=[1, -1]), [1, 0]),
    ],
    ids=str,
)
def test_numbers_shrink_to_the_one_nearest_to_zero(space, value):
    assert np.array_equal(simplest(space), value)


NEAREST = [  # a space, and the member that is nearest to zero, shortest, and first of several
    (spaces.Discrete(9, start=-4), 0),
    (spaces.Discrete(4, start=3), 3),
    (spaces.Box(-np.inf, np.inf, (2,)), np.zeros(2, np.float32)),
    (spaces.Box(-np.inf, -3e7, (1,), np.float64), np.array([-3e7])),
    (spaces.Box(2, np.inf, (2,)), np.full(2, 2, np.float32)),
    (spaces.Box(np.array([-np.inf, 1], np.float32), np.array([3, np.inf], np.float32)), np.array([0, 1], np.float32)),
    (spaces.Box(-1, 1, (2,), np.float16), np.zeros(2, np.float16)),
    (spaces.Box(0, 255, (9, 9, 3), np.uint8), np.zeros((9, 9, 3), np.uint8)),
    (spaces.Box(-np.inf, np.inf, (2,), np.int32), np.zeros(2, np.int32)),
    (spaces.MultiBinary((2, 2)), np.zeros((2, 2), np.int8)),
    (spaces.MultiDiscrete([[3, 4], [1, 2]], start=[[1, -2], [5, 0]]), np.array([[1, 0], [5, 0]])),
    (spaces.Text(4, charset="yx"), "x"),
    (spaces.Text(4, min_length=0), ""),
    (spaces.Tuple((spaces.Discrete(2), spaces.Text(2, min_length=2, charset="ab"))), (np.int64(0), "aa")),
    (spaces.Dict(a=spaces.Dict(b=spaces.Discrete(3)), c=spaces.Tuple(())), {"a": {"b": np.int64(0)}, "c": ()}),
    (spaces.Sequence(spaces.Discrete(3)), ()),
    (spaces.Sequence(spaces.Box(0, 1, (2,)), stack=True), np.zeros((0, 2), np.float32)),
    (spaces.OneOf((spaces.Discrete(3), spaces.Text(2))), (np.int64(0), np.int64(0))),
    (spaces.Graph(spaces.Discrete(3), spaces.Discrete(2)), spaces.GraphInstance(np.array([0]), None, None)),
]


@pytest.mark.parametrize(("space", "value"), NEAREST, ids=[str(space) for space, _ in NEAREST])
def test_every_kind_of_space_shrinks_to_its_plainest_member(space, value):
    found = simplest(space)
    difference = first_difference(found, value)
    assert difference is None or found == value


PARTS = [  # a space, what fails, and the least that does
    (spaces.Discrete(10, start=-5), lambda value: value < -2, -3),
    (spaces.Text(5), lambda value: "b" in value, "b"),
    (spaces.Text(5), lambda value: len(value) >= 3, "000"),
    (spaces.Sequence(spaces.Discrete(4)), lambda value: 3 in value, (3,)),
    (spaces.Sequence(spaces.Discrete(4)), lambda value: len(value) >= 2, (0, 0)),
    (spaces.Graph(spaces.Discrete(3), None), lambda graph: 2 in graph.nodes, spaces.GraphInstance(np.array([2]), None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("space", "fails", "value"), PARTS, ids=[str(space) for space, _, _ in PARTS])
def test_what_does_not_matter_is_left_out(space, fails, value):
    assert simplest(space, fails) == value


def test_texts_sequences_and_graphs_shrink_to_the_shortest():
    assert simplest(spaces.Text(4, min_length=0, charset="xy")) == ""
    assert simplest(spaces.Sequence(spaces.Discrete(3))) == ()
    graph = simplest(spaces.Graph(spaces.Discrete(2), spaces.Discrete(2)))
    assert len(graph.nodes) == 1
    assert graph.edges is None


def test_a_part_shrinks_to_the_least_that_still_fails():
    space = spaces.Dict(speed=spaces.Box(-1, 1, (2,)), gear=spaces.Discrete(6))
    found = simplest(space, lambda value: value["gear"] >= 3)
    assert found["gear"] == 3
    assert not found["speed"].any()


@pytest.mark.parametrize("bound", [[-1, 0.25], [1, 0.5]], ids=["low", "high"])
def test_both_bounds_of_every_entry_come_up(bound):
    space = spaces.Box(np.array([-1, 0.25], np.float32), np.array([1, 0.5], np.float32))
    assert np.array_equal(simplest(space, lambda value: (value == bound).all()), np.array(bound, np.float32))


def test_an_edge_may_join_any_two_nodes_and_a_node_to_itself():
    space = spaces.Graph(spaces.Discrete(2), spaces.Discrete(2))
    loop = simplest(
        space, lambda graph: graph.edges is not None and (graph.edge_links[:, 0] == graph.edge_links[:, 1]).any()
    )
    assert loop.edge_links.tolist() == [[0, 0]]


def test_a_space_of_ones_own_falls_back_to_its_sample_and_can_be_registered():
    class Even(spaces.Space):
        def sample(self, mask=None, probability=None):
            return int(self.np_random.integers(5)) * 2

        def contains(self, value):
            return value % 2 == 0

    assert simplest(Even()) in range(0, 10, 2)
    from_space.register(Even, lambda space: st.just(8))
    assert simplest(Even()) == 8


def test_drawing_leaves_the_spaces_own_generator_alone():
    space = spaces.Discrete(10, seed=3)
    simplest(space, lambda value: value > 5)
    assert space.sample() == spaces.Discrete(10, seed=3).sample()
