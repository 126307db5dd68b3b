"""The yardstick: a fixed piece of work in plain Python and NumPy, as steps of environments are made of.

What a row takes is divided by what this takes at the same time, so that another machine, or the same one under load,
gives about the same ratio. About a third of its time is arithmetic and lists, a third calls and attributes, a third
small arrays.
"""

import numpy as np

from envkit.workflows.benching import clock
from envkit.workflows.benching.clock import Lap

TURNS = 400


class _Cart:
    __slots__ = ("place", "speed")

    def __init__(self) -> None:
        self.place, self.speed = 0.0, 1.0

    def move(self, push: float) -> float:
        self.speed = 0.99 * self.speed + push
        self.place += 0.02 * self.speed
        return self.place


def calibrate() -> Lap:
    """What the piece of work takes now."""
    cart, rng, total = _Cart(), np.random.default_rng(0), 0.0
    state = np.zeros(4, np.float32)
    begun = clock.now()
    for turn in range(TURNS):
        row = [turn % 7, turn % 5, turn * 0.5]
        for value in row:
            total += value * 0.25 if value > 2 else -value
        info = {"turn": turn, "place": cart.move(0.01), "again": cart.move(-0.01)}
        total += info["place"]
        state = np.array([total, cart.speed, rng.random(), 1.0], np.float32)
        total += float(np.clip(state, -1, 1).sum())
    return clock.since(begun)
