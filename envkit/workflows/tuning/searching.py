"""The search itself: one attempt after another, or several at once, until all are made or it is enough."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from envkit.core.errors import StorageFailed
from envkit.core.progress import Progress, Report
from envkit.core.show import number
from envkit.runs.directory import RunDirectory
from envkit.runs.stopping import Asked as Stopping
from envkit.workflows.tuning import folder
from envkit.workflows.tuning.asked import Asked
from envkit.workflows.tuning.attempt import Judge, Outcome, State
from envkit.workflows.tuning.space import defaults, params_of, settled
from envkit.workflows.tuning.study import Attempt, Study, best
from envkit.workflows.tuning.workers import Apart, Here, Task, Workers

TIME_IS_UP = "the time is up"


@dataclass
class _Begun:
    """An attempt under way.

    Args:
      trial: Optuna's number; None of the settings to begin with, which Optuna has not proposed.
      on_the_way: the evaluations so far, of those.
    """

    trial: int | None
    settings: dict[str, Any]
    on_the_way: dict[int, float] = field(default_factory=dict)


class Search:
    """What is left of a search, and how far it is."""

    def __init__(self, asked: Asked, study: Study, directory: RunDirectory, report: Report):
        self.asked, self.study, self.directory, self.report = asked, study, directory, report
        self.env = asked.env
        self.attempts: list[Attempt] = study.attempts()
        self._begun: dict[int, _Begun] = {}

    def run(self, jobs: int, timeout: float | None, stopping: Stopping) -> str:
        """Makes the attempts that are left; returns why not all of them, or nothing.

        Raises:
          EnvironmentFailed: the environment failed; all is kept but the attempts under way.
          StorageFailed: the store, or what is beside it, cannot be written.
        """
        end = float("inf") if timeout is None else time.monotonic() + timeout

        def stop() -> bool:
            return stopping() or time.monotonic() >= end

        if self.attempts:  # of which a process that was killed may not have written the last one down
            folder.keep(self.directory, self.asked, self.attempts, self.env)
        workers: Workers = Here(stop, self._told) if jobs == 1 else Apart(jobs, stop)
        try:
            self._work(workers, jobs, stop)
        finally:
            workers.close()
            with contextlib.suppress(StorageFailed):  # then they are given up when it goes on
                for begun in self._begun.values():
                    if begun.trial is not None:
                        self.study.lose(begun.trial)
        return TIME_IS_UP if len(self.attempts) < self.asked.trials else ""

    def _work(self, workers: Workers, jobs: int, stop: Callable[[], bool]) -> None:
        while True:
            while self._left() and len(self._begun) < jobs and not stop():
                key = self._next()
                workers.start(Task(key, self.asked.requests(self._begun[key].settings), self._judge(key)))
            if not self._begun:
                return
            key, outcome = workers.next()
            if outcome.state is State.STOPPED:
                return
            self._end(key, outcome)

    def _left(self) -> int:
        return self.asked.trials - len(self.attempts) - len(self._begun)

    def _next(self) -> int:
        """The number of an attempt that begins now: the first one that there is not yet."""
        taken = {*(one.number for one in self.attempts), *self._begun}
        key = next(one for one in range(self.asked.trials) if one not in taken)
        if key == 0:
            self._begun[key] = _Begun(None, defaults(self.asked.request, self.asked.space))
        else:
            trial, params = self.study.propose(key)
            self._begun[key] = _Begun(trial, settled(self.asked.request, self.asked.space, params))
        return key

    def _judge(self, key: int) -> Judge:
        begun = self._begun[key]

        def judge(place: int, value: float) -> bool:
            if begun.trial is not None:
                return self.study.is_worth_going_on(begun.trial, place, value)
            begun.on_the_way[place] = value
            return True

        return judge

    def _end(self, key: int, outcome: Outcome) -> None:
        before, begun = best(self.attempts), self._begun[key]
        if begun.trial is None:
            params = params_of(self.asked.space, begun.settings)
            self.study.add(key, begun.settings, params, outcome, begun.on_the_way)
        else:
            self.study.end(begun.trial, key, begun.settings, outcome)
        del self._begun[key]
        self.attempts = self.study.attempts()
        folder.keep(self.directory, self.asked, self.attempts, self.env)
        self._say(before)

    def _say(self, before: Attempt | None) -> None:
        """What whoever waits wants to know now."""
        found = best(self.attempts)
        if found and found != before:
            what = "the settings to begin with" if found.number == 0 else "the best so far"
            self._told(Progress(0, 0, 0, 0.0, notice=f"trial {found.number} earned {number(found.value or 0)}, {what}"))
        self._told(Progress(0, 1, 0, float("nan")))

    def _told(self, progress: Progress) -> None:
        """What a single attempt tells, as a part of all."""
        if progress.notice:
            self.report(progress)
            return
        each = self.asked.request.steps * self.asked.seeds
        found = best(self.attempts)
        value = found.value if found and found.value is not None else float("nan")
        done = min(len(self.attempts) * each + progress.done, self.asked.trials * each)
        self.report(Progress(done, self.asked.trials * each, progress.steps, value))
