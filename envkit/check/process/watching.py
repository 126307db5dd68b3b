"""Reads the process at points of an instance's life, and afterwards puts the settings back as they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from envkit.check.process import readings, settings
from envkit.check.process.printed import Printed

PRINTED, FIRST_LINES = "printed", "first lines"


class Watching:
    """The readings so far: the settings, the states of the global generators, and how much was printed.

    Args:
      seen: {point: reading}, in order. `PRINTED` stands for {stream: bytes}, `FIRST_LINES` for {stream: text}, what
        was printed first since the point before.
    """

    def __init__(self, printed: Printed):
        self.printed = printed
        self.seen: dict[str, dict[str, Any]] = {}
        self.last = dict.fromkeys(printed.count(), 0)

    def point(self, name: str) -> None:
        """Reads everything, unless this point was passed before."""
        if name in self.seen:
            return
        count = self.printed.count()
        lines = {name: self.printed.line(name, begin) for name, begin in self.last.items() if count[name] > begin}
        self.seen[name] = {**readings.generators(), **settings.read(), PRINTED: count, FIRST_LINES: lines}
        self.last = count


@contextmanager
def watching() -> Iterator[Watching]:
    with Printed() as printed, settings.kept():
        yield Watching(printed)
