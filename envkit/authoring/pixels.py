"""Small pictures from characters: one a pixel, and a legend that says which colour each character is.

    HEART = picture(
        '''
        .a.a.
        aaaaa
        .aaa.
        ..a..
        ''',
        {"a": VERMILION},
    )

A `.` is see-through unless the legend says otherwise. `Canvas.image` draws such a picture, enlarged if wanted, and
`Sprite.from_array` prepares one that is drawn often.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from envkit.authoring.palette import Colour
from envkit.authoring.textmap import TextMap

CLEAR = "."


def picture(text: str, legend: Mapping[str, Colour | None]) -> npt.NDArray[np.uint8]:
    """uint8 [rows, columns, 4]: red, green, blue and opacity.

    Args:
      text: the rows as lines, or with `/` between them.
      legend: {character: colour}; None for a character that is see-through.

    Raises:
      ValueError: where the rows differ in length, or a character is not in the legend.
    """
    tiles = TextMap.parse(text)
    known: dict[str, Colour | None] = {CLEAR: None, **legend}
    array = np.zeros((tiles.rows, tiles.columns, 4), np.uint8)
    for cell, tile in enumerate("".join(tiles.lines)):
        if tile not in known:
            raise ValueError(
                f"the picture has {tile!r} at {tiles.place(cell)}, and the legend only knows {', '.join(sorted(known))}"
            )
        colour = known[tile]
        if colour is not None:
            array[divmod(cell, tiles.columns)] = (*colour, 255)
    return array
