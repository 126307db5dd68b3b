"""What a report keeps of actions comes back exactly, and reading it runs nothing."""

import json

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envkit.check.strategies import from_space
from envkit.core.codec import NotPlain, decode, encode, parse
from envkit.core.compare import first_difference
from envkit.core.trace import literal

SPACES = [
    gym.spaces.Discrete(5, start=-2),
    gym.spaces.Box(-1, 1, (2, 3), np.float32),
    gym.spaces.Box(-np.inf, np.inf, (2,), np.float64),
    gym.spaces.Box(0, 255, (4, 4), np.uint8),
    gym.spaces.MultiDiscrete([3, 4]),
    gym.spaces.MultiBinary(3),
    gym.spaces.Text(4),
    gym.spaces.Dict(a=gym.spaces.Discrete(2), b=gym.spaces.Tuple([gym.spaces.Box(0, 1, ()), gym.spaces.Discrete(3)])),
    gym.spaces.Graph(gym.spaces.Box(0, 1, (2,)), gym.spaces.Discrete(3)),
    gym.spaces.Sequence(gym.spaces.Discrete(3)),
    gym.spaces.OneOf([gym.spaces.Discrete(2), gym.spaces.Box(0, 1, (1,))]),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_members_of_every_space_come_back_through_json(space, data):
    value = data.draw(from_space(space))
    again = decode(json.loads(json.dumps(encode(value), allow_nan=False)))
    assert first_difference(value, again) is None


@pytest.mark.parametrize("space", SPACES[:8], ids=str)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_literal_is_read_as_the_value_it_spells(space, data):
    value = data.draw(from_space(space))
    again = parse(literal(value))
    plain = value.item() if isinstance(value, np.int64) else value  # a literal spells a plain int for it
    if not isinstance(space, gym.spaces.Dict):
        assert first_difference(plain, again) is None
    else:
        assert literal(again) == literal(value)


@pytest.mark.parametrize(
    "value",
    [float("nan"), -float("inf"), np.float32("nan"), np.array(np.inf), np.float32([[0.1, np.nan], [np.inf, -np.inf]])],
    ids=["nan", "inf", "scalar", "point", "array"],
)
def test_what_json_has_no_number_for_comes_back_through_strict_json(value):
    again = decode(json.loads(json.dumps(encode(value), allow_nan=False)))
    assert type(again) is type(value)
    assert first_difference(value, again) is None


@pytest.mark.parametrize("dtype", ["<U99999999", "O", "V8", "float65", "S3"])
def test_a_type_of_entries_that_no_value_has_is_refused(dtype):
    with pytest.raises(NotPlain, match="not a value that was written by envkit"):
        decode({"is": "array", "dtype": dtype, "values": [0], "shape": [1]})


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, np.array([object()]), len], ids=["object", "set", "array", "function"]
)
def test_what_has_no_json_form_is_refused(value):
    with pytest.raises(NotPlain, match="has no JSON form here"):
        encode(value)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"is": "array"},
        {"is": "evil", "items": []},
        {"is": "scalar", "dtype": "nothing", "value": 1},
        {"is": "dict", "items": [1]},
    ],
    ids=str,
)
def test_json_of_another_make_is_refused(data):
    with pytest.raises(NotPlain):
        decode(data)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "np.array(open('x'), np.float32)",
        "np.load('x')",
        "x",
        "1 +",
        "np.array([1], f())",
    ],
)
def test_text_that_is_no_literal_is_refused_and_not_run(text):
    with pytest.raises(NotPlain):
        parse(text)
