"""A note tells the value it was made of from every other one, and says how another differs."""

import json
import math

import numpy as np
import pytest

from envkit.core.codec import NotPlain
from envkit.core.note import changed, checked, is_known, is_whole, noted, strictly_noted

SIDES = ("the file", "the replay")


class Odd:
    """Of a type that has no JSON form."""


def test_what_is_large_is_kept_as_a_digest():
    image = np.zeros((40, 40, 3), np.uint8)
    note = noted(image)
    assert (note["is"], note["of"]) == ("digest", "array of shape (40, 40, 3), uint8")
    assert changed(note, image.copy()) is None
    image[39, 39, 2] = 1
    assert changed(note, image, sides=SIDES).startswith(f"observation was {note['of']} in the file and is another in ")


def test_what_is_large_is_kept_whole_where_that_is_asked_for():
    image = np.zeros((40, 40, 3), np.uint8)
    note = strictly_noted(image, small=math.inf)
    assert is_whole(note)
    image[39, 39, 2] = 2
    assert changed(note, image) == "observation[39, 39, 2] is 0 in one and 2 in the other"
    assert changed(note, image, tolerance=2) is None


def test_a_difference_has_its_place_and_both_values():
    note = noted({"place": np.float32([1, 2]), "left": 3})
    assert changed(note, {"place": np.float32([1, 2]), "left": 3}) is None
    told = changed(note, {"place": np.float32([1, 2.5]), "left": 3}, sides=SIDES)
    assert told == "observation['place'][1] is 2 in the file and 2.5 in the replay"
    assert changed(note, Odd(), "info") == "info is of the type Odd in the other, which it was not in one"


def test_what_nobody_can_compare_is_never_called_different():
    note = noted(Odd())
    assert note == {"is": "unknown", "of": "Odd"}
    assert not is_known(note)
    assert changed(note, 3) is None
    with pytest.raises(NotPlain, match="Odd has no JSON form here"):
        strictly_noted(Odd())


def test_a_note_is_of_the_value_as_it_was():
    observation = np.zeros(2)
    note = noted(observation)
    observation[0] = 1
    assert changed(note, np.zeros(2)) is None


@pytest.mark.parametrize(
    "value", [3, np.float32([1, math.nan]), np.zeros(1000), Odd()], ids=["int", "nan", "large", "odd"]
)
def test_a_note_is_json_and_comes_back(value):
    note = noted(value)
    assert checked(json.loads(json.dumps(note, allow_nan=False))) == note


@pytest.mark.parametrize(
    "data", [{}, {"is": "digest"}, {"is": "digest", "sha256": 3, "of": ""}, {"is": "pickle"}, {"is": "unknown"}]
)
def test_what_is_no_note_is_refused(data):
    with pytest.raises((KeyError, TypeError, NotPlain)):
        checked(data)
