"""The evidence that is left when the process dies or hangs: how, and the last calls. Comes from the parent process."""

import re
from dataclasses import dataclass

from envkit.core.trace import listing
from envkit.isolate.ledger import SLOT_BYTES
from envkit.isolate.parent import Ending

ENTRY = re.compile(r"(\d+):(\d+):(.*)", re.S)  # as the driver writes them: instance, steps since the reset, call
METHODS = ("make(", "reset(", "step(", "render(", "close(")


@dataclass(frozen=True)
class Death:
    """One way in which driving the environment ended the process, or had to be ended.

    Args:
      kind: hung, died, memory or overdue.
      how: in words.
      probe: what was being tried; empty when the environment was made for the first time.
      call: the call it happened in, as Python; empty when it was between calls.
      step: steps since the reset, that call included.
      calls: that instance's calls since its reset, as Python.
      program: what reproduces it; empty where its beginning is not known.
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

    @classmethod
    def of(cls, ending: Ending) -> "Death":
        """What an ending that brought no answer tells."""
        entries = [match.groups() for match in map(ENTRY.fullmatch, ending.calls) if match]
        instance, step, last = entries[-1] if entries else ("", "0", "")
        mine = [text for number, _, text in entries if number == instance]
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


def _program(mine: list[str], calls: list[str]) -> str:
    made = mine[0] if mine and mine[0].startswith("make(") else ""
    whole = all(len(text.encode()) < SLOT_BYTES - 16 and text.startswith(METHODS) for text in [made, *calls])
    if not made or not whole:
        return ""
    return listing(calls if calls[0] == made else [made, *calls])
