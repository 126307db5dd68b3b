"""What many rules need: one finding for many occurrences of the same fault, with its place and its program."""

from collections.abc import Iterator
from dataclasses import replace

from envkit.core.case import case_of
from envkit.core.finding import Finding
from envkit.core.trace import Trace


class Tally:
    """Counts occurrences of the same fault; the first one of each kind becomes the finding."""

    def __init__(self) -> None:
        self.first: dict[object, Finding] = {}
        self.counts: dict[object, int] = {}

    def add(
        self,
        kind: object,
        trace: Trace,
        index: int,
        message: str,
        fix: str,
        *,
        whole: bool = False,
        program: str = "",
    ) -> None:
        """Notes that the call `index` of the record shows the fault.

        Args:
          kind: what makes two occurrences the same fault.
          whole: whether what came before the last reset matters, so that the program must show it.
          program: instead of the calls up to this one.
        """
        if kind not in self.first:
            found = replace(at_call(trace, index, message, fix, whole=whole), kind=str(kind))
            self.first[kind] = replace(found, program=program) if program else found
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def findings(self) -> Iterator[Finding]:
        for kind, finding in self.first.items():
            yield replace(finding, count=self.counts[kind])


def at_call(trace: Trace, index: int, message: str, fix: str, *, whole: bool = False) -> Finding:
    """A finding about one call of a record, with its place, its program and what to play to see it again."""
    case = case_of(trace.calls[: index + 1])
    return Finding(message, fix, trace.place(index), trace.program(index, whole=whole), case=case)
