"""One process that judges environments, each in a child of its own: some checkers hang or die on some of them.

    python -m checking.nursery CHECKER CAP

reads references, a line each, and answers each with a verdict in JSON. The checker is imported once; every child is a
fork of this process, in a session and an empty folder of its own, without input, output or a display.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from checking.verdict import Verdict


class Nursery:
    """The caller's side; one reference at a time."""

    def __init__(self, checker: str, cap: float):
        self.checker = checker
        self.process = subprocess.Popen(
            [sys.executable, "-m", "checking.nursery", checker, str(cap)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[1], env={**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"},
        )  # fmt: skip

    def judge(self, ref: str) -> Verdict:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the nursery has no pipes")
        stdin.write(ref + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError(f"the nursery of {self.checker} died at {ref}")
        return Verdict.from_json(json.loads(line))

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        self.process.wait(10)


def main() -> None:
    from checking.judges import warm_up

    checker, cap = sys.argv[1], float(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an import prints does not get between the answers
    warm_up(checker)
    for line in sys.stdin:
        answers.write(json.dumps(judged(checker, line.strip(), cap)) + "\n")
        answers.flush()


def judged(checker: str, ref: str, cap: float) -> dict[str, Any]:
    """A verdict in a child of this process."""
    read, write = os.pipe()
    folder = tempfile.mkdtemp(prefix="judged-")
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        _live(checker, ref, folder, write)
    os.close(write)
    answer, outcome = _wait(read, begun + cap)
    seconds = time.monotonic() - begun
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    said = json.loads(answer) if outcome == "answered" else {"remarks": [], "unjudged": 0, "seconds": seconds}
    return {"checker": checker, "ref": ref, "outcome": outcome, **said}


def _wait(read: int, deadline: float) -> tuple[bytes, str]:
    """What came, once the last line is there; or none by the deadline, or none before the end."""
    answer = b""
    try:
        while not answer.endswith(b"\n"):
            ready, _, _ = select.select([read], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return b"", "hung"
            more = os.read(read, 65536)
            if not more:
                return b"", "died"
            answer += more
        return answer, "answered"
    finally:
        os.close(read)


def _live(checker: str, ref: str, folder: str, write: int) -> None:
    """The child's whole life."""
    from dataclasses import asdict

    from checking.judges import JUDGES

    try:
        os.setsid()
        os.chdir(folder)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        begun = time.monotonic()
        remarks, unjudged = JUDGES[checker](ref)
        seconds = time.monotonic() - begun
        said = {"remarks": [asdict(remark) for remark in remarks], "unjudged": unjudged, "seconds": seconds}
        with os.fdopen(write, "wb") as pipe:
            pipe.write(json.dumps(said).encode() + b"\n")
    finally:
        os._exit(0)  # whatever it was: without an answer it died


if __name__ == "__main__":
    main()
