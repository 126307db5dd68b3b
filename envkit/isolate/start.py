"""Starts the child process, ahead of its request where both sides have much to load first.

`ahead` starts one that loads what it will need while this process loads what it needs itself; the next `started` takes
it. A child whose request never comes ends when this process does: its pipe is closed then.
"""

import atexit
import contextlib
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import IO, Any

from envkit.core.cache import cache_root
from envkit.core.errors import StorageFailed
from envkit.isolate import family
from envkit.isolate.ledger import Ledger

PROMPT = "PYGAME_HIDE_SUPPORT_PROMPT"  # which Gymnasium sets when it is imported; the child has it in any case


class Start:
    """A child process that waits for its request, and what the two sides share.

    Args:
      ready: `module:function` that the child calls before it waits; nothing by default.

    Raises:
      StorageFailed: there is no room for what child and parent share.
    """

    def __init__(self, ready: str = ""):
        try:
            self.ledger = Ledger.create()
            self.token, self.folder = uuid.uuid4().hex, tempfile.mkdtemp(prefix="envkit-")
            self.faults: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, after the child
        except OSError as error:
            place = tempfile.gettempdir()
            cure = "make room there, or set TMPDIR to a folder that can be written"
            raise StorageFailed(f"cannot write to {place}: {error.strerror or error}; {cure}") from error
        self.surroundings = _surroundings()
        request_read, request_write = os.pipe()
        answer_read, answer_write = os.pipe()
        life_read, self.life = os.pipe()  # open as long as this process lives and waits
        fds = (request_read, answer_write, self.faults.fileno(), life_read)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "envkit.isolate.child", *map(str, fds)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                pass_fds=fds, start_new_session=True, env=_environment(self.token, self.folder),
            )  # fmt: skip
        finally:
            for number in (request_read, answer_write, life_read):
                os.close(number)
        self.answer: IO[bytes] = os.fdopen(answer_read, "rb")
        self.request: IO[bytes] = os.fdopen(request_write, "wb")
        self._send(list(sys.path), ready)

    @property
    def usable(self) -> bool:
        """Whether it waits in the surroundings in which it would be started now."""
        return self.process.poll() is None and self.surroundings == _surroundings()

    def ask(self, request: dict[str, Any]) -> None:
        """Sends the request, after which the child has nothing more to wait for."""
        self._send(list(sys.path), request)
        with contextlib.suppress(BrokenPipeError):
            self.request.close()

    def _send(self, *parts: Any) -> None:
        with contextlib.suppress(BrokenPipeError):  # its death is told by whoever waits for the answer
            for part in parts:
                pickle.dump(part, self.request)
            self.request.flush()

    def close(self) -> None:
        """Lets go of what was shared, when the child has ended."""
        os.close(self.life)
        self.faults.close()
        self.ledger.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def abandon(self) -> None:
        """Ends a child that was never asked anything."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.request, self.answer, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        self.close()


_waiting: list[Start] = []


def ahead(ready: str) -> None:
    """Starts the child of the next `run` now; it calls `module:function` to load what it will need."""
    if os.name == "posix" and not _waiting:
        with contextlib.suppress(StorageFailed):  # whoever needs the child will be told
            _waiting.append(Start(ready))


def started() -> Start:
    """The child that was started ahead, if it can be used; else a new one."""
    while _waiting:
        start = _waiting.pop()
        if start.usable:
            return start
        start.abandon()
    return Start()


@atexit.register
def _never_asked() -> None:
    while _waiting:
        _waiting.pop().abandon()


def _surroundings() -> tuple[dict[str, str], str]:
    """What a process takes over from the one that starts it: variables and working directory."""
    variables = {name: value for name, value in os.environ.items() if name != PROMPT}
    try:
        return variables, str(Path.cwd())
    except OSError:  # it was deleted
        return variables, ""


def _environment(token: str, folder: str) -> dict[str, str]:
    """No window, whatever the environment tries, and one order of sets for every run; the rest as it is."""
    quiet = {PROMPT: "1", "PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "0"}
    quiet["HYPOTHESIS_STORAGE_DIRECTORY"] = str(cache_root() / "hypothesis")  # not where the user happens to be
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        quiet |= {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    own = {"SDL_AUDIODRIVER": "dummy", family.TOKEN: token, "TMPDIR": folder}
    return {**quiet, **os.environ} | own
