"""The other process: it is started, asked and ended here, and nowhere else.

Whatever goes wrong with it, a `SimulatorError` says in one line what, and the process is ended; the next `Link` starts
a fresh one. Nothing here waits without a limit. The process cannot outlive this one: it holds the other end of a pipe
that the system closes when this process is gone, and a simulator ends with its standard input.
"""

import contextlib
import json
import math
import os
import queue
import socket
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import IO, Any

LONGEST = 65_536  # bytes of an answer
PATIENCE = 1.0  # seconds for the process to end by itself, and again to end when told to


class SimulatorError(RuntimeError):
    """The simulator did not start, did not answer in time, or answered nonsense. `reset` starts a new one."""


class Link:
    """A simulator that was started and can be asked.

    Args:
      command: the program and its arguments; `--port PORT` is appended.
      port: to listen on; 0 for any that is free.
      start_timeout: seconds until it has to listen.
      answer_timeout: seconds for each answer.

    Raises:
      SimulatorError: it does not start.
    """

    def __init__(self, command: Sequence[str], *, port: int, start_timeout: float, answer_timeout: float):
        self.answer_timeout = answer_timeout
        self.owner = os.getpid()
        self.sockets: list[socket.socket] = []  # one, once it is connected, until it is closed
        self.errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the link
        try:
            self.process = subprocess.Popen(
                [*command, "--port", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors
            )
        except OSError as error:
            self.errors.close()
            raise SimulatorError(f"the simulator cannot be started: {command[0]}: {error.strerror}") from error
        self.said: queue.Queue[bytes] = queue.Queue()
        self.reader = threading.Thread(target=_read_lines, args=(self.process.stdout, self.said), daemon=True)
        self.reader.start()
        # Where nobody calls close: when the link is forgotten, and when Python ends.
        self._finalizer = weakref.finalize(self, _end, self.owner, self.sockets, self.process, self.reader, self.errors)
        self.buffer = b""
        try:
            self._connect(time.monotonic() + start_timeout, start_timeout)
        except BaseException:
            self.close()
            raise

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked; not from a process that was forked off, which has to start its own."""
        return bool(self.sockets) and self.owner == os.getpid() and self.process.poll() is None

    def ask(self, request: Mapping[str, Any], *, numbers: Sequence[str]) -> dict[str, float]:
        """Sends a request and returns the numbers of the answer, all of them finite.

        Raises:
          SimulatorError: there is no such answer in time; the link is closed.
        """
        if not self.sockets or self.owner != os.getpid():
            raise SimulatorError("there is no simulator in this process; call reset() to start one")
        try:
            deadline = time.monotonic() + self.answer_timeout
            self.sockets[0].settimeout(self.answer_timeout)
            self.sockets[0].sendall(json.dumps(request).encode() + b"\n")
            return _numbers(self._line(deadline), numbers)
        except TimeoutError as error:
            raise self._failed(f"did not answer within {self.answer_timeout:g} s") from error
        except OSError as error:
            raise self._failed(self._how_it_ended()) from error
        except ValueError as error:
            raise self._failed(str(error)) from error
        except BaseException:  # such as Ctrl-C: an answer may be on its way that nobody waits for
            self.close()
            raise

    def close(self) -> None:
        """Ends the process. May be called at any time, and again."""
        self._finalizer()

    def _connect(self, deadline: float, start_timeout: float) -> None:
        """Waits for the line that names the port; what else a program prints is passed over."""
        while True:
            try:
                line = self.said.get(timeout=max(deadline - time.monotonic(), 0.001))
            except queue.Empty:
                raise SimulatorError(
                    f"the simulator did not say `listening on PORT` within {start_timeout:g} s; it was ended"
                ) from None
            if not line:
                raise SimulatorError(f"the simulator {self._how_it_ended()} before it listened")
            words = line.decode(errors="replace").split()
            if words[:2] == ["listening", "on"] and len(words) == 3 and words[2].isdecimal():
                break
        try:
            self.sockets.append(socket.create_connection(("127.0.0.1", int(words[2])), timeout=start_timeout))
            self.sockets[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each request at once
        except (OSError, OverflowError) as error:
            raise SimulatorError(f"the simulator says it listens on port {words[2]}, and does not") from error

    def _line(self, deadline: float) -> bytes:
        """The next line of the answer; what drips in slowly has no more time than what comes at once."""
        while b"\n" not in self.buffer:
            if len(self.buffer) > LONGEST:
                raise ValueError(f"sent more than {LONGEST:,} bytes without an end of line")
            self.sockets[0].settimeout(max(deadline - time.monotonic(), 0.001))
            received = self.sockets[0].recv(4096)
            if not received:
                raise ConnectionError
            self.buffer += received
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line

    def _failed(self, what: str) -> SimulatorError:
        self.close()
        return SimulatorError(f"the simulator {what}; it was ended, and reset() starts a new one")

    def _how_it_ended(self) -> str:
        """With its last words, if it had any."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return "hung up"
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        self.errors.seek(0)
        words = self.errors.read()[-2000:].decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(words) if line.strip()), "")
        return f"{how} ({last[:200]})" if last else how


def _numbers(line: bytes, names: Sequence[str]) -> dict[str, float]:
    """Raises ValueError, which says what it got, where these are not finite numbers in a JSON object."""
    shown = repr(line[:80])[1:] + ("..." if len(line) > 80 else "")
    try:
        answer = json.loads(line)
    except ValueError:
        raise ValueError(f"answered {shown}, which is no JSON") from None
    for name in names:
        value = answer.get(name) if isinstance(answer, dict) else None
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise ValueError(f"answered {shown}, in which {name!r} is no finite number")
    return {name: float(answer[name]) for name in names}


def _read_lines(stream: IO[bytes], said: "queue.Queue[bytes]") -> None:
    """Reads on for as long as the process lives, so that it never waits for somebody to read what it prints."""
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            if said.qsize() < 1000:
                said.put(line)
    said.put(b"")


def _end(
    owner: int,
    sockets: list[socket.socket],
    process: "subprocess.Popen[bytes]",
    reader: threading.Thread,
    errors: IO[bytes],
) -> None:
    """First by its input's end, then by asking, then without asking; and waits until it is gone."""
    while sockets:
        sockets.pop().close()
    if owner != os.getpid():  # a copy in a process that was forked off is none of its business
        return
    with contextlib.suppress(OSError):
        process.stdin.close()
    for impatient in (lambda: None, process.terminate, process.kill):
        impatient()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
            break
    reader.join(PATIENCE)
    if not reader.is_alive():  # else a grandchild holds the other end, and closing would wait for it
        process.stdout.close()
    errors.close()
