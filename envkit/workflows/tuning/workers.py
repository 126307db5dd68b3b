"""Where attempts are made: in this very process, or several at once in processes of their own.

Only this process reads and writes the study. A worker is sent what to train, and asks after each evaluation whether it
is worth going on.
"""

import contextlib
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from envkit.core.errors import EnvkitError
from envkit.core.progress import Report
from envkit.core.show import error_line
from envkit.deep.learner import Learner
from envkit.workflows.algorithms import find
from envkit.workflows.training.request import Request
from envkit.workflows.tuning.attempt import Judge, Outcome, State, attempt

LOOKED = 0.1  # seconds between two looks at whether somebody wants it to end
EVALUATED, ENDED, RAISED = "evaluated", "ended", "raised"  # what a worker says


@dataclass(frozen=True)
class Task:
    """An attempt that is to be made.

    Args:
      key: whoever wants it made knows it by this.
      judge: as of `attempt`.
    """

    key: int
    requests: Sequence[Request]
    judge: Judge


class Workers(Protocol):
    """Whoever makes attempts."""

    def start(self, task: Task) -> None:
        """Takes on one more; there may be as many as there are jobs."""
        ...

    def next(self) -> tuple[int, Outcome]:
        """(key, what came of it) of one that has ended, after a while. Raises what `attempt` raises."""
        ...

    def close(self) -> None:
        """Ends, with all that is under way."""
        ...


class Here:
    """One at a time, in this process."""

    def __init__(self, stop: Callable[[], bool], report: Report):
        self.stop, self.report = stop, report
        self._tasks: list[Task] = []

    def start(self, task: Task) -> None:
        self._tasks.append(task)

    def next(self) -> tuple[int, Outcome]:
        task = self._tasks.pop(0)
        return task.key, attempt(task.requests, task.judge, stop=self.stop, report=self.report)

    def close(self) -> None:
        pass


class Apart:
    """Several at once, each in a process of its own, which stays for the next one."""

    def __init__(self, jobs: int, stop: Callable[[], bool]):
        self.stop = stop
        self._free = [_Worker() for _ in range(jobs)]
        self._busy: list[_Worker] = []

    def start(self, task: Task) -> None:
        worker = self._free.pop()
        self._busy.append(worker)
        worker.send(task)

    def next(self) -> tuple[int, Outcome]:
        while True:
            if self.stop():
                return self._stopped()
            told = wait([worker.line for worker in self._busy], timeout=LOOKED)
            for worker in [one for one in self._busy if one.line in told]:
                outcome = worker.answer()
                if outcome:
                    self._busy.remove(worker)
                    self._free.append(worker if worker.process.is_alive() else _Worker())
                    return worker.task.key, outcome

    def _stopped(self) -> tuple[int, Outcome]:
        worker = self._busy.pop()
        worker.kill()
        return worker.task.key, Outcome(State.STOPPED)

    def close(self) -> None:
        for worker in (*self._free, *self._busy):
            worker.kill()


class _Worker:
    """A process that makes one attempt after another."""

    task: Task

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")  # a forked one would share what threads of this one hold
        self.line, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other,), daemon=True)
        self.process.start()
        other.close()
        self.begun = 0.0

    def send(self, task: Task) -> None:
        self.task, self.begun = task, time.perf_counter()
        with contextlib.suppress(OSError):  # it is dead, as its answer will say
            self.line.send([_packed(request) for request in task.requests])

    def answer(self) -> Outcome | None:
        """Answers what it asks; what came of its attempt, if it has ended. Raises what the attempt raised."""
        try:
            kind, said = self.line.recv()
            if kind == EVALUATED:
                self.line.send(self.task.judge(*said))
                return None
        except (EOFError, OSError):
            self.process.join()
            why = f"its process died with exit code {self.process.exitcode}"
            return Outcome(State.FAILED, seconds=time.perf_counter() - self.begun, why=why)
        if kind == RAISED:
            raise said
        outcome: Outcome = said
        return outcome

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.line.close()


def _work(line: Connection) -> None:
    """In a process of its own, until the other end is closed."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes of a terminal, and one of them decides

    def judge(place: int, value: float) -> bool:
        line.send((EVALUATED, (place, value)))
        return bool(line.recv())

    with contextlib.suppress(EOFError, OSError):  # whoever waits is no more
        while True:
            requests = [_unpacked(packed) for packed in line.recv()]
            line.send(_said(requests, judge))


def _said(requests: Sequence[Request], judge: Judge) -> tuple[str, Any]:
    """What a worker says in the end."""
    try:
        return ENDED, attempt(requests, judge, stop=lambda: False)
    except EnvkitError as error:
        if hasattr(error, "cause"):
            error.cause = None  # which may not survive the way back
        return RAISED, error.with_traceback(None)
    except Exception as error:  # noqa: BLE001 - a bug of ours, told as one by whoever waits
        return RAISED, RuntimeError(f"in an attempt of a search: {error_line(error)}")


def _packed(request: Request) -> dict[str, Any]:
    """With the learner's name in its place, for it holds functions that do not travel."""
    parts = {one.name: getattr(request, one.name) for one in fields(request)}
    return parts | {"learner": request.learner.name}


def _unpacked(packed: dict[str, Any]) -> Request:
    learner = find(packed["learner"])
    assert isinstance(learner, Learner)
    return Request(**packed | {"learner": learner})
