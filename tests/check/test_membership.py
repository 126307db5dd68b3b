"""why_outside names what is wrong, and agrees with Gymnasium on what is right."""

from collections import OrderedDict

import numpy as np
import pytest
from gymnasium import spaces

from envkit.check.judging.membership import why_outside

BOX = spaces.Box(-1, np.float32([1, 2]), (2,), np.float32)
NESTED = spaces.Dict({"a": BOX, "b": spaces.Tuple((spaces.Discrete(3, start=1), spaces.MultiBinary(2)))})
GOOD = {"a": np.zeros(2, np.float32), "b": (1, np.array([0, 1], np.int8))}


@pytest.mark.parametrize(
    ("space", "value", "text"),
    [
        (BOX, np.float32([0, 2.5]), "observation[1] is 2.5, above its high of 2"),
        (BOX, np.float32([-3, 2.5]), "observation[0] is -3, below its low of -1; 2 of 2 entries are outside"),
        (BOX, np.float32([np.nan, 0]), "observation[0] is nan, not between -1 and 1"),
        (BOX, np.zeros(2), "observation is float64, but float32 was declared"),
        (BOX, np.zeros(3, np.float32), "observation has shape (3,), but (2,) was declared"),
        (BOX, [0.0, 0.0], "observation is a list, [0, 0], but an array of shape (2,) was declared"),
        (BOX, None, "observation is a NoneType, None, but an array of shape (2,) was declared"),
        (spaces.Discrete(3), 3, "observation is 3, not in 0 to 2"),
        (spaces.Discrete(3, start=5), 0, "observation is 0, not in 5 to 7"),
        (spaces.Discrete(3), np.array([1]), "observation is an array of shape (1,), but a single integer was declared"),
        (spaces.Discrete(3), 1.0, "observation is a float, 1, but an integer was declared"),
        (spaces.MultiBinary(2), np.array([0, 2], np.int8), "observation[1] is 2, above its high of 1"),
        (spaces.MultiDiscrete([2, 3]), np.array([0, 3]), "observation[1] is 3, above its high of 2"),
        (NESTED, {"a": GOOD["a"]}, "observation lacks the key 'b'"),
        (NESTED, GOOD | {"c": 1}, "observation has the key 'c', which the space does not declare"),
        (NESTED, GOOD | {"b": list(GOOD["b"])}, "observation['b'] is a list, but a tuple was declared"),
        (NESTED, GOOD | {"b": (0, GOOD["b"][1])}, "observation['b'][0] is 0, not in 1 to 3"),
        (spaces.Text(3, charset="ab"), "abc", "observation is 'abc', which is no member of Text(1, 3, charset=ab)"),
    ],
)
def test_a_stranger_is_told_why(space, value, text):
    assert why_outside(space, value) == text


@pytest.mark.parametrize(
    "space",
    [
        BOX, NESTED, spaces.Box(0, 255, (4, 4, 3), np.uint8), spaces.Box(-np.inf, np.inf, ()), spaces.Discrete(3, start=-1),
        spaces.MultiDiscrete([2, 3], start=[1, -1]), spaces.Text(5), spaces.Sequence(spaces.Discrete(2)),
        spaces.OneOf((spaces.Discrete(2), BOX)), spaces.Graph(BOX, spaces.Discrete(2)), spaces.MultiBinary([2, 2]),
    ],
    ids=lambda space: type(space).__name__,
)  # fmt: skip
def test_members_are_members(space):
    space.seed(3)
    for _ in range(50):
        value = space.sample()
        assert why_outside(space, value) is None


def test_an_ordered_dictionary_is_a_dictionary():
    assert why_outside(NESTED, OrderedDict(GOOD)) is None
