"""Keys from a terminal, one by one as they are pressed; or from lines, where standard input is no terminal.

The terminal is put back as it was whatever happens. Ctrl-C stays what it is: the terminal goes on making signals.
"""

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

SEQUENCES = {"A": "up", "B": "down", "C": "right", "D": "left"}  # after ESC [ or ESC O
NAMES = {" ": "space", "\r": "enter", "\n": "enter", "\t": "tab", "\x7f": "backspace", "\b": "backspace"}
UNKNOWN = "unknown"
ESCAPE, WAIT = "\x1b", 0.05  # seconds in which the rest of a sequence follows
NAP = 0.2  # seconds


@contextmanager
def single_keys(stream: TextIO) -> Iterator["Keys"]:
    """Within, the terminal hands over each key at once and does not show it."""
    try:
        import termios
        import tty
    except ImportError:  # Windows
        yield WindowsKeys()
        return
    descriptor = stream.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield Keys(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


class Keys:
    """The keys of a terminal, by the names of key maps."""

    def __init__(self, descriptor: int):
        self.descriptor = descriptor

    def read(self, seconds: float | None) -> str | None:
        """The next key; an empty text where none was pressed in time, None where there will be none any more.

        Args:
          seconds: to wait for it; None for as long as it takes.
        """
        if not self._ready(seconds):
            return ""
        typed = self._character()
        if typed is None:
            return None
        if typed == ESCAPE and self._ready(WAIT):
            return self._sequence()
        return "escape" if typed == ESCAPE else NAMES.get(typed, typed.lower())

    def _sequence(self) -> str:
        """A key that sends several characters; `unknown` for one that no key map has."""
        last = self._character()
        if last not in ("[", "O"):
            return UNKNOWN
        while self._ready(WAIT):
            last = self._character() or ""
            if last.isalpha() or last in "~":
                break
        return SEQUENCES.get(last, UNKNOWN)

    def _ready(self, seconds: float | None) -> bool:
        """Whether there is a character, having waited so long for it; None for as long as it takes.

        A signal that comes just before a wait is heard only after it, so that no wait is long.
        """
        if seconds is not None:
            return bool(select.select([self.descriptor], [], [], seconds)[0])
        while not select.select([self.descriptor], [], [], NAP)[0]:
            pass
        return True

    def _character(self) -> str | None:
        """A character, of however many bytes it is made; None at the end."""
        data = b""
        while len(data) < 4:
            byte = os.read(self.descriptor, 1)
            if not byte:
                return None
            data += byte
            try:
                return data.decode()
            except UnicodeDecodeError:
                continue
        return "\ufffd"


class WindowsKeys(Keys):
    """The same on Windows, whose console has functions of its own for it."""

    CODES = {"H": "up", "P": "down", "M": "right", "K": "left"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(-1)

    def read(self, seconds: float | None) -> str | None:
        import msvcrt
        import time

        console: Any = msvcrt
        until = None if seconds is None else time.monotonic() + seconds
        while not console.kbhit():
            if until is not None and time.monotonic() >= until:
                return ""
            time.sleep(0.01)
        typed = console.getwch()
        if typed in ("\0", "\xe0"):
            return self.CODES.get(console.getwch(), UNKNOWN)
        if typed == "\x03":
            raise KeyboardInterrupt
        return "escape" if typed == ESCAPE else NAMES.get(typed, typed.lower())


def lines(stream: TextIO = sys.stdin) -> Iterator[str]:
    """The lines that come, without their ends."""
    for line in stream:
        yield line.strip()
