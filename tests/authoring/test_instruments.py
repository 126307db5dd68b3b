"""Instruments put values where their scales say, and beyond the ends on the ends."""

import numpy as np
import pytest

from envkit.authoring.board import Board, heat_colours, short
from envkit.authoring.canvas import Canvas
from envkit.authoring.instruments import MOST_POINTS, Bar, Chart, Dial, Thermometer
from envkit.authoring.palette import BLUE, HEAT, INK, SILVER, WHITE, along, mix, readable_on


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


def test_a_chart_of_an_endless_series_shows_its_end():
    chart = Chart(x=0, y=0, width=100, height=100, last=10, low=0, high=30)
    scrolled, short = Canvas(120, 120), Canvas(120, 120)
    chart.recent(scrolled, list(range(31)), BLUE)
    chart.line(short, list(range(20, 31)), BLUE)
    np.testing.assert_array_equal(scrolled.frame, short.frame)
    chart.recent(Canvas(120, 120), [], BLUE)  # before the first value there is nothing to draw


@pytest.mark.parametrize(
    ("low", "high", "value", "filled"),
    [
        (0, 10, 4, (20, 60)), (0, 10, 99, (20, 120)), (-10, 10, 5, (70, 95)), (-10, 10, -5, (45, 70)),
        (-10, 10, -99, (20, 70)), (20, 40, 30, (20, 70)),
    ],
)  # fmt: skip
def test_a_bar_fills_from_its_zero_to_its_reading(low, high, value, filled):
    bar = Bar(20, 10, 100, 8, low, high)
    canvas = Canvas(140, 40)
    bar.reading(canvas, value, BLUE)
    blue = np.flatnonzero((canvas.frame[14] == BLUE).all(axis=1))
    near = 2 if low < 0 < high else 1  # ends are round, and the mark of zero covers one
    assert abs(int(blue[0]) - filled[0]) <= near
    assert abs(int(blue[-1]) + 1 - filled[1]) <= near


def test_a_dials_hand_turns_clockwise_from_the_left_over_the_top_to_the_right():
    dial = Dial(50, 50, 40, low=0, high=100)
    assert dial.on_rim(50) == pytest.approx((50, 10))
    (left, down), (right, also_down) = dial.on_rim(0), dial.on_rim(100)
    assert left < 50 < right
    assert down == pytest.approx(also_down)
    assert down > 50
    assert dial.on_rim(-7) == dial.on_rim(0)
    canvas = Canvas(100, 100)
    dial.reading(canvas, 50, BLUE)
    assert tuple(canvas.frame[25, 50]) == BLUE
    assert not canvas.frame[25, 30].any()


def test_a_scale_shades_its_band_only():
    dial = Dial(50, 50, 40, low=0, high=100)
    canvas = Canvas(100, 100)
    dial.scale(canvas, ticks=(), band=(40, 60), shade=BLUE)
    for value, colour in ((50, BLUE), (20, SILVER), (80, SILVER)):
        x, y = dial.on_rim(value)
        assert tuple(canvas.frame[int(y), int(x)]) == colour
