"""Whole episodes: what was done and paid, and learning from the returns when it is over.

`counts` holds how many steps were taken and the places they were taken from, `reals` what each was paid, `numbers` how
many returns each value is the mean of, and `links` the time of a place's first visit in this episode.
"""

from envkit.core.schedule import VISITS, value_at
from envkit.core.settings import Setting
from envkit.tabular.loop import Flat, Knobs, Tables

FIRST, EVERY = range(2)
VISITED = Setting("visit", "first", "which visits of an episode are learnt from", choices=("first", "every"))


def remember(tables: Tables, place: int, reward: float) -> None:
    """Notes one step of the episode."""
    time = tables.counts[0]
    tables.counts[1 + time], tables.reals[time] = place, reward
    tables.counts[0] = time + 1
    if tables.links[place] < 0:
        tables.links[place] = time


def learn_from_returns(values: Flat, tables: Tables, knobs: Knobs, beyond: float, size: float) -> None:
    """Moves the value of each place that was visited towards its return, and begins a new episode.

    Args:
      beyond: what is earned after the last step, 0 where the episode has terminated.
    """
    total, count = beyond, tables.counts[0]
    for time in range(count - 1, -1, -1):
        place = tables.counts[1 + time]
        total = tables.reals[time] + knobs.discount * total
        if knobs.own[0] == EVERY or tables.links[place] == time:
            rate = value_at(knobs.step_size, tables.numbers[place]) if knobs.step_size_unit == VISITS else size
            tables.numbers[place] += 1.0
            values[place] += rate * (total - values[place])
    for time in range(count):
        tables.links[tables.counts[1 + time]] = -1
    tables.counts[0] = 0
