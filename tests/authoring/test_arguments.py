"""Arguments come back as plain Python, or are refused by name."""

import numpy as np
import pytest

from envkit.authoring.arguments import interval, number, one_of, several, whole


def test_numpys_numbers_become_plain_ones():
    values = [whole("n", np.int32(3)), number("x", np.float32(0.5)), *interval("band", np.array([1, 2]))]
    assert values == [3, 0.5, 1.0, 2.0]
    assert [type(value) for value in values] == [int, float, float, float]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: whole("n", 1.5), "n is 1.5, not a whole number"),
        (lambda: whole("n", True), "n is True, not a whole number"),
        (lambda: whole("n", 0, least=1), "n is 0, not a whole number of 1 or more"),
        (lambda: number("x", "1"), "x is '1', not a finite number"),
        (lambda: number("x", float("nan")), "x is nan, not a finite number"),
        (lambda: number("x", 2, least=0, most=1), "x is 2, not a finite number from 0 to 1"),
        (lambda: interval("band", 3), "band is 3, not the two ends of an interval, such as (0, 1)"),
        (lambda: interval("band", (1, 2, 3)), "band is (1, 2, 3), not the two ends"),
        (lambda: interval("band", [3, 1]), "band is [3, 1], its ends the wrong way round; write (1, 3)"),
        (lambda: one_of("mode", "of", ("on", "off")), "mode is 'of', not one of on, off"),
        (lambda: one_of("mode", [], ("on", "off")), "mode is [], not one of on, off"),
        (lambda: several("walls", 4), "walls is 4, not a list; write [4] if there is one"),
        (lambda: several("walls", "45"), "walls is '45', not a list"),
    ],
)
def test_what_is_refused_is_named_with_its_value_and_what_was_expected(call, said):
    with pytest.raises(ValueError) as refused:
        call()
    assert said in str(refused.value)
