"""Whoever looks after a training: writes it down, evaluates it, keeps the best of it, and says when it is enough."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from envkit.core.progress import Progress, Report, silent
from envkit.deep.learner import Episode, Learning
from envkit.workflows.evaluate import Evaluation, evaluate
from envkit.workflows.training.notebook import Notebook
from envkit.workflows.training.request import Request

REPORTED = 0.1  # seconds between reports


@dataclass
class Caretaker:
    """As `envkit.deep.learner.Overseer` has it.

    Args:
      keep: writes down all that is needed to go on; None where nobody wants it.
      keep_best: writes down the policy that did best in an evaluation so far.
      stop: whether somebody wants it to end.

    Attributes:
      why: why it has ended before all steps were taken; empty where it has not.
      best: the mean return of the best evaluation.
      learning: at the last safe point; None before the first one.
    """

    request: Request
    notebook: Notebook = field(default_factory=Notebook)
    report: Report = silent
    keep: Callable[[Learning, Notebook], object] | None = None
    keep_best: Callable[[Mapping[str, Any]], object] | None = None
    stop: Callable[[], bool] = lambda: False
    why: str = ""
    best: float = float("-inf")
    best_weights: Mapping[str, Any] | None = None
    learning: Learning | None = None
    _reported: float = 0.0
    _kept: int = 0

    def ended(self, episode: Episode) -> None:
        self.notebook.ended(episode)

    def logged(self, steps: int, values: Mapping[str, float]) -> None:
        self.notebook.measured.append((steps, dict(values)))

    def stepped(self, learning: Learning) -> bool:
        now = time.monotonic()
        if now - self._reported >= REPORTED:
            self._reported = now
            recent = self.notebook.recent()
            self.report(Progress(learning.steps, self.request.steps, learning.steps, recent, learning.policy))
        if self.stop():
            self.why = "stopped"
        elif self.request.episodes is not None and len(self.notebook.episodes) >= self.request.episodes:
            self.why = f"{self.request.episodes:,} episodes were played"
        return not self.why

    def at_rest(self, learning: Learning) -> bool:
        self.learning = learning
        request, notebook = self.request, self.notebook
        last = notebook.evaluations[-1][0] if notebook.evaluations else 0
        if request.eval_every is not None and learning.steps >= last + request.eval_every:
            self.evaluate(learning)
        if self.keep and request.checkpoint_every and learning.steps >= self._kept + request.checkpoint_every:
            self._kept = learning.steps
            self.keep(learning, notebook)
        return not self.why

    def evaluate(self, learning: Learning) -> Evaluation:
        """Plays a few episodes with what has been learnt so far."""
        request = self.request
        episodes = max(request.eval_episodes // 10, 5)
        found = evaluate(learning.policy(), request.ref, episodes=episodes, seed=evaluation_seed(request.seed))
        row = (learning.steps, found.mean, found.std, float(found.lengths.mean()), episodes)
        self.notebook.evaluations.append(tuple(map(float, row)))
        if found.mean >= self.best:
            self.best, self.best_weights = found.mean, learning.weights()
            if self.keep_best:
                self.keep_best(self.best_weights)
        if request.target is not None and found.mean >= request.target:
            self.why = f"the target of {request.target:g} is reached"
        return found


def evaluation_seed(seed: int) -> int:
    """Of the episodes in between: neither those of training nor those of the evaluation in the end."""
    import numpy as np

    return int(np.random.SeedSequence(seed).spawn(4)[3].generate_state(1)[0])
