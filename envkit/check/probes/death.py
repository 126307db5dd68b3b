"""The evidence that is left when the process dies or hangs: how, and the last calls. Comes from the parent process."""

import re
from dataclasses import dataclass, replace

from envkit.core.case import Case, Episode
from envkit.core.codec import NotPlain, parse
from envkit.core.trace import listing, literal
from envkit.isolate.ledger import SLOT_BYTES
from envkit.isolate.parent import Ending

ENTRY = re.compile(r"(\d+):(\d+):(.*)", re.S)  # as the driver writes them: instance, steps since the reset, call
COPY = re.compile(r"copy\((\d+), (\d+)\)")  # the first entry of a copy: of which instance, after how many calls
RESET = re.compile(r"reset\((?:seed=(\d+))?\)")
STEP = re.compile(r"step\((.*)\)", re.S)
METHODS = ("make(", "reset(", "step(", "render(", "close(")


@dataclass(frozen=True)
class Death:
    """One way in which driving the environment ended the process, or had to be ended.

    Args:
      kind: hung, died, memory, crowd or overdue.
      how: in words.
      probe: what was being tried; empty when the environment was made for the first time.
      call: the call it happened in, as Python; empty when it was between calls.
      step: steps since the reset, that call included.
      calls: that instance's calls since its reset, as Python.
      program: what reproduces it; empty where its beginning is not known.
      made: the call that made the instance, as Python.
      case: the same as episodes; None where there is more to it, such as a render, or its beginning is not known.
      stack: the Python lines that were running, innermost first.
      output: the end of what had been printed.
    """

    kind: str
    how: str
    probe: str
    call: str
    step: int
    calls: tuple[str, ...]
    program: str
    stack: tuple[str, ...]
    output: str
    case: Case | None = None
    made: str = ""

    @classmethod
    def of(cls, ending: Ending) -> "Death":
        """What an ending that brought no answer tells."""
        entries = [match.groups() for match in map(ENTRY.fullmatch, ending.calls) if match]
        instance, step, last = entries[-1] if entries else ("", "0", "")
        mine = _calls_of(instance, entries)
        since = max((i for i, text in enumerate(mine) if text.startswith(("reset(", "make("))), default=0)
        calls = mine[since:]
        return cls(
            ending.kind,
            ending.how,
            ending.chapter,
            last if ending.in_call else "",
            int(step),
            tuple(calls),
            _program(mine, calls),
            ending.stack,
            ending.output.strip()[-300:],
            _case(mine, calls),
            mine[0] if mine else "",
        )

    def shortened(self, case: Case) -> "Death":
        """The same with a shorter case."""
        texts = [self.made]
        for episode in case.episodes:
            texts.append("reset()" if episode.seed is None else f"reset(seed={episode.seed})")
            texts += [f"step({literal(action)})" for action in episode.actions]
        begin = max(number for number, text in enumerate(texts) if text.startswith("reset("))
        return replace(
            self,
            call=texts[-1],
            step=len(case.last.actions),
            calls=tuple(texts[begin:]),
            program=listing(texts),
            case=case,
        )

    @property
    def where(self) -> str:
        """The innermost line of the stack, or an empty text."""
        return self.stack[0] if self.stack else ""

    @property
    def what(self) -> str:
        """The call and its place: `step(2), step 17 of the episode`."""
        if not self.call:
            return f"the probe {self.probe!r}"
        return f"{self.call}, step {self.step} of the episode" if self.call.startswith("step(") else self.call

    @property
    def longest_safe_episode(self) -> int | None:
        """How many steps an episode may have without meeting this again; None where it does not depend on steps."""
        return self.step - 1 if self.call.startswith("step(") and self.step > 1 else None


def _calls_of(instance: str, entries: list[tuple[str, ...]]) -> list[str]:
    """The calls of one instance; a copy's begin with those of what it was made from, as far as they are known."""
    mine = [text for number, _, text in entries if number == instance]
    copied = COPY.fullmatch(mine[0]) if mine else None
    if not copied:
        return mine
    before = _calls_of(copied[1], entries)[: int(copied[2])]
    return before + mine[1:] if len(before) == int(copied[2]) else mine[1:]


def _whole(mine: list[str], calls: list[str]) -> list[str]:
    """The calls with the one that made the instance; empty where something is missing or cut."""
    made = mine[0] if mine and mine[0].startswith("make(") else ""
    whole = all(len(text.encode()) < SLOT_BYTES - 16 and text.startswith(METHODS) for text in [made, *calls])
    if not made or not whole:
        return []
    return calls if calls[0] == made else [made, *calls]


def _program(mine: list[str], calls: list[str]) -> str:
    texts = _whole(mine, calls)
    return listing(texts) if texts else ""


def _case(mine: list[str], calls: list[str]) -> Case | None:
    """One episode: a reset and steps."""
    texts = _whole(mine, calls)
    reset = RESET.fullmatch(texts[1]) if len(texts) > 1 else None
    steps = [STEP.fullmatch(text) for text in texts[2:]]
    if not reset or not all(steps):
        return None
    try:
        actions = tuple(parse(step[1]) for step in steps if step)
    except NotPlain:
        return None
    return Case((Episode(int(reset[1]) if reset[1] else None, actions),))
