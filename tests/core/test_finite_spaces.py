import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from envkit.core.finite import Decode, key_of, size, value

SPACES = [
    spaces.Discrete(5),
    spaces.Discrete(3, start=-1),
    spaces.MultiDiscrete([3, 2, 4]),
    spaces.MultiDiscrete([[2, 3], [1, 2]], start=[[0, 5], [1, -1]]),
    spaces.MultiBinary(4),
    spaces.MultiBinary((2, 2)),
    spaces.Tuple((spaces.Discrete(2), spaces.MultiBinary(2))),
    spaces.Dict({"b": spaces.Discrete(2, start=1), "a": spaces.Tuple((spaces.MultiDiscrete([2, 2]),))}),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_the_numbered_values_are_all_of_the_space_and_all_different(space):
    values = [value(space, number) for number in range(size(space))]
    assert all(space.contains(each) for each in values)
    assert len({key_of(space)(each) for each in values}) == size(space)


@pytest.mark.parametrize("space", SPACES, ids=str)
@given(seed=st.integers(0, 2**31 - 1))
def test_every_sample_has_the_key_of_a_numbered_value(space, seed):
    space.seed(seed)
    keys = {key_of(space)(value(space, number)) for number in range(size(space))}
    assert key_of(space)(space.sample()) in keys


@pytest.mark.parametrize(
    "space", [spaces.Box(0, 1, (2,)), spaces.Tuple((spaces.Box(0, 1, (2,)), spaces.Discrete(2)))], ids=str
)
def test_endless_spaces_have_neither_size_nor_keys(space):
    assert size(space) is None
    assert key_of(space) is None


def test_text_has_keys_but_no_size():
    space = spaces.Dict({"word": spaces.Text(4), "n": spaces.Discrete(2)})
    assert size(space) is None
    assert key_of(space)({"word": "ab", "n": np.int64(1)}) == key_of(space)({"n": 1, "word": "ab"})


def test_decoding_a_discrete_action_gives_a_plain_int_from_its_start():
    action = Decode(spaces.Discrete(3, start=5))(2)
    assert (action, type(action)) == (7, int)


@pytest.mark.parametrize(
    "space",
    [spaces.Sequence(spaces.Discrete(3)), spaces.OneOf((spaces.Discrete(4), spaces.MultiBinary(2)))],
    ids=["Sequence", "OneOf"],
)
def test_samples_of_uncounted_spaces_have_equal_keys_where_they_are_equal(space):
    keys = []
    for _ in range(2):
        space.seed(7)
        keys.append([key_of(space)(space.sample()) for _ in range(30)])
    assert keys[0] == keys[1]
    assert len(set(keys[0])) > 3
