"""One line of the table: what a tutorial reached on a system, and what the kit reaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envkit.core.statistics import interquartile_mean

HEADER = "| system | method | the tutorial | reached: min / IQM / max | exact | bar | met | s |\n" + "|---" * 8 + "|"


@dataclass(frozen=True)
class Row:
    """Args:
    method: the algorithm and its settings.
    tutorial: what was reached there, and with what; empty where no number was given.
    reached: a number for each seed; one alone where no chance is involved.
    exact: the known answer.
    bar: what has to be reached, in words; empty where nothing has to.
    said: what was reached in words, where a number says little.
    """

    system: str
    method: str
    tutorial: str
    reached: tuple[float, ...]
    exact: str
    bar: str
    met: bool
    said: str = ""

    @property
    def spread(self) -> tuple[float, float, float]:
        """(min, interquartile mean, max)."""
        return min(self.reached), float(interquartile_mean(self.reached)), max(self.reached)

    def text(self, seconds: float) -> str:
        verdict = ("yes" if self.met else "**MISSED**") if self.bar else ""
        reached = self.said or self._numbers()
        cells = (self.system, self.method, self.tutorial, reached, self.exact, self.bar, verdict, f"{seconds:.1f}")
        return f"| {' | '.join(cells)} |"

    def _numbers(self) -> str:
        if len(self.reached) == 1:
            return plain(self.reached[0])
        return f"{' / '.join(map(plain, self.spread))} ({len(self.reached)} seeds)"


def plain(value: float) -> str:
    """As many digits as tell something."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.6g}"


def same(values: Sequence[float], wanted: float, *, within: float = 1e-9) -> bool:
    """Whether all are what is wanted."""
    return all(abs(value - wanted) <= within for value in values)


def settings_text(settings: Mapping[str, object]) -> str:
    """Hyper-parameters, as people write them down."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items())
