"""Shapes cover the area that geometry says, on memory that pygame shares."""

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from envkit.authoring import palette
from envkit.authoring.canvas import MOST_PIECES, Canvas, Sprite

WHITE = (255, 255, 255)


def inked(canvas):
    """How many pixels' worth of white is on a black canvas."""
    return canvas.frame[:, :, 0].sum() / 255


def scene(canvas):
    canvas.fill(palette.PAPER)
    canvas.rect(3, 4, 30, 20, palette.BLUE, radius=6)
    canvas.circle(60.25, 30.5, 17, palette.ORANGE, outline=3)
    canvas.arrow((10, 80), (80, 50), palette.INK, 3)
    canvas.text("Shower 38.5", 50, 60, size=13, colour=palette.GREEN)


@pytest.mark.parametrize("centre", [(50, 50), (50.3, 49.8)], ids=["on a corner", "off the grid"])
@pytest.mark.parametrize("radius", [3, 10.5, 40])
def test_a_disc_covers_pi_r_squared(centre, radius):
    canvas = Canvas(100, 100)
    canvas.circle(*centre, radius, WHITE)
    assert inked(canvas) == pytest.approx(math.pi * radius**2, rel=0.01)


def test_a_ring_covers_the_disc_without_its_inside():
    canvas = Canvas(100, 100)
    canvas.circle(50, 50, 40, WHITE, outline=5)
    assert inked(canvas) == pytest.approx(math.pi * (40**2 - 35**2), rel=0.01)


@pytest.mark.parametrize("place", [(10, 10, 31, 7), (10.5, 10.25, 31, 7.5)], ids=["whole", "fractions"])
def test_a_rectangle_covers_width_times_height(place):
    canvas = Canvas(60, 40)
    canvas.rect(*place, WHITE)
    assert inked(canvas) == pytest.approx(place[2] * place[3], rel=0.01)


def test_round_corners_take_away_what_a_circle_leaves_of_its_square():
    canvas = Canvas(100, 100)
    canvas.rect(10, 10, 80, 60, WHITE, radius=15)
    assert inked(canvas) == pytest.approx(80 * 60 - (4 - math.pi) * 15**2, rel=0.005)


def test_an_outline_lies_inside_its_rectangle():
    canvas = Canvas(60, 40)
    canvas.rect(10, 10, 40, 20, WHITE, outline=2)
    assert inked(canvas) == pytest.approx(40 * 20 - 36 * 16, rel=0.01)
    assert not canvas.frame[:10].any()
    assert not canvas.frame[15, 20].any()


def test_a_stroke_covers_its_length_and_two_round_ends():
    canvas = Canvas(100, 100)
    canvas.line([(20, 30), (80, 30)], WHITE, 8)
    assert inked(canvas) == pytest.approx(60 * 8 + math.pi * 4**2, rel=0.01)


def test_a_joint_is_not_painted_twice():
    once, twice = Canvas(60, 60), Canvas(60, 60)
    once.line([(10, 30), (50, 30)], WHITE, 5)
    twice.line([(10, 30), (30.5, 30), (50, 30)], WHITE, 5)
    np.testing.assert_allclose(twice.frame, once.frame, atol=1)


def test_a_polygon_covers_its_area_by_the_shoelace_formula():
    canvas = Canvas(100, 100)
    canvas.polygon([(10, 10), (90, 20), (60, 80), (50, 30)], WHITE)
    # 1/2 |sum of x_i y_j - x_j y_i|: -700 + 6000 - 2200 + 200 = 3300
    assert inked(canvas) == pytest.approx(1650, rel=0.01)


def test_an_arrow_ends_at_its_end():
    canvas = Canvas(100, 40)
    canvas.arrow((10, 20), (80, 20), WHITE, 4)
    assert canvas.frame[20, 77, 0] > 100
    assert not canvas.frame[:, 82:].any()


def test_what_lies_off_the_canvas_is_cut_off():
    canvas = Canvas(20, 20)
    for x, y in [(0, 0), (20, 0), (0, 20), (20, 20)]:
        canvas.circle(x, y, 8, WHITE)
    canvas.rect(-50, -50, 40, 40, WHITE)
    canvas.rect(30, 5, 5, 5, WHITE, radius=2)
    canvas.line([(-100, -40), (-30, -10)], WHITE, 3)
    canvas.text("far away", 300, 300, colour=WHITE)
    assert inked(canvas) == pytest.approx(math.pi * 8**2, rel=0.02)


def test_the_surface_is_the_frame():
    canvas = Canvas(30, 20)
    canvas.rect(2, 3, 4, 5, palette.BLUE)
    assert canvas.surface.get_at((3, 4))[:3] == palette.BLUE
    canvas.surface.fill(palette.ROSE, (10, 10, 2, 2))
    assert tuple(canvas.frame[11, 11]) == palette.ROSE


@pytest.mark.parametrize(
    ("anchor", "rows", "columns"),
    [("topleft", (30, 60), (50, 100)), ("bottomright", (0, 30), (0, 50)), ("center", (15, 45), (25, 75))],
)
def test_an_anchor_says_where_the_text_lies(anchor, rows, columns):
    canvas = Canvas(100, 60)
    canvas.text("ABC", 50, 30, size=16, colour=WHITE, anchor=anchor)
    inside = canvas.frame[slice(*rows), slice(*columns)]
    assert inside.any()
    assert inside.sum() == canvas.frame.sum()


def test_an_unknown_anchor_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="anchor 'middle' is not one of bottom, bottomleft"):
        Canvas(10, 10).text("a", 0, 0, anchor="middle")


def test_text_survives_that_somebody_else_quits_pygame():
    import pygame

    before, after = Canvas(60, 20), Canvas(60, 20)
    before.text("before", 30, 10, colour=WHITE)
    pygame.quit()
    after.text("before", 30, 10, colour=WHITE)
    after.text("another size", 30, 10, size=9, colour=WHITE)
    assert after.frame.any()


def test_an_image_is_scaled_and_cut():
    canvas = Canvas(5, 5)
    canvas.image(np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8), 3, 1, scale=3)
    assert canvas.frame[1:4, 3:].reshape(-1, 3).tolist() == [[1, 2, 3]] * 6
    assert canvas.frame.sum() == 6 * 6


def test_an_image_may_be_grey_or_have_opacity():
    canvas = Canvas(3, 1)
    canvas.fill((100, 100, 100))
    canvas.image(np.array([[7]], np.uint8), 0, 0)
    canvas.image(np.array([[[200, 0, 100, 0], [200, 0, 100, 255]]], np.uint8), 1, 0)
    assert canvas.frame[0].tolist() == [[7, 7, 7], [100, 100, 100], [200, 0, 100]]


def test_an_image_of_floats_is_refused():
    with pytest.raises(ValueError, match=r"the image is float64 \[2, 2\], not uint8"):
        Canvas(5, 5).image(np.zeros((2, 2)), 0, 0)


def test_a_sprite_is_what_drawing_it_would_have_been():
    def draw(canvas):
        canvas.circle(15, 15, 9, palette.BLUE)
        canvas.circle(17, 13, 4, palette.YELLOW)

    drawn, stamped = Canvas(30, 30), Canvas(30, 30)
    for canvas in (drawn, stamped):
        canvas.fill(palette.ROSE)
    draw(drawn)
    stamped.stamp(Sprite.of(30, 30, draw), 0, 0)
    np.testing.assert_allclose(stamped.frame.astype(int), drawn.frame.astype(int), atol=2)


def test_a_sprite_of_nothing_leaves_no_mark():
    canvas = Canvas(9, 9)
    canvas.stamp(Sprite.of(4, 4, lambda canvas: None), 2, 2)
    assert not canvas.frame.any()


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (np.zeros((5, 4, 3), np.uint8), r"the frame is uint8 \[5, 4, 3\], not uint8 \[4, 5, 3\]"),
        (np.zeros((4, 5, 3)), "the frame is float64"),
        (np.zeros((8, 5, 3), np.uint8)[::2], "a view with gaps"),
    ],
)
def test_a_frame_that_cannot_be_drawn_on_is_refused(frame, said):
    with pytest.raises(ValueError, match=said):
        Canvas(5, 4, frame=frame)


def test_a_canvas_without_room_is_refused():
    with pytest.raises(ValueError, match="a canvas of 0 x 4 pixels has no room"):
        Canvas(0, 4)


def test_every_process_draws_the_same_bytes():
    here = Canvas(100, 100)
    scene(here)
    program = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]); from test_canvas import Canvas, scene\n"
        "canvas = Canvas(100, 100); scene(canvas); print(hashlib.sha256(canvas.frame.tobytes()).hexdigest())"
    )
    there = subprocess.run(
        [sys.executable, "-c", program, os.path.dirname(__file__)],  # noqa: PTH120
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.split()[-1] == hashlib.sha256(here.frame.tobytes()).hexdigest()


def test_a_paragraph_breaks_between_words_and_says_where_it_ends():
    text = "these are some words of a text\nand a new line"
    canvas = Canvas(400, 300)
    below = canvas.paragraph(text, 20, 10, 90, size=15, colour=(255, 255, 255))
    rows, columns = np.nonzero(canvas.frame.any(axis=2))
    assert columns.min() >= 20
    assert columns.max() <= 20 + 90
    assert below - 20 < rows.max() <= below
    assert canvas.paragraph("word", 0, 0, 400, size=15) == canvas.paragraph("toolongforit", 0, 0, 10, size=15) == 20
    assert Canvas.text_width("wide and wider", 15) > 90 > Canvas.text_width("words of a", 15)


@pytest.mark.parametrize(("x", "y"), [(4, 5), (-3, 6), (15, 17), (-30, 2), (3, 90)])
def test_a_stamp_on_the_bare_background_is_remembered_and_the_same(x, y):
    sprite = Sprite.of(9, 9, lambda canvas: canvas.circle(4.5, 4.5, 4, (200, 30, 60)))
    ground = np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    plain, pieces = Canvas(20, 20, frame=ground.copy()), {}
    plain.stamp(sprite, x, y)
    for _ in range(2):
        canvas = Canvas(20, 20, frame=ground.copy(), pieces=pieces)
        canvas.stamp(sprite, x, y, bare=True)
        assert np.array_equal(canvas.frame, plain.frame)
    assert len(pieces) == 1


def test_no_more_than_so_many_pieces_are_kept():
    sprite, pieces = Sprite.of(2, 2, lambda canvas: canvas.fill((9, 9, 9))), {}
    for x in range(2 * MOST_PIECES):
        Canvas(4000, 4, pieces=pieces).stamp(sprite, x, 0, bare=True)
    assert 0 < len(pieces) <= MOST_PIECES
