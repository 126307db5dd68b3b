"""The child's side: `python -m envkit.isolate.child`, started by `envkit.isolate.parent` and by nobody else.

Reads one request from a pipe, calls the function it names with the ledger, and writes its answer as JSON to another
pipe. Standard output belongs to whatever the function runs.
"""

import ctypes
import faulthandler
import importlib
import json
import os
import pickle
import signal
import sys
import traceback

from envkit.isolate.ledger import Ledger


def main(request_fd: int, answer_fd: int, fault_fd: int) -> None:
    die_with_parent()
    faulthandler.enable(file=fault_fd, all_threads=False)
    with os.fdopen(request_fd, "rb") as pipe:
        sys.path[:] = pickle.load(pipe)  # from our own parent, through a pipe nobody else holds
        request = pickle.load(pipe)  # needs the path: what it holds may be of any module the parent could import
    os.set_inheritable(answer_fd, False)
    module, _, name = request["function"].partition(":")
    ledger = Ledger(request["ledger"])
    try:
        answer = {"answer": getattr(importlib.import_module(module), name)(ledger, **request["arguments"])}
    except Exception:  # noqa: BLE001 - told to the parent, which raises it as a bug of ours
        answer = {"bug": traceback.format_exc()}
    with os.fdopen(answer_fd, "w") as pipe:
        json.dump(answer, pipe, default=str)
    sys.stdout.flush()
    os._exit(0)  # what the environment left running, such as threads, must not keep the process


def die_with_parent() -> None:
    """Linux: the kernel kills this process when its parent dies. Elsewhere the closed pipe has to do."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


if __name__ == "__main__":
    main(*(int(fd) for fd in sys.argv[1:4]))
