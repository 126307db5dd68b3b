"""first_difference names the first place where two values part."""

import numpy as np
import pytest
from gymnasium.spaces import GraphInstance

from envkit.core.compare import first_difference


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        (np.float32([1, 2]), np.float32([1, 3]), "observation[1] is 2 in one and 3 in the other"),
        (np.zeros(3), np.ones(3), "observation[0] is 0 in one and 1 in the other; 3 of 3 entries differ"),
        (np.zeros(3), np.zeros(4), "observation has shape (3,) in one and (4,) in the other"),
        (np.zeros(3), np.zeros(3, np.float32), "observation is float64 in one and float32 in the other"),
        ({"a": 1}, {"b": 1}, "observation has the key 'a' in only one of the two"),
        ({"a": (1, 2)}, {"a": (1, 3)}, "observation['a'][1] is 2 in one and 3 in the other"),
        ((1, 2), [1, 2], "observation is a tuple in one and a list in the other"),
        ((1, 2), (1, 2, 3), "observation has 2 entries in one and 3 in the other"),
        (1, np.int64(1), "observation is an int in one and an int64 in the other"),
        (0.5, 0.25, "observation is 0.5 in one and 0.25 in the other"),
        (0.1 + 0.2, 0.3, "observation is 0.30000000000000004 in one and 0.3 in the other"),
        (
            np.float64([0.1 + 0.2]),
            np.float64([0.3]),
            "observation[0] is 0.30000000000000004 in one and 0.3 in the other",
        ),
        ("left", "right", "observation is 'left' in one and 'right' in the other"),
        (
            GraphInstance(np.zeros((1, 1)), None, None),
            GraphInstance(np.ones((1, 1)), None, None),
            "observation[0][0, 0] is 0 in one and 1 in the other",
        ),
    ],
)
def test_a_difference_is_named_with_its_place(left, right, text):
    assert first_difference(left, right) == text


def test_the_two_can_be_called_by_their_names():
    old, new = {"a": (1, np.zeros(2))}, {"a": (1, np.ones(2))}
    told = first_difference(old, new, "info", ("the file", "the replay"))
    assert told == "info['a'][1][0] is 0 in the file and 1 in the replay; 2 of 2 entries differ"


class Strange:
    def __eq__(self, other):
        raise RuntimeError("not comparable")

    __hash__ = None


@pytest.mark.parametrize(
    "value",
    [
        1,
        0.5,
        "text",
        None,
        np.array([1.0, np.nan]),
        float("nan"),
        {"a": [1, (2, np.zeros(2))]},
        np.float32(3),
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_equals_itself(value):
    assert first_difference(value, value) is None


def test_objects_that_know_no_equality_are_not_told_apart():
    assert first_difference(object(), object()) is None


def test_a_comparison_that_raises_counts_as_a_difference():
    assert "is" in first_difference(Strange(), Strange())


def test_arrays_of_objects_are_compared_entry_by_entry():
    left, right = np.array([None, np.ones(2), None], object), np.array([None, np.ones(2), None], object)
    assert first_difference(left, right) is None
    right[1] = np.zeros(2)
    assert first_difference(left, right, "it").startswith("it[1][0] is ")
