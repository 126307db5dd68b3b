"""The evidence that is left when the process dies or hangs: how, and the last calls. Comes from the parent process."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Death:
    """One way in which driving the environment ended the process, or had to be ended.

    Args:
      kind: hung, died, memory or overdue.
      how: in words.
      probe: what was being tried.
      call: the call it happened in, as text: `step 2`; empty when it was between calls.
      calls: the last calls before, oldest first.
      stack: the Python lines that were running, innermost first.
      output: the end of what had been printed.
    """

    kind: str
    how: str
    probe: str
    call: str
    calls: tuple[str, ...]
    stack: tuple[str, ...]
    output: str

    @property
    def where(self) -> str:
        """The innermost line of the stack, or an empty text."""
        return self.stack[0] if self.stack else ""
