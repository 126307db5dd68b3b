"""Being asked to stop, by Ctrl-C or SIGTERM, and stopping where it does no harm.

The first signal is only noted: whoever works looks at it now and then, saves, and stops. The second one does at once
what a signal usually does, for who is in a hurry.
"""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any


class Asked:
    """Whether somebody wants the work to stop; `signal` is what was sent."""

    signal: int | None = None

    def __call__(self) -> bool:
        return self.signal is not None

    @property
    def exit_code(self) -> int:
        """Of a command that stops because of it, as shells have it."""
        return 128 + (self.signal or signal.SIGINT)


@dataclass(frozen=True)
class Until:
    """Whether to stop: because somebody has asked for it, or because the time is over.

    Args:
      minutes: of work; None for no end.
    """

    asked: Asked
    minutes: float | None = None
    begun: float = field(default_factory=time.monotonic)

    def __call__(self) -> bool:
        return self.asked() or (self.minutes is not None and time.monotonic() >= self.begun + 60 * self.minutes)

    @property
    def exit_code(self) -> int:
        """Of a command that stops because of it: a time that was agreed upon is no failure."""
        return self.asked.exit_code if self.asked() or self.minutes is None else 0

    def __str__(self) -> str:
        return "stopped" if self.asked() or self.minutes is None else f"stopped when {self.minutes:g} min were over,"


@contextlib.contextmanager
def noticed() -> Iterator[Asked]:
    """Notes the first SIGINT or SIGTERM instead of raising it; outside the main thread nothing changes."""
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signal module's signature
        restore()
        asked.signal = number

    def restore() -> None:
        for number, handler in before.items():
            if handler is not None:  # it was not set from Python
                signal.signal(number, handler)

    for number in before:
        signal.signal(number, note)
    try:
        yield asked
    finally:
        restore()
    if asked.signal is not None:  # it came too late for whoever worked to see it
        signal.raise_signal(asked.signal)
