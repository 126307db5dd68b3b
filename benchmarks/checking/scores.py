"""From verdicts to numbers: what was caught, what was missed, and who was accused without reason."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from checking.actions import count_actions
from checking.verdict import Remark, Verdict

Verdicts = Mapping[tuple[str, str], Verdict]  # by checker and reference


@dataclass(frozen=True)
class Case:
    """An environment whose truth is known.

    Args:
      level: of its fault, as a checker has to see it at least; empty where it has none.
      twin: the same without the fault.
    """

    ref: str
    name: str
    family: str
    what: str
    level: str = ""
    hides: str = ""
    twin: str = ""


def catching(case: Case, checker: str, verdicts: Verdicts) -> list[Remark]:
    """What the checker said of the fault, at the fault's level or above, and not of its clean twin too."""
    verdict = verdicts[checker, case.ref]
    return verdict.beyond(verdicts.get((checker, case.twin)), case.level)


def caught(case: Case, checker: str, verdicts: Verdicts) -> bool:
    return bool(catching(case, checker, verdicts))


def accused(case: Case, checker: str, verdicts: Verdicts, level: str) -> bool:
    """Whether the worst that was said is of that level."""
    said = verdicts[checker, case.ref].remarks
    return {remark.level for remark in said} >= {level} and (level == "error" or all(r.level == level for r in said))


def silent(checker: str, verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those without a verdict."""
    return [verdict for verdict in verdicts if verdict.checker == checker and verdict.outcome != "answered"]


def seconds(checker: str, verdicts: Iterable[Verdict]) -> tuple[float, float]:
    """Median and longest, of those that gave a verdict."""
    times = [verdict.seconds for verdict in verdicts if verdict.checker == checker and verdict.outcome == "answered"]
    return (statistics.median(times), max(times)) if times else (0.0, 0.0)


def program_lengths(faults: Iterable[Case], checker: str, verdicts: Verdicts) -> tuple[list[int], int]:
    """The actions in the program of the first finding of each caught fault; and how many have none to count."""
    lengths, uncounted = [], 0
    for case in faults:
        found = catching(case, checker, verdicts)
        length = count_actions(found[0].program) if found and found[0].program else None
        if length is not None:
            lengths.append(length)
        elif found:
            uncounted += 1
    return sorted(lengths), uncounted
