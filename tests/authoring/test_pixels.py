"""Pictures from characters, and the sprites made of them."""

import numpy as np
import pytest

from envkit.authoring.canvas import Canvas, Sprite
from envkit.authoring.palette import BLUE, ORANGE, WHITE
from envkit.authoring.pixels import picture

CROSS = """
    .x.
    xox
    .x.
"""


def test_each_character_is_a_pixel_of_its_colour():
    array = picture(CROSS, {"x": BLUE, "o": ORANGE})
    assert (array.shape, array.dtype) == ((3, 3, 4), np.uint8)
    assert array[0].tolist() == [[0, 0, 0, 0], [*BLUE, 255], [0, 0, 0, 0]]
    assert array[1, 1].tolist() == [*ORANGE, 255]


def test_a_legend_may_say_what_is_seen_through():
    assert picture("a.", {"a": None, ".": BLUE}).tolist() == [[[0, 0, 0, 0], [*BLUE, 255]]]


def test_a_sprite_of_it_is_the_picture_enlarged():
    array = picture(CROSS, {"x": BLUE, "o": ORANGE})
    stamped, drawn = Canvas(30, 20), Canvas(30, 20)
    for canvas in (stamped, drawn):
        canvas.fill(WHITE)
    stamped.stamp(Sprite.from_array(array, scale=4), 7, 3)
    drawn.image(array, 7, 3, scale=4)
    np.testing.assert_array_equal(stamped.frame, drawn.frame)
    assert tuple(stamped.frame[3, 12]) == BLUE
    assert tuple(stamped.frame[3, 7]) == WHITE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ax/b.", "the picture has 'b' at row 1, column 0, and the legend only knows ., a, x"),
        ("ax/a", "map row 1 is 1 cells wide but row 0 is 2"),
        ("", "has no cells"),
    ],
)
def test_a_picture_that_does_not_add_up_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        picture(text, {"a": BLUE, "x": ORANGE})


def test_an_array_that_is_no_picture_is_refused():
    with pytest.raises(ValueError, match=r"the image is float64 \[4\], not uint8 \[h, w\]"):
        Sprite.from_array(np.zeros(4))
