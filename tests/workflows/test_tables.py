"""The numbers of the reports are as long as they say something."""

import math

import pytest

from envkit.workflows.tables import between


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (20.22975, 25.25025, "20.23 to 25.25"),
        (0.735216, 0.836152, "0.735 to 0.836"),
        (-1234.5678, 8765.4321, "-1,235 to 8,765"),
        (-0.0004, 0.1, "0 to 0.1"),
        (1, 1, "1 to 1"),
        (12.3456789, 12.3456789, "12.345679 to 12.345679"),
        (0.0, math.inf, "0 to inf"),
    ],
)
def test_an_interval_has_three_digits_of_its_width(low, high, text):
    assert between(low, high) == text
