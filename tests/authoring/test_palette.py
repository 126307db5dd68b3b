"""The colours are told apart with every kind of colour vision, and maps of values are read in one direction."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from envkit.authoring.palette import CYCLE, DIVERGING, HEAT

# Machado, Oliveira and Fernandes (2009), severity 1: linear RGB as it is seen
VISION = {
    "all cones": np.eye(3),
    "no red cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green cones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "no blue cones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
APART = 12  # in CIELAB; 2 is just noticeable side by side


def lab(colour, vision):
    """CIELAB coordinates of a colour as it is seen."""
    share = np.array(colour) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(VISION[vision] @ linear, 0, 1) / (0.9505, 1, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
def test_the_colours_of_the_cycle_are_told_apart(vision):
    seen = [lab(colour, vision) for colour in CYCLE]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > APART


@pytest.mark.parametrize("vision", VISION)
def test_heat_only_gets_lighter(vision):
    lightness = [lab(colour, vision)[0] for colour in HEAT]
    assert all(after - before > 8 for before, after in pairwise(lightness))


@pytest.mark.parametrize("vision", VISION)
def test_the_diverging_map_darkens_from_its_middle_and_its_sides_are_told_apart(vision):
    seen = [lab(colour, vision) for colour in DIVERGING]
    lightness = [colour[0] for colour in seen]
    assert lightness[0] < lightness[1] < lightness[2] > lightness[3] > lightness[4]
    assert np.linalg.norm(seen[0] - seen[4]) > 60
    assert np.linalg.norm(seen[1] - seen[3]) > 60
