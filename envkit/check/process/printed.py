"""What is printed, past Python too: the descriptors of stdout and stderr lead into files for a while.

The files lie in the temporary folder under a name that begins with `PREFIX`: when the process dies meanwhile, its last
words are found there.
"""

import contextlib
import io
import os
import sys
import tempfile
from typing import Any

PREFIX = "envkit-printed-"
STREAMS = {"stdout": 1, "stderr": 2}
LINE = 80


class Printed:
    """Counts what is printed as long as its `with` lasts; nothing of it is shown."""

    def __enter__(self) -> "Printed":
        self.diverted = {name: _Diverted(name, number) for name, number in STREAMS.items()}
        return self

    def __exit__(self, *_: Any) -> None:
        for diverted in self.diverted.values():
            diverted.end()

    def count(self) -> dict[str, int]:
        """{stream: bytes so far}."""
        return {name: diverted.size() for name, diverted in self.diverted.items()}

    def line(self, name: str, begin: int) -> str:
        """The first line that was printed to a stream after so many bytes."""
        text = self.diverted[name].text(begin).decode(errors="replace").strip()
        line = text.partition("\n")[0]
        return line if len(line) <= LINE else f"{line[: LINE - 1]}…"


class _Diverted:
    """One descriptor that leads into a file, and the stream of Python's that goes with it."""

    def __init__(self, name: str, number: int):
        self.name, self.number, self.stream = name, number, getattr(sys, name)
        self.saved: int | None = None
        with contextlib.suppress(Exception):  # a replaced stream may be closed, or no stream at all
            self.stream.flush()
        self.file = tempfile.NamedTemporaryFile(prefix=PREFIX)  # noqa: SIM115 - closed in `end`
        try:
            self.saved = os.dup(number)
        except OSError:  # it is closed, so nothing can be printed to it
            return
        os.dup2(self.file.fileno(), number)
        raw = io.FileIO(number, "w", closefd=False)
        setattr(sys, name, io.TextIOWrapper(raw, errors="replace", write_through=True))

    def size(self) -> int:
        return os.fstat(self.file.fileno()).st_size

    def text(self, begin: int) -> bytes:
        return os.pread(self.file.fileno(), 4 * LINE, begin) if hasattr(os, "pread") else b""

    def end(self) -> None:
        setattr(sys, self.name, self.stream)
        if self.saved is not None:
            os.dup2(self.saved, self.number)
            os.close(self.saved)
        self.file.close()
