"""What is odd in episodes that somebody plays: actions that the space does not hold, observations that are no numbers.

Neither stops an evaluation: some environments clip what they are given. But a return that comes of such is hardly what
was meant, so the report says it.
"""

from typing import Any

import gymnasium

from envkit.core.drive import holds
from envkit.core.show import count, show
from envkit.deep.monitored import unusable


class Oddities:
    """Looks at every step of an evaluation.

    Args:
      name: of the environment.

    Attributes:
      space: of the actions; whoever plays says it, for some environments cannot be made twice at once.
    """

    def __init__(self, name: str):
        self.name = name
        self.space: gymnasium.Space[Any] = gymnasium.spaces.Space()
        self.steps = self.outside = self.spoilt = 0
        self.first_outside = self.first_spoilt = ""

    def begins(self, observation: Any, episode: int) -> None:
        """After a reset."""
        if found := unusable(observation):
            self._spoilt(f"reset() of {self.name}, episode {episode}, returned {found}")

    def look(self, action: Any, observation: Any, episode: int, step: int) -> None:
        """After a step."""
        self.steps += 1
        if not holds(self.space, action):
            self.outside += 1
            self.first_outside = self.first_outside or f"{show(action)} in episode {episode}, step {step}"
        if found := unusable(observation):
            self._spoilt(f"step({show(action)}) of {self.name}, episode {episode}, step {step}, returned {found}")

    def _spoilt(self, told: str) -> None:
        self.spoilt += 1
        self.first_spoilt = self.first_spoilt or told

    def notes(self) -> list[str]:
        """What is to be said."""
        told = []
        if self.outside:
            told.append(
                f"{self.outside:,} of {count(self.steps, 'action')} were not in {self.space}, the first "
                f"{self.first_outside}: what {self.name} does with them is its own affair"
            )
        if self.spoilt:
            later = self.spoilt - 1
            more = f"; so did {count(later, 'later call')}" if later else ""
            told.append(f"{self.first_spoilt}{more}")
        return told
