"""The campfire: every rule of the game, written once as what each action may lead to.

The environment, its batch and its exact model all come from these outcomes, so they cannot disagree.
"""

from typing import NamedTuple

from envkit.core.mdp import Outcome

HOURS = 8  # of a night
HIGHEST, MOST_LOGS = 3, 4  # of the flames, and beside the fire
SLEEP, FETCH, FEED = ACTIONS = range(3)
ACTION_NAMES = ("sleep", "fetch wood", "feed the fire")
ARMFUL = 2  # logs
COLD = -10.0  # the reward when the fire goes out


class Night(NamedTuple):
    """A state of the game: the hour from 0 to 8, the flames from 0 to 3, the logs from 0 to 4."""

    hour: int
    flames: int
    logs: int


def starts() -> list[tuple[float, Night]]:
    """(probability, state): a middling fire, and one to three logs at hand."""
    return [(1 / 3, Night(0, 2, logs)) for logs in (1, 2, 3)]


def states() -> list[Night]:
    """All of them, in the order of their numbers."""
    return [
        Night(hour, flames, logs)
        for hour in range(HOURS + 1)
        for flames in range(HIGHEST + 1)
        for logs in range(MOST_LOGS + 1)
    ]


def number_of(night: Night) -> int:
    """Its place among `states()`: the observation."""
    return (night.hour * (HIGHEST + 1) + night.flames) * (MOST_LOGS + 1) + night.logs


def is_over(night: Night) -> bool:
    """At dawn, and when the fire is out."""
    return night.hour == HOURS or night.flames == 0


def outcomes(night: Night, action: int, wind: float) -> list[Outcome]:
    """What an hour may bring. After the end nothing happens any more.

    Args:
      wind: the chance that the flames fall by one at the end of the hour.
    """
    if is_over(night):
        return [Outcome(1.0, night, 0.0, True)]
    flames, logs = night.flames, night.logs
    warmth = float(flames) if action == SLEEP else 0.0
    if action == FETCH:
        logs = min(logs + ARMFUL, MOST_LOGS)
    if action == FEED and logs:
        flames, logs = min(flames + 2, HIGHEST), logs - 1
    following = [(1 - wind, Night(night.hour + 1, flames, logs)), (wind, Night(night.hour + 1, flames - 1, logs))]
    return [
        Outcome(chance, after, warmth + (COLD if after.flames == 0 else 0.0), is_over(after))
        for chance, after in following
        if chance > 0
    ]
