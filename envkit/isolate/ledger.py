"""The write-ahead ledger: what the child was about to do, readable after its death.

A small file, mapped by both processes. Before a call the child writes what it will do into the next slot and counts it
as started; after the call it counts it as finished. So when the process dies or hangs, the parent knows the last calls,
whatever happened to the child's memory. Costs a microsecond or two a call.
"""

import mmap
import struct
import tempfile
from pathlib import Path

SLOTS = 4096
SLOT_BYTES = 256
HEADER = struct.Struct("<QQ64s")  # calls started, calls finished, what they are part of
SIZE = HEADER.size + SLOTS * SLOT_BYTES
COUNTS = struct.Struct("<QQ")


class Ledger:
    """One side of the ledger; `Ledger.create()` in the parent, `Ledger(path)` in the child."""

    def __init__(self, path: str):
        self.path = path
        with Path(path).open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), SIZE)
        self.started, self.finished = COUNTS.unpack_from(self.map)

    @classmethod
    def create(cls) -> "Ledger":
        """Raises OSError where there is no room for it; nothing is left behind then."""
        with tempfile.NamedTemporaryFile(prefix="envkit-ledger-", delete=False) as file:
            try:
                file.write(bytes(SIZE))
                file.flush()
            except OSError:
                Path(file.name).unlink()
                raise
        return cls(file.name)

    def start(self, text: str) -> None:
        data = text.encode(errors="replace")[:SLOT_BYTES].ljust(SLOT_BYTES, b"\0")
        place = HEADER.size + self.started % SLOTS * SLOT_BYTES
        self.map[place : place + SLOT_BYTES] = data
        self.started += 1
        COUNTS.pack_into(self.map, 0, self.started, self.finished)

    def finish(self) -> None:
        self.finished = self.started
        COUNTS.pack_into(self.map, 0, self.started, self.finished)

    def read(self) -> tuple[int, int]:
        """(started, finished) as the other side last wrote them."""
        started, finished = COUNTS.unpack_from(self.map)
        return started, finished

    @property
    def chapter(self) -> str:
        """What the calls are part of, such as the name of a probe."""
        text: bytes = HEADER.unpack_from(self.map)[2]
        return text.rstrip(b"\0").decode()

    @chapter.setter
    def chapter(self, text: str) -> None:
        HEADER.pack_into(self.map, 0, self.started, self.finished, text.encode())

    def last(self, most: int = SLOTS) -> list[str]:
        """The last calls, oldest first; the last one may be unfinished."""
        started, _ = self.read()
        texts = []
        for number in range(max(0, started - min(most, SLOTS)), started):
            place = HEADER.size + number % SLOTS * SLOT_BYTES
            texts.append(self.map[place : place + SLOT_BYTES].rstrip(b"\0").decode(errors="replace"))
        return texts

    def close(self) -> None:
        self.map.close()

    def remove(self) -> None:
        self.close()
        Path(self.path).unlink(missing_ok=True)
