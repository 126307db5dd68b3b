"""The parent's side: runs a function in a child process, with limits, and says how it ended.

What falls away outside Linux: the child is not killed by the kernel when the parent dies, grandchildren that left the
process group are not swept, and neither memory nor the number of processes is watched. On Windows nothing is run in a
child at all.
"""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from envkit.core.machine import stolen
from envkit.isolate import family
from envkit.isolate.start import Start, started

OUTPUT_BYTES = 64 * 1024
ANSWER_BYTES = 64 * 2**20
PRINTED = "envkit-printed-*"  # files in the folder for temporary files that hold what was printed meanwhile
THREADS = 3000
POLL_SECONDS = 0.02
GONE_POLLS = 50  # a process that ends closes everything too, and under load is gone only some time later
Watch = Callable[[str, int], None]


@dataclass(frozen=True)
class Limits:
    """What the child may use.

    Args:
      call_seconds: for one call of the environment.
      total_seconds: for everything.
      memory_bytes: resident memory, of everything it has started too.
      processes: at once.
      descriptors: open files, pipes and sockets.
      file_bytes: of one file.
    """

    call_seconds: float = 20.0
    total_seconds: float = 600.0
    memory_bytes: int = 4 * 2**30
    processes: int = 256
    descriptors: int = 16_384
    file_bytes: int = 2 * 2**30


@dataclass(frozen=True)
class Ending:
    """How the child ended.

    Args:
      kind: answered, hung, memory, crowd (too many processes or threads), died or overdue.
      answer: what the function returned, when answered.
      how: in words, otherwise: `killed by SIGSEGV`, `no answer within 2 s`.
      chapter: what the calls were part of, as the function noted it in the ledger.
      calls: the last calls, oldest first; the last is the one it died in, if `in_call`.
      stack: the Python lines that were running, innermost first, where the child could still tell.
      output: the beginning of what it printed.
    """

    kind: str
    answer: Any = None
    how: str = ""
    chapter: str = ""
    calls: tuple[str, ...] = ()
    in_call: bool = False
    stack: tuple[str, ...] = ()
    output: str = ""


def run(function: str, arguments: dict[str, Any], limits: Limits, *, watch: Watch | None = None) -> Ending:
    """Calls `module:function(ledger, **arguments)` in a child process. The answer must be JSON.

    `watch` is told some fifty times a second what the calls are part of, and how many there were.

    Raises:
      RuntimeError: the function itself raised: a bug of ours.
      StorageFailed: there is no room for what child and parent share.
    """
    start = started()
    child = _Child(start, limits)
    try:
        bounds = {"descriptors": limits.descriptors, "file_bytes": limits.file_bytes}
        start.ask({"function": function, "arguments": arguments, "ledger": start.ledger.path, "limits": bounds})
        return child.ending(watch)
    finally:
        child.sweep()
        start.close()


class _Child:
    """The process, and what there is to know of it."""

    def __init__(self, start: Start, limits: Limits):
        self.process, self.ledger, self.limits = start.process, start.ledger, limits
        self.token, self.folder, self.faults = start.token, start.folder, start.faults
        self.output, self.answer = _Drain(start.process.stdout, OUTPUT_BYTES), _Drain(start.answer, ANSWER_BYTES)
        self.family: set[family.Member] = set()

    def ending(self, watch: Watch | None) -> Ending:
        """Waits for the end, or brings it about, and says what it was."""
        kind, how = self._wait(watch)
        started, finished = self.ledger.read()
        self.sweep()
        self.output.join()
        self.answer.join()
        reply = decode(bytes(self.answer.data), self.token) if kind == "ended" else None
        if reply is not None and "bug" in reply:
            raise RuntimeError(reply["bug"])
        if reply is not None and "answer" in reply:
            return Ending("answered", reply["answer"], output=self.output.text())
        if reply is not None:
            kind, how = "died", reply["exhausted"]
        elif kind == "ended":
            kind, how = "died", f"{how}, its answer being unreadable" if self.answer.data else how
        calls, chapter = tuple(self.ledger.last()), self.ledger.chapter
        return Ending(kind, None, how, chapter, calls, started > finished, _stack(self.faults), self._printed())

    def sweep(self) -> None:
        """Ends the process group, and whatever else the child has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        family.end(self.family, self.token)

    def _wait(self, watch: Watch | None) -> tuple[str, str]:
        limits = self.limits
        begun = moved = time.monotonic()
        seen, silent = self.ledger.read(), 0
        waited, taken = dict[family.Member, float](), stolen()
        while True:
            try:
                self.process.wait(POLL_SECONDS)
                return "ended", _exit_text(self.process.returncode)
            except subprocess.TimeoutExpired:
                now = time.monotonic()
            counts = self.ledger.read()
            if watch is not None:
                watch(self.ledger.chapter, counts[0])
            if counts != seen:
                seen, waited, taken, moved = counts, family.waited(self.family), stolen(), time.monotonic()
            late = counts[0] > counts[1] and now - moved > limits.call_seconds
            if late and now - moved - self._starved(waited) - (stolen() - taken) > limits.call_seconds:
                self._abort()
                return "hung", f"no answer within {limits.call_seconds:g} s"
            if now - begun > limits.total_seconds:
                self._abort()
                return "overdue", f"not done within {limits.total_seconds:g} s"
            silent = silent + 1 if not self.answer.is_alive() and not self.answer.data else 0
            if silent > GONE_POLLS:
                return "died", "it closed descriptors that are not its own, all of the process's perhaps"
            too_much = self._too_much()
            if too_much:
                return too_much

    def _starved(self, before: Mapping[family.Member, float]) -> float:
        """Seconds that a call has waited for a busy machine, which are not the environment's."""
        now = family.waited(self.family)
        return max((seconds - before.get(member, 0.0) for member, seconds in now.items()), default=0.0)

    def _too_much(self) -> tuple[str, str] | None:
        """What it has too much of by now, if anything."""
        limits = self.limits
        here = family.descendants(self.process.pid)
        self.family |= here
        if family.resident(here) > limits.memory_bytes and family.unshared(here) > limits.memory_bytes:
            return "memory", f"more than {limits.memory_bytes / 2**30:.1f} GiB of memory in use"
        if len(here) > limits.processes:
            return "crowd", f"more than {limits.processes} processes at once"
        if family.threads(here) > THREADS:
            return "crowd", f"more than {THREADS} threads at once"
        return None

    def _abort(self) -> None:
        """SIGABRT makes faulthandler write the Python stack, even while C code holds the interpreter; then the end."""
        self.process.send_signal(signal.SIGABRT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.5)

    def _printed(self) -> str:
        """What it printed, and what it printed last while the checker was listening."""
        text = self.output.text()
        for file in sorted(Path(self.folder).glob(PRINTED)):
            with contextlib.suppress(OSError), file.open("rb") as opened:
                opened.seek(max(0, file.stat().st_size - OUTPUT_BYTES))
                text += opened.read(OUTPUT_BYTES).decode(errors="replace")
        return text[-OUTPUT_BYTES:]


def _exit_text(code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"the process ended with exit code {code}"


def decode(data: bytes, token: str) -> dict[str, Any] | None:
    """What the child answered; None where it is anything but a whole answer to this very request."""
    try:
        reply = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(reply, dict) or reply.get("token") != token:
        return None
    told = next((name for name in reply if name != "token"), "")
    text = told in ("bug", "exhausted") and isinstance(reply[told], str)
    return reply if len(reply) == 2 and (told == "answer" or text) else None


def _stack(faults: IO[bytes]) -> tuple[str, ...]:
    faults.seek(0)
    lines = faults.read(OUTPUT_BYTES).decode(errors="replace").splitlines()
    return tuple(line.strip() for line in lines if line.lstrip().startswith("File "))


class _Drain(threading.Thread):
    """Reads a pipe to its end, keeps the beginning, throws the rest away: a flood cannot fill anything."""

    def __init__(self, pipe: IO[bytes] | None, most: int):
        super().__init__(daemon=True)
        assert pipe is not None
        self.pipe, self.most, self.data = pipe, most, bytearray()
        self.start()

    def run(self) -> None:
        with self.pipe:
            while chunk := os.read(self.pipe.fileno(), 65536):
                self.data += chunk[: max(0, self.most - len(self.data))]

    def join(self, timeout: float | None = 2.0) -> None:
        """A grandchild may hold the pipe open for ever; what came until now has to do then."""
        super().join(timeout)

    def text(self) -> str:
        return bytes(self.data).decode(errors="replace")
