"""Colours that people with any colour vision tell apart, and neutrals for everything that is not a message.

The named colours are those of Okabe and Ito, Color Universal Design (2008). For things that come in numbers there is
CYCLE, for values from little to much HEAT, for values on both sides of a middle DIVERGING; `along` reads the latter
two. No meaning should hang on a colour alone: put a digit, a letter or a shape beside it.
"""

from collections.abc import Sequence

Colour = tuple[int, int, int]

ORANGE: Colour = (230, 159, 0)
SKY: Colour = (86, 180, 233)
GREEN: Colour = (0, 158, 115)
YELLOW: Colour = (240, 228, 66)
BLUE: Colour = (0, 114, 178)
VERMILION: Colour = (213, 94, 0)
ROSE: Colour = (204, 121, 167)

WHITE: Colour = (255, 255, 255)
PAPER: Colour = (247, 248, 250)
MIST: Colour = (232, 235, 240)
SILVER: Colour = (203, 209, 217)
GREY: Colour = (141, 150, 163)
SLATE: Colour = (84, 94, 109)
INK: Colour = (38, 45, 56)
NIGHT: Colour = (20, 24, 32)

# for things that come in numbers, such as pairs of teleporters; neighbours differ in lightness too
CYCLE: tuple[Colour, ...] = (BLUE, ORANGE, ROSE, GREEN, VERMILION, SKY, YELLOW)

# from little to much, ever lighter, so that it is one order without any colours too
HEAT: tuple[Colour, ...] = ((35, 62, 112), (62, 116, 166), (134, 179, 206), (244, 206, 138), (253, 243, 216))

# from one extreme over nothing to the other; the extremes differ in hue, and their distance from nothing in lightness
DIVERGING: tuple[Colour, ...] = ((16, 74, 138), (104, 160, 210), (245, 245, 245), (238, 150, 84), (166, 62, 0))


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour on the way from `first` (share 0) to `second` (share 1)."""
    share = min(max(share, 0.0), 1.0)
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def along(colours: Sequence[Colour], share: float) -> Colour:
    """The colour at `share` (0 to 1) of the way through a sequence of colours."""
    place = min(max(share, 0.0), 1.0) * (len(colours) - 1)
    index = min(int(place), len(colours) - 2)
    return mix(colours[index], colours[index + 1], place - index)


def readable_on(background: Colour) -> Colour:
    """White or ink, whichever can be read on the background."""
    red, green, blue = background
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else WHITE
