"""Comparing two records that should be equal, and the program that shows where they part."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from envkit.check.model import CannotJudge, Severity
from envkit.check.probes.twins import Pair
from envkit.core.case import Case, Episode, case_of
from envkit.core.compare import first_difference
from envkit.core.trace import Call, call_text, literal, program, sequence

Record = tuple[Call, ...]
MEASURED = re.compile(r"time|clock|elapsed|duration|seconds|fps|latency|wall|date|^t$", re.I)  # keys of infos
PARTS = {"step": ("observation", "reward", "terminated", "truncated", "info"), "reset": ("observation", "info")}


@dataclass(frozen=True)
class Parting:
    """The first call after which two records differ: its number since the reset (0 is the reset), and how.

    `in_info` where nothing but infos differ: what the agent sees, and what it is paid, is the same.
    """

    number: int
    call: Call
    difference: str
    in_info: bool = False

    @property
    def severity(self) -> Severity:
        """Where even a repetition differs: what only an info of reset shows is a warning."""
        return Severity.WARNING if self.in_info and self.call.method == "reset" else Severity.ERROR


def parting(left: Record, right: Record, *, infos: bool | None = None) -> Parting | None:
    """None when the two are equal as far as both go. Infos count only where everything else agrees.

    Args:
      infos: False where they do not count; True where a repetition had the same ones, which can be chance: then those
        that are excused count no more. By default all count.
    """
    first_info = None
    for number, (one, other) in enumerate(zip(left, right, strict=False)):
        part, difference = _difference(one, other)
        if difference and part != "info":
            return Parting(number, one, difference)
        if difference and (first_info is None or first_info.severity < Severity.ERROR):
            found = Parting(number, one, difference, in_info=True)
            first_info = found if first_info is None or found.severity > first_info.severity else first_info
    if infos is False or (infos and first_info and first_info.severity < Severity.ERROR):
        return None
    return first_info


def _difference(one: Call, other: Call) -> tuple[str, str | None]:
    """Which part of the results differs first, the info last, and how."""
    if (one.error is None) != (other.error is None):
        raised = one.error or other.error
        return "", f"{one.method} raised {type(raised).__name__} in one and returned in the other"
    names = PARTS.get(one.method, ())
    if not isinstance(one.copy, tuple) or len(one.copy) != len(names):
        return "", first_difference(one.copy, other.copy, "the result")
    if not isinstance(other.copy, tuple) or len(other.copy) != len(names):
        return "", f"{one.method} returned {len(names)} parts in one and something else in the other"
    for name, a, b in zip(names, one.copy, other.copy, strict=True):
        pair = (_untimed(a), _untimed(b)) if name == "info" else (a, b)
        difference = first_difference(*pair, name)
        if difference:
            return name, difference
    return "", None


def _untimed(info: Any) -> Any:
    """An info without measured times, which differ from run to run."""
    if not isinstance(info, dict):
        return info
    return {key: value for key, value in info.items() if not (isinstance(value, float) and MEASURED.search(str(key)))}


def require_begun(*records: Record) -> None:
    """Raises CannotJudge where no record got beyond its reset: then there is nothing to compare."""
    if not records:
        raise CannotJudge("it was not tried, as instances cost too much time here")
    if not any(calls and calls[0].error is None for calls in records):
        raise CannotJudge("no episode could be begun")


def require_repeatable(left: Record, right: Record) -> bool:
    """Raises CannotJudge where a mere repetition already differs: then no comparison says anything.

    Returns: whether the infos repeat too, so that they can be compared.
    """
    require_begun(left)
    found = parting(left, right)
    if found and not found.in_info:
        raise CannotJudge("the same seed and actions do not give the same episode, so there is nothing to compare with")
    return found is None


def place(pair: Pair, parting: Parting) -> str:
    reset = pair.right_calls[0]
    if parting.number == 0:
        return f"env.{reset}"
    return f"{parting.call}, step {parting.number} after {reset}"


def case(pair: Pair, parting: Parting, *, history: bool = False) -> Case | None:
    """What to play to see two records part; with what the second instance had played before, if that matters."""
    before = len(pair.right.calls) - len(pair.right_calls)
    calls = pair.right.calls[: before + parting.number + 1]
    return case_of(calls, 0 if history else before)


def twin_program(pair: Pair, parting: Parting) -> str:
    """Two fresh instances, the same calls, the last result of each printed."""
    make = make_text(pair.left.calls[0])
    lines = ["import envkit", "", f"for env in ({make}, {make}):", *indented(_played(pair, parting))]
    return "\n".join([*lines, "    print(result)"])


def history_program(pair: Pair, parting: Parting) -> str:
    """The used instance's whole history, then the same on a fresh one."""
    history = list(pair.right.calls[: len(pair.right.calls) - len(pair.right_calls)])
    fresh = make_text(pair.left.calls[0])
    lines = [program(history, print_last=False), f"for env in (env, {fresh}):", *indented(_played(pair, parting))]
    return "\n".join([*lines, "    print(result)"])


def _played(pair: Pair, parting: Parting) -> list[str]:
    """Lines for what the first instance was asked, up to where the two part."""
    before = len(pair.left.calls) - len(pair.left_calls)
    played = case_of(pair.left.calls[: before + parting.number + 1])
    return playing(played.episodes) if played else []


def playing(episodes: Iterable[Episode], spoil: Iterable[str] = (), spoil_after: Iterable[str] = ()) -> list[str]:
    """Lines that play episodes and leave the last call's answer in `result`.

    Args:
      spoil, spoil_after: lines to do after a call whose result is to be spoiled, and after a step, to its action.
    """
    lines: list[str] = []
    for episode in episodes:
        lines.append("result = env.reset()" if episode.seed is None else f"result = env.reset(seed={episode.seed})")
        if not episode.actions:
            continue
        lines.append(f"for action in {sequence([literal(action) for action in episode.actions])}:")
        lines += indented([*spoil, "result = env.step(action)", *spoil_after])
    return lines


def indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def make_text(call: Call) -> str:
    """`envkit.make(...)`, as the record made its instance."""
    return f"envkit.{call_text(call.method, call.arguments)}"


def is_pair(call: Call) -> bool:
    """Whether a reset returned its two parts."""
    return isinstance(call.copy, tuple) and len(call.copy) == len(PARTS["reset"])
