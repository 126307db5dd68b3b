"""The attempts of a search, as Optuna keeps them, and what it proposes next.

What is proposed follows from the seed and from the attempts that have ended, and from nothing else: a search that was
killed goes on as if it had not been. An attempt that was under way then is lost, and is not counted.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from envkit.workflows.tuning.attempt import Outcome, State
from envkit.workflows.tuning.space import Space, distributions
from envkit.workflows.tuning.store import STORE, answered, opened, optuna

AT_RANDOM = 10  # attempts before those that went well are learnt from
UNPRUNED, UNJUDGED = 5, 2  # complete attempts before one is given up, and evaluations of it in which it is not
STATES = {State.COMPLETE: "COMPLETE", State.PRUNED: "PRUNED", State.FAILED: "FAIL"}  # Optuna's names
ATTEMPT = "attempt"  # the attribute of Optuna's trials that holds all that is ours; of one that was lost there is none


@dataclass(frozen=True)
class Attempt:
    """One that has ended.

    Args:
      number: from 0, which has the settings to begin with.
      settings: the values of what is searched, as they are typed.
      value: the mean return; None where there is none.
      returns, steps, seconds, why: as of `Outcome`.
    """

    number: int
    state: State
    value: float | None
    settings: Mapping[str, Any]
    returns: tuple[float, ...]
    steps: int
    seconds: float
    why: str

    @property
    def is_complete(self) -> bool:
        return self.state is State.COMPLETE


class Study:
    """That of one search; made by `study`."""

    def __init__(self, path: Path, inner: Any, space: Space, seed: int, *, liar: bool):
        """
        Args:
          inner: Optuna's.
          liar: several attempts are under way at once, and keep apart from one another.
        """
        self.path, self.inner, self.space, self.seed, self.liar = path, inner, space, seed, liar
        self._asked: dict[int, Any] = {}  # Optuna's trials that are under way, by their numbers

    def lose_unfinished(self) -> None:
        """Gives up what a process that is no more had under way."""
        with answered(self.path):
            for trial in self.inner.get_trials(deepcopy=False):
                if not trial.state.is_finished():
                    self.lose(trial.number)

    def attempts(self) -> list[Attempt]:
        """Those that have ended, in the order in which they began."""
        with answered(self.path):
            trials = self.inner.get_trials(deepcopy=False)
        found = [one.user_attrs.get(ATTEMPT) for one in trials if _is_ours(one)]
        return sorted((_attempt(told) for told in found), key=lambda one: one.number)

    def propose(self, number: int) -> tuple[int, dict[str, Any]]:
        """(Optuna's number of a new trial, its parameters)."""
        package = optuna()
        seed = int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0])
        with answered(self.path):
            self.inner.sampler = package.samplers.TPESampler(
                n_startup_trials=AT_RANDOM, seed=seed, multivariate=False, constant_liar=self.liar
            )
            trial = self.inner.ask(distributions(self.space))
            self._asked[trial.number] = trial
            return trial.number, trial.params

    def is_worth_going_on(self, trial: int, place: int, value: float) -> bool:
        """Notes an evaluation on the way, the `place`-th, and compares it with those of the attempts before."""
        with answered(self.path):
            self._asked[trial].report(value, place)
            return not self._asked[trial].should_prune()

    def end(self, trial: int, number: int, settings: Mapping[str, Any], outcome: Outcome) -> None:
        """Notes what came of an attempt."""
        with answered(self.path):
            self._asked[trial].set_user_attr(ATTEMPT, _told(number, settings, outcome))
            self.inner.tell(trial, outcome.value if outcome.state is State.COMPLETE else None, self._state(outcome))

    def add(
        self, number: int, settings: Mapping[str, Any], params: Mapping[str, Any], outcome: Outcome,
        on_the_way: Mapping[int, float],
    ) -> None:  # fmt: skip
        """Notes an attempt that was not proposed.

        Args:
          params: of Optuna, as far as it has such values.
          on_the_way: its evaluations by place.
        """
        known = {name: one for name, one in distributions(self.space).items() if name in params}
        with answered(self.path):
            self.inner.add_trial(
                optuna().trial.create_trial(
                    state=self._state(outcome), params=dict(params), distributions=known,
                    value=outcome.value if outcome.state is State.COMPLETE else None,
                    intermediate_values=dict(on_the_way), user_attrs={ATTEMPT: _told(number, settings, outcome)},
                )
            )  # fmt: skip

    def lose(self, trial: int) -> None:
        """Gives an attempt up that has not ended."""
        with answered(self.path):
            self.inner.tell(trial, state=optuna().trial.TrialState.FAIL)

    def importances(self) -> dict[str, float]:
        """How much each setting had to do with the return, from 0 to 1 in all; empty where that cannot be told yet."""
        package = optuna()
        with answered(self.path):
            proposed = [one for one in self.inner.get_trials(deepcopy=False) if one.params.keys() >= self._names()]
            complete = [one for one in proposed if one.state == package.trial.TrialState.COMPLETE]
            if len(complete) < AT_RANDOM or len({one.value for one in complete}) < 2:
                return {}
            apart = package.create_study(direction="maximize")
            apart.add_trials(complete)
            judge = package.importance.PedAnovaImportanceEvaluator()
            found = package.importance.get_param_importances(apart, evaluator=judge)
        return {name: sum(share for key, share in found.items() if _setting(key) == name) for name in self.space}

    def _names(self) -> set[str]:
        return set(distributions(self.space))

    @staticmethod
    def _state(outcome: Outcome) -> Any:
        return getattr(optuna().trial.TrialState, STATES[outcome.state])


@contextlib.contextmanager
def study(folder: Path, name: str, space: Space, seed: int, *, new: bool, prune: bool, liar: bool) -> Iterator[Study]:
    """The study of a folder, closed in the end.

    Args:
      new: it is to be made; else it has to be there.
      prune: give up what does worse than half of the others did.

    Raises:
      ArtifactRefused, StorageFailed: as of `opened`.
    """
    path = folder / STORE
    with opened(path, name, new=new) as storage:
        package = optuna()
        median = package.pruners.MedianPruner(n_startup_trials=UNPRUNED, n_warmup_steps=UNJUDGED)
        pruner = median if prune else package.pruners.NopPruner()
        make = package.create_study if new else package.load_study
        with answered(path):
            direction = {"direction": "maximize"} if new else {}
            inner = make(study_name=name, storage=storage, pruner=pruner, **direction)
        found = Study(path, inner, space, seed, liar=liar)
        found.lose_unfinished()
        yield found


def best(attempts: Sequence[Attempt]) -> Attempt | None:
    """The complete one with the largest return, of equal ones the first."""
    complete = [one for one in attempts if one.is_complete]
    return max(complete, key=lambda one: (one.value, -one.number), default=None)


def _setting(param: str) -> str:
    """The setting that a parameter of Optuna belongs to."""
    return param.partition(".")[0]


def _told(number: int, settings: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """An attempt as Optuna keeps it."""
    seconds = round(outcome.seconds, 3)
    return {"number": number, "settings": dict(settings), **vars(outcome), "seconds": seconds}


def _attempt(told: Mapping[str, Any]) -> Attempt:
    return Attempt(**{**told, "state": State(told["state"]), "returns": tuple(told["returns"])})


def _is_ours(trial: Any) -> bool:
    """Whether it has ended, and as we have told; a process may have died just before it did."""
    told = trial.user_attrs.get(ATTEMPT)
    return told is not None and trial.state.name == STATES[State(told["state"])]
