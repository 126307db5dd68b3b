"""Vector environments with worker processes, driven in a fork of this process, so that none of them can be left behind.

The fork tells what it is about to do and what came of it. When nothing more comes, that is a hang; the fork is ended,
and on Linux its workers go with it.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from envkit.check.acting.batches import Seen
from envkit.core.show import error_line
from envkit.isolate.child import die_with_parent

SECONDS = 10.0  # without a word; far beyond what a loaded machine makes of a step

Story = Callable[[], Iterator[tuple[str, Seen]]]


@dataclass
class Outcome:
    """What became of a story.

    Args:
      told: what the vector environment was asked, and what was seen of the copies.
      asked: the last thing.
      kind: raised, hung or died; empty when it went on to the end.
      failure: that, in words.
    """

    told: list[tuple[str, Seen]] = field(default_factory=list)
    asked: str = ""
    kind: str = ""
    failure: str = ""

    def hears(self, asked: str, seen: Seen) -> None:
        self.asked = asked
        if seen:
            self.told.append((asked, seen))

    def ends(self, kind: str, failure: str) -> "Outcome":
        self.kind, self.failure = kind, failure
        return self


def possible() -> bool:
    return hasattr(os, "fork")


def told(story: Story) -> Outcome:
    """Runs a story in a fork, and gathers what it yields."""
    here, there = multiprocessing.Pipe(duplex=False)
    pid = os.fork()
    if pid == 0:
        try:
            _tell(story, there)
        finally:
            os._exit(0)
    there.close()
    try:
        return _heard(here)
    finally:
        here.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _tell(story: Story, there: Connection) -> None:
    die_with_parent()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # workers print what went wrong, and nobody wants to see it
        os.dup2(nothing, descriptor)
    sys.stdout = sys.stderr = os.fdopen(nothing, "w")  # a notebook's and a test's do not print to these descriptors
    try:
        for asked, seen in story():
            there.send(("asked", asked, seen))
        there.send(("done", "", []))
    except BaseException as error:  # noqa: BLE001 - whatever comes out of a worker is told
        there.send(("raised", error_line(error), []))
    for worker in multiprocessing.active_children():
        with contextlib.suppress(Exception):  # those of this process's parent are among them
            worker.kill()
            worker.join(1.0)


def _heard(here: Connection) -> Outcome:
    found = Outcome()
    while here.poll(SECONDS):
        try:
            kind, text, seen = here.recv()
        except EOFError:
            return found.ends("died", "the process ended")
        if kind == "done":
            return found
        if kind == "raised":
            return found.ends(kind, text)
        found.hears(text, seen)
    return found.ends("hung", f"no answer within {SECONDS:g} s")


def maker(make: Callable[[], Any]) -> Callable[[], Any]:
    """Makes an environment in a worker, which then ends with the fork."""

    def made() -> Any:
        die_with_parent()
        return make()

    return made
