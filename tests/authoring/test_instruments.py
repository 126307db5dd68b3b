"""Instruments put values where their scales say, and beyond the ends on the ends."""

import numpy as np
import pytest

from envkit.authoring.board import Board, heat_colours, short
from envkit.authoring.canvas import Canvas
from envkit.authoring.instruments import MOST_POINTS, Chart, Thermometer
from envkit.authoring.palette import BLUE, HEAT, INK, WHITE, along, mix, readable_on


def test_a_chart_is_linear_and_keeps_to_its_edges():
    chart = Chart(x=10, y=20, width=100, height=50, last=4, low=0, high=10)
    assert [chart.point(0, 0), chart.point(2, 5), chart.point(4, 10)] == [(10, 70), (60, 45), (110, 20)]
    assert [chart.point(4, 99), chart.point(0, -99)] == [(110, 20), (10, 70)]


@pytest.mark.parametrize("length", [1, 2, MOST_POINTS, 10 * MOST_POINTS + 7])
def test_a_charts_line_ends_at_the_last_value(length):
    chart = Chart(x=0, y=0, width=100, height=100, last=length, low=0, high=1)
    canvas = Canvas(140, 120)
    chart.line(canvas, [0.0] * (length - 1) + [0.5], BLUE)
    x, y = chart.point(length - 1, 0.5)
    assert tuple(canvas.frame[int(y), int(x)]) == BLUE


def test_a_thermometer_is_filled_up_to_its_reading():
    thermometer = Thermometer(x=20, top=10, bottom=110, low=0, high=10)
    canvas = Canvas(40, 140)
    thermometer.reading(canvas, 4, BLUE)
    assert thermometer.height(4) == 70
    assert tuple(canvas.frame[80, 20]) == BLUE
    assert not canvas.frame[60, 20].any()
    assert (thermometer.height(-5), thermometer.height(50)) == (110, 10)


@pytest.mark.parametrize(("rows", "columns", "size"), [(9, 9, (512, 512)), (4, 8, (512, 256)), (3, 1, (172, 512))])
def test_a_boards_cells_are_square_and_inside_its_canvas(rows, columns, size):
    board = Board(rows, columns, 512)
    assert board.size == size
    x, y = board.corner(rows * columns - 1)
    assert x + board.cell + board.margin <= size[0]
    assert y + board.cell + board.margin <= size[1]


def test_heat_goes_from_the_least_to_the_largest_value_and_unknown_is_neither():
    colours = heat_colours(np.array([-3.0, 5.0, np.nan, 1.0]), [0, 1, 2])
    assert (colours[0], colours[1]) == (HEAT[0], HEAT[-1])
    assert colours[2] not in (HEAT[0], HEAT[-1])
    assert 3 not in colours


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-11, "-11"),
        (-10.4662, "-10.5"),
        (0.744, "0.74"),
        (-0.001, "0"),
        (2.5, "2.5"),
        (123456, "1e5"),
        (-99999, "-1e5"),
    ],
)
def test_numbers_in_cells_are_short(value, text):
    assert short(value) == text


def test_colours_mix_and_stay_readable():
    assert mix((0, 0, 0), (200, 100, 50), 0.5) == (100, 50, 25)
    assert along([(0, 0, 0), (10, 10, 10), (30, 30, 30)], 0.75) == (20, 20, 20)
    assert (readable_on(WHITE), readable_on(INK)) == (INK, WHITE)
