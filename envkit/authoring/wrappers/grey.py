"""Makes colour images grey, with one channel: the brightness by the weights that `GrayscaleObservation` has.

That wrapper of Gymnasium's takes nine times as long, rounds down, and cannot be pickled.
"""

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import TransformObservation

from envkit.authoring.wrapping import Env, Wrapping, cannot, image, nothing

RED, GREEN, BLUE = np.array([0.2125, 0.7154, 0.0721], np.float32)


def make(env: Env, _: None) -> Env:
    space = image("grey", env.observation_space)
    if space.shape[2:] != (3,) or space.dtype != np.uint8:
        raise cannot("grey", "images of three channels (uint8)", space)
    return TransformObservation(env, greyed, spaces.Box(0, 255, (*space.shape[:2], 1), np.uint8))


def greyed(frame: Any) -> Any:
    """uint8 [rows, columns, 3] -> uint8 [rows, columns, 1]"""
    mean = frame[:, :, :1] * RED + frame[:, :, 1:2] * GREEN + frame[:, :, 2:] * BLUE
    return np.rint(mean).astype(np.uint8)


WRAPPER = Wrapping("grey", "a colour image with one channel", "", "", nothing, make)
