"""Whoever looks after a training: writes it down, evaluates it, keeps the best of it, and says when it is enough."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from envkit.core.policy import Policy
from envkit.core.progress import Progress, Report, silent
from envkit.deep.building import own_randomness
from envkit.deep.learner import Episode, Learning
from envkit.workflows.evaluate import Evaluation, evaluate
from envkit.workflows.training.every import Clock
from envkit.workflows.training.notebook import Notebook
from envkit.workflows.training.request import Request

REPORTED = 0.1  # seconds between reports


@dataclass
class Caretaker:
    """As `envkit.deep.learner.Overseer` has it.

    Args:
      begin: called once, with the steps taken before, when all is made and nothing more can be refused.
      keep: writes down all that is needed to go on; None where nobody wants it.
      keep_best: writes down the policy that did best in an evaluation so far.
      film: shows what the policy does after so many steps.
      stop: whether somebody wants it to end.
      enough: told of each evaluation, after how many steps and its mean return; says why the training is to end, or
        nothing.

    Attributes:
      why: why it has ended before all steps were taken; empty where it has not.
      best: the mean return of the best evaluation.
      learning: at the last safe point; None before the first one.
    """

    request: Request
    notebook: Notebook = field(default_factory=Notebook)
    report: Report = silent
    begin: Callable[[int], object] | None = None
    keep: Callable[[Learning], object] | None = None
    keep_best: Callable[[Mapping[str, Any]], object] | None = None
    film: Callable[[Policy, int], object] | None = None
    stop: Callable[[], bool] = lambda: False
    enough: Callable[[int, float], str] = lambda *_: ""
    why: str = ""
    best: float = float("-inf")
    best_weights: Mapping[str, Any] | None = None
    learning: Learning | None = None
    _reported: float = 0.0
    _clock: Clock | None = None
    _filmed: int = 0

    def __post_init__(self) -> None:
        self.best = max((row[1] for row in self.notebook.evaluations), default=self.best)

    def ended(self, episode: Episode) -> None:
        self.notebook.ended(episode)

    def logged(self, steps: int, values: Mapping[str, float]) -> None:
        self.notebook.logged(steps, values)

    def noticed(self, text: str) -> None:
        self.report(Progress(0, self.request.steps, 0, float("nan"), notice=text))

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
        if self._clock is None:
            self._clock = self._started(learning.steps)
        self.learning = learning
        every = self.request.eval_every
        if every is not None and learning.steps >= self._evaluated + every:
            with own_randomness():
                self.evaluate(learning)
        if self.film and self._milestone(learning.steps) > self._filmed:
            self._filmed = self._milestone(learning.steps)
            with own_randomness():
                self.film(learning.policy(), learning.steps)
        if self.keep and self._clock.is_due(learning.steps, len(self.notebook.episodes), time.monotonic()):
            self.keep(learning)
        return not self.why

    def finish(self, learning: Learning) -> None:
        """After the last step: what is due at the very end."""
        if self._clock is None:  # there was no step to be taken
            self._clock = self._started(learning.steps)
        if self.request.eval_every is not None and learning.steps > self._evaluated:
            self.evaluate(learning)
        if self.film and self._filmed < self.request.videos:
            self.film(learning.policy(), learning.steps)

    def evaluate(self, learning: Learning) -> Evaluation:
        """Plays a few episodes with what has been learnt so far."""
        request = self.request
        episodes = max(request.eval_episodes // 10, 5)
        seed = evaluation_seed(request.seed)
        found = evaluate(learning.policy(), request.ref, episodes=episodes, seed=seed, n_envs=request.at_once)
        row = (learning.steps, found.mean, found.std, found.lengths.mean(), episodes)
        self.notebook.evaluated(*map(float, row))
        if found.mean >= self.best:
            self.best, self.best_weights = found.mean, learning.weights()
            if self.keep_best:
                self.keep_best(self.best_weights)
        if request.target is not None and found.mean >= request.target:
            self.why = f"the target of {request.target:g} is reached"
        self.why = self.why or self.enough(learning.steps, found.mean)
        return found

    def _started(self, steps: int) -> Clock:
        if self.begin:
            self.begin(steps)
        self._filmed = self._milestone(steps)
        return Clock(self.request.checkpoint_every, (steps, len(self.notebook.episodes), time.monotonic()))

    @property
    def _evaluated(self) -> float:
        """The steps that had been taken at the last evaluation."""
        return self.notebook.evaluations[-1][0] if self.notebook.evaluations else 0

    def _milestone(self, steps: int) -> int:
        """How many of the videos that were asked for are due after so many steps."""
        return steps * self.request.videos // self.request.steps


def evaluation_seed(seed: int) -> int:
    """Of the episodes in between: neither those of training nor those of the evaluation in the end."""
    return int(np.random.SeedSequence(seed).spawn(4)[3].generate_state(1)[0])
