"""One attempt: trainings that differ in the seed only, and what their policies earn on average.

Nothing of it is kept but numbers. On the way, whoever looks on is told how good the best policy is so far, and may say
that it is not worth going on.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from envkit.core.errors import Diverged, MissingExtra, UsageError
from envkit.core.progress import Progress, Report, silent
from envkit.workflows.training.caretaker import Caretaker
from envkit.workflows.training.request import Request
from envkit.workflows.training.train import best_policy, judged, shown_to, task_of

Judge = Callable[[int, float], bool]  # (which of all evaluations, mean return so far) -> whether to go on


class State(StrEnum):
    """How an attempt can end; one that was stopped has not ended."""

    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt.

    Args:
      value: the mean return over all seeds; of one that was given up, as far as it is known; None of one that failed.
      returns: the mean return of each seed.
      steps: taken, over all seeds.
      why: it failed.
    """

    state: State
    value: float | None = None
    returns: tuple[float, ...] = ()
    steps: int = 0
    seconds: float = 0.0
    why: str = ""


class Watch:
    """Hands the evaluations of a training on to the judge.

    Attributes:
      best: the mean return of the best evaluation so far.
      pruned: whether the judge has said that it is enough.
    """

    def __init__(self, judge: Judge, request: Request, before: Sequence[float]):
        self.judge, self.every, self.before = judge, request.eval_every or request.steps, before
        self.most = max(request.steps // self.every, 1)  # evaluations of a seed
        self.first = len(before) * self.most
        self.told, self.best, self.pruned = 0, float("-inf"), False

    @property
    def value(self) -> float:
        """The mean over this seed and those before."""
        return float(np.mean([*self.before, self.best]))

    def __call__(self, steps: int, mean: float) -> str:
        """As `Caretaker.enough`. A rollout may have been longer than the time between two evaluations."""
        due = min(max(steps // self.every, 1), self.most)
        for number in range(self.told, due):
            if number == due - 1:
                self.best = max(self.best, mean)
            if np.isfinite(self.best) and not self.pruned:
                self.pruned = not self.judge(self.first + number, self.value)
        self.told = due
        return "it is given up" if self.pruned else ""


def attempt(
    requests: Sequence[Request], judge: Judge, *, stop: Callable[[], bool], report: Report = silent
) -> Outcome:  # fmt: skip
    """Trains once for each request, one after another.

    Raises:
      EnvironmentFailed: the environment failed, whatever the settings.
    """
    begun, steps, returns = time.perf_counter(), 0, list[float]()

    def ended(state: State, value: float | None = None, why: str = "") -> Outcome:
        return Outcome(state, value, tuple(returns), steps, time.perf_counter() - begun, why)

    for request in requests:
        watch = Watch(judge, request, returns)
        told = _adding(report, steps, sum(one.steps for one in requests))
        caretaker = Caretaker(request, report=told, stop=stop, enough=watch)
        try:
            trained = request.learner.train(task_of(request, caretaker, shown=shown_to(request)))
            steps += trained.learning.steps
            if trained.stopped and not watch.pruned:
                return ended(State.STOPPED)
            caretaker.finish(trained.learning)
            if watch.pruned:
                return ended(State.PRUNED, watch.value)
            returns.append(judged(request, best_policy(request, caretaker, trained.learning)).mean)
        except MissingExtra:
            raise
        except (UsageError, Diverged) as error:
            return ended(State.FAILED, why=str(error))
    return ended(State.COMPLETE, float(np.mean(returns)))


def _adding(report: Report, before: int, total: int) -> Report:
    """Reports of one training as those of all of them."""

    def told(progress: Progress) -> None:
        if not progress.notice:  # what is said of a single training is of no use here
            report(Progress(before + progress.done, total, before + progress.steps, progress.mean_return))

    return told
