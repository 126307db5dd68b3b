"""How often something happened, beside how often it was to be expected: can that be chance?

Each try may have odds of its own, and what is tried may depend on what happened before, as in an episode: the sum of
(happened - probability) is a martingale. Source: Freedman, "On tail probabilities for martingales" (1975).
"""

import math
from dataclasses import dataclass


@dataclass
class Count:
    """Tries so far.

    Args:
      expected: the sum of the probabilities; `variance` that of p (1 - p).
    """

    tried: int = 0
    happened: int = 0
    expected: float = 0.0
    variance: float = 0.0

    def add(self, probability: float, *, happened: bool) -> None:
        self.tried += 1
        self.happened += happened
        self.expected += probability
        self.variance += probability * (1 - probability)

    def surprise(self) -> float:
        """-log of a bound of the chance to be off by so much; for any number of tries up to this one, one after the
        other."""
        off = abs(self.happened - self.expected)
        if off == 0.0:
            return 0.0
        return off * off / (2 * (self.variance + off / 3)) - math.log(2 * self.tried)
