"""Values are shown as a person would type them."""

import re
import traceback

import numpy as np
import pytest

from envkit.core.show import error_line, innermost_line, show


class Rude:
    def __repr__(self):
        raise RuntimeError("no")


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.int64(3), "3"),
        (np.float32(0.1), "0.1"),
        (1 / 3, "0.333333"),
        (np.array([1, 2], np.int8), "array([1, 2], int8)"),
        (np.zeros((100, 100)), "array of shape (100, 100), float64"),
        ({"a": np.bool_(True)}, "{'a': True}"),
        ((1,), "(1,)"),
        ("two\nlines", "'two\\nlines'"),
        (Rude(), "<Rude whose repr raises RuntimeError>"),
    ],
)
def test_a_value_is_shown_plainly(value, text):
    assert show(value) == text


def test_a_long_value_is_cut():
    assert len(show("x" * 10_000)) == 160


def test_the_line_to_mend_is_never_one_of_the_kits():
    from envkit.authoring.textmap import TextMap

    def mine():
        TextMap.parse("..\n.")

    with pytest.raises(ValueError, match="map row 1") as raised:
        mine()
    assert re.fullmatch(r".*test_show\.py:\d+ in mine", innermost_line(raised.value))
    assert "textmap.py" in "".join(traceback.format_tb(raised.value.__traceback__))
    assert innermost_line(raised.value.with_traceback(None)) == ""


def test_an_error_is_one_line_whatever_its_text_does():
    assert error_line(ValueError("first\nsecond")) == "ValueError: first second"
    assert error_line(Mute()) == "Mute: <its text cannot be shown>"
    assert error_line(KeyError()) == "KeyError"
    assert len(error_line(ValueError("x" * 10**6))) < 420
