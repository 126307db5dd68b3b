"""The parent's side: runs a function in a child process, with limits, and says how it ended.

What falls away outside Linux: the child is not killed by the kernel when the parent dies, grandchildren that left the
process group are not swept, and memory is not watched.
"""

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from envkit.isolate.ledger import Ledger

OUTPUT_BYTES = 64 * 1024
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Limits:
    """What the child may use.

    Args:
      call_seconds: for one call of the environment.
      total_seconds: for everything.
      memory_bytes: resident memory.
    """

    call_seconds: float = 20.0
    total_seconds: float = 600.0
    memory_bytes: int = 4 * 2**30


@dataclass(frozen=True)
class Ending:
    """How the child ended.

    Args:
      kind: answered, hung, memory, died or overdue.
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


def run(function: str, arguments: dict[str, Any], limits: Limits) -> Ending:
    """Calls `module:function(ledger, **arguments)` in a child process. The answer must be JSON.

    Raises:
      RuntimeError: the function itself raised: a bug of ours.
    """
    ledger = Ledger.create()
    request_read, request_write = os.pipe()
    answer_read, answer_write = os.pipe()
    faults = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, after the child
    fds = (request_read, answer_write, faults.fileno())
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "envkit.isolate.child", *map(str, fds)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            pass_fds=fds, start_new_session=True, env=_environment(),
        )  # fmt: skip
    finally:
        os.close(request_read)
        os.close(answer_write)
    output, answer = _Drain(process.stdout, OUTPUT_BYTES), _Drain(os.fdopen(answer_read, "rb"), 2**30)
    try:
        request = {"function": function, "arguments": arguments, "ledger": ledger.path}
        with os.fdopen(request_write, "wb") as pipe:
            pickle.dump(list(sys.path), pipe)
            pickle.dump(request, pipe)
        kind, how = _watch(process, ledger, limits)
        started, finished = ledger.read()
        _sweep(process)
        output.join()
        answer.join()
        reply = _decode(answer.data) if kind == "ended" else None
        if reply is not None and "bug" in reply:
            raise RuntimeError(reply["bug"])
        if reply is not None:
            return Ending("answered", reply["answer"], output=output.text())
        kind = "died" if kind == "ended" else kind
        calls, stack = tuple(ledger.last()), _stack(faults)
        return Ending(kind, None, how, ledger.chapter, calls, started > finished, stack, output.text())
    finally:
        _sweep(process)
        faults.close()
        ledger.remove()


def _environment() -> dict[str, str]:
    """No window, whatever the environment tries; the rest as it is."""
    quiet = {"PYGAME_HIDE_SUPPORT_PROMPT": "1", "PYTHONUNBUFFERED": "1"}
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        quiet |= {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    return {**quiet, **os.environ} | {"SDL_AUDIODRIVER": "dummy"}


def _watch(process: subprocess.Popen[bytes], ledger: Ledger, limits: Limits) -> tuple[str, str]:
    """Waits for the end, or brings it about."""
    begun = moved = time.monotonic()
    seen = ledger.read()
    while True:
        try:
            process.wait(POLL_SECONDS)
            return "ended", _exit_text(process.returncode)
        except subprocess.TimeoutExpired:
            now = time.monotonic()
        counts = ledger.read()
        if counts != seen:
            seen, moved = counts, now
        started, finished = counts
        if started > finished and now - moved > limits.call_seconds:
            _abort(process)
            return "hung", f"no answer within {limits.call_seconds:g} s"
        if now - begun > limits.total_seconds:
            _abort(process)
            return "overdue", f"not done within {limits.total_seconds:g} s"
        if _resident_bytes(process.pid) > limits.memory_bytes:
            _kill(process)
            return "memory", f"more than {limits.memory_bytes / 2**30:.1f} GiB of memory in use"


def _exit_text(code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"the process ended with exit code {code}"


def _abort(process: subprocess.Popen[bytes]) -> None:
    """SIGABRT makes faulthandler write the Python stack, even while C code holds the interpreter; then the end."""
    process.send_signal(signal.SIGABRT)
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    _sweep(process)
    process.wait()


def _sweep(process: subprocess.Popen[bytes]) -> None:
    """Ends the child's whole process group: whatever it started goes with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _resident_bytes(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _decode(data: bytes) -> dict[str, Any] | None:
    try:
        reply = json.loads(data)
    except ValueError:
        return None
    return reply if isinstance(reply, dict) and ("answer" in reply or "bug" in reply) else None


def _stack(faults: IO[bytes]) -> tuple[str, ...]:
    faults.seek(0)
    lines = faults.read(OUTPUT_BYTES).decode(errors="replace").splitlines()
    return tuple(line.strip() for line in lines if line.lstrip().startswith("File "))


class _Drain(threading.Thread):
    """Reads a pipe to its end, keeps the beginning, throws the rest away: a flood cannot fill anything."""

    def __init__(self, pipe: IO[bytes] | None, most: int):
        super().__init__(daemon=True)
        assert pipe is not None
        self.pipe, self.most, self.data = pipe, most, b""
        self.start()

    def run(self) -> None:
        with self.pipe:
            while chunk := os.read(self.pipe.fileno(), 65536):
                self.data += chunk[: max(0, self.most - len(self.data))]

    def join(self, timeout: float | None = 2.0) -> None:
        """A grandchild may hold the pipe open for ever; what came until now has to do then."""
        super().join(timeout)

    def text(self) -> str:
        return self.data.decode(errors="replace")
