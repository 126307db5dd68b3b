"""The child's side: `python -m envkit.isolate.child`, started by `envkit.isolate.start` and by nobody else.

Loads what it is told to, reads one request from a pipe, calls the function it names with the ledger, and writes its
answer as JSON to another pipe. Standard output belongs to whatever the function runs.
"""

import contextlib
import ctypes
import errno
import faulthandler
import importlib
import json
import os
import pickle
import signal
import sys
import traceback

from envkit.isolate import family
from envkit.isolate.ledger import Ledger

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def main(request_fd: int, answer_fd: int, fault_fd: int, life_fd: int) -> None:
    stay_together(life_fd)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as usual, also where a shell's background job ignores it
    faulthandler.enable(file=fault_fd, all_threads=False)
    with os.fdopen(request_fd, "rb") as pipe:
        sys.path[:] = pickle.load(pipe)  # from our own parent, through a pipe nobody else holds
        get_ready(pickle.load(pipe))
        try:
            sys.path[:] = pickle.load(pipe)
            request = pickle.load(pipe)  # needs the path: what it holds may be of any module the parent could import
        except EOFError:
            os._exit(0)  # not needed, or the parent is gone
    os.set_inheritable(answer_fd, False)
    limit(**request["limits"])
    module, _, name = request["function"].partition(":")
    ledger = Ledger(request["ledger"])
    try:
        answer = {"answer": getattr(importlib.import_module(module), name)(ledger, **request["arguments"])}
    except Exception as error:  # noqa: BLE001 - told to the parent, which raises it as a bug of ours
        answer = {"bug": traceback.format_exc()}
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            answer = {"exhausted": "every descriptor is in use: too many files, pipes or sockets are open"}
    with os.fdopen(answer_fd, "w") as pipe:
        json.dump({"token": os.environ.get(family.TOKEN), **answer}, pipe, default=str)
    with contextlib.suppress(Exception):  # the environment may have closed or replaced it
        sys.stdout.flush()
    os._exit(0)  # what the environment left running, such as threads, must not keep the process


def get_ready(ready: str) -> None:
    """Calls `module:function`, which loads what the request is going to need; what goes wrong shows again then."""
    module, _, name = ready.partition(":")
    with contextlib.suppress(Exception):
        if ready:
            getattr(importlib.import_module(module), name)()


def stay_together(life_fd: int) -> None:
    """Linux: dies with the parent, keeps orphans of its own, and has them ended when the parent is gone.

    Elsewhere the closed pipes have to do.
    """
    if sys.platform != "linux":
        return
    die_with_parent()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    if os.fork() == 0:
        _sweep_up(life_fd)
    os.close(life_fd)


def die_with_parent() -> None:
    """Linux: the kernel kills this process when its parent dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _sweep_up(life_fd: int) -> None:
    """Waits until the parent has done, or has died, which closes the pipe, and ends whatever is left."""
    try:
        os.setsid()
        os.closerange(0, life_fd)  # else the parent would wait for more to come through them
        os.closerange(life_fd + 1, 256)
        os.read(life_fd, 1)
        family.end(set(), os.environ[family.TOKEN])
    finally:
        os._exit(0)


def limit(*, descriptors: int, file_bytes: int) -> None:
    """No core files; so many descriptors; and a file that grows without end ends in an OSError, as Python has it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: descriptors, resource.RLIMIT_FSIZE: file_bytes}
    for kind, most in wanted.items():
        soft, hard = resource.getrlimit(kind)
        lower = most if soft == resource.RLIM_INFINITY else min(soft, most)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (lower, hard))


if __name__ == "__main__":
    main(*(int(fd) for fd in sys.argv[1:5]))
