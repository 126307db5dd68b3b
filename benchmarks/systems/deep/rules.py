"""Policies that somebody has written by hand."""

from typing import Any


def tilt(observation: Any) -> int:
    """Push the cart towards the side to which the pole leans."""
    return int(observation[2] >= 0)


def balance(observation: Any) -> int:
    """Push towards where the pole is going to be, and back to the middle."""
    place, speed, angle, turning = observation
    return int(0.05 * place + 0.2 * speed + angle + 0.4 * turning > 0)
