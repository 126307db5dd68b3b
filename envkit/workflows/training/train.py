"""Training a network, from what was asked to a policy and what it is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from envkit.core.errors import EnvironmentFailed, Interrupted, UsageError
from envkit.core.policy import Policy
from envkit.core.progress import Report, silent
from envkit.core.ref import EnvRef
from envkit.core.result import Curve
from envkit.deep.learner import Learner, Learning, Trained, Training
from envkit.runs.arrays import Arrays, unpacked
from envkit.runs.directory import (
    CHECKPOINT,
    CONFIG,
    CURVE,
    EPISODES,
    EVALUATIONS,
    POLICY,
    RESULT,
    RunDirectory,
)
from envkit.runs.stopping import Asked, noticed
from envkit.workflows.evaluate import Evaluation, evaluate
from envkit.workflows.training.diagnosis import diagnosis, glimpse
from envkit.workflows.training.notebook import Notebook, without
from envkit.workflows.training.overseer import Caretaker
from envkit.workflows.training.request import Request


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """What training a network gave.

    Args:
      policy: the one that did best in the evaluations; without any the last one.
      evaluation: of that policy, in the end.
      random_return: what acting at random earns, in as many episodes.
      steps: taken, over all environments, a run that was gone on with included.
      seconds: this time.
      why: why it has ended before all steps were taken; empty where it has not.
      threshold: the mean return from which the environment's spec calls it solved; None where it does not say.
    """

    request: Request
    policy: Policy
    evaluation: Evaluation
    random_return: float
    notebook: Notebook
    steps: int
    seconds: float
    why: str
    threshold: float | None
    run_dir: Path | None
    notes: tuple[str, ...]

    @property
    def env(self) -> str:
        return str(self.request.ref)

    @property
    def algo(self) -> str:
        return self.request.learner.name

    @property
    def seed(self) -> int:
        return self.request.seed

    @property
    def mean_return(self) -> float:
        return self.evaluation.mean

    @property
    def gap(self) -> float | None:
        """To the exact optimum; None, for it is not known of a network."""
        return None

    @property
    def curve(self) -> Curve:
        return self.notebook.curve()

    @property
    def is_solved(self) -> bool | None:
        return None if self.threshold is None else self.mean_return >= self.threshold

    def to_json(self) -> dict[str, Any]:
        """The result as one strict JSON object; what is not known is null."""
        return {
            "schema": 1,
            "family": "deep",
            "env": self.env,
            "algo": self.algo,
            "seed": self.seed,
            "steps": self.steps,
            "episodes": len(self.notebook.episodes),
            "seconds": round(self.seconds, 6),
            "discount": self.request.settings.get("gamma"),
            "mean_return": self.evaluation.mean,
            "std_return": self.evaluation.std,
            "mean_shaped_return": self.evaluation.mean_shaped,
            "random_return": self.random_return,
            "threshold": self.threshold,
            "solved": self.is_solved,
            "ended": self.why or None,
            "model": None,
            "policy_return": None,
            "optimal_return": None,
            "optimal_stationary_return": None,
            "gap": None,
            "run_dir": str(self.run_dir) if self.run_dir else None,
        }

    def __repr__(self) -> str:
        return f"<TrainedRun {self.env} by {self.algo}, seed {self.seed}: mean return {self.mean_return:.6g}>"

    def __str__(self) -> str:
        from envkit.workflows.training.text import text

        return text(self)

    def _repr_html_(self) -> str:
        from envkit.workflows.loaded import shown

        return shown(str(self), self.run_dir, self.policy, self.request.ref)


def train(
    request: Request, directory: RunDirectory | None, *, report: Report = silent, init: str | Path | None = None
) -> TrainedRun:
    """Trains from the beginning.

    Args:
      init: a run whose weights it begins with; by default fresh ones.

    Raises:
      UsageError: the algorithm cannot take the environment's spaces, or the settings do not fit together.
      EnvironmentFailed, MissingExtra, StorageFailed: as they say; the caller clears the directory away.
      Interrupted: it was stopped; all is kept.
    """
    _check_spaces(request)
    initial = None if init is None else _weights_of(Path(init), request)
    if directory:
        told = {} if init is None else {"init": str(init)}
        directory.write_json(CONFIG, request.to_json() | told)
    return _worked(request, directory, Notebook(), None, report, initial)


def _weights_of(path: Path, request: Request) -> Arrays:
    """The weights of a run's policy, which has to be of the same algorithm and network."""
    config = RunDirectory(path, made=()).read_json(CONFIG) if (path / CONFIG).is_file() else {}
    if config.get("algo") != request.learner.name:
        what = f"is a run of {config['algo']}" if "algo" in config else "is not the directory of a run"
        raise UsageError(
            f"{path} {what}; a training by {request.learner.name} begins with the weights of one of its own"
        )
    return unpacked(path / POLICY)


def go_on(run_dir: Path, *, more: int | None = None, report: Report = silent) -> TrainedRun:
    """Goes on with a training that was stopped, or with one that is over for so many steps `more`.

    Raises:
      UsageError: there is nothing to go on with.
      ArtifactRefused: what was kept is damaged, or does not fit.
    """
    with RunDirectory.again(run_dir, over=more is not None) as directory:
        request = Request.of_json(directory.read_json(CONFIG), run_dir / CONFIG)
        kept = unpacked(run_dir / CHECKPOINT)
        notebook = Notebook.of_arrays(kept)
        if more is not None:
            request = replace(request, steps=request.steps + more)
            directory.remove(RESULT)
            directory.write_json(CONFIG, request.to_json())
        return _worked(request, directory, notebook, without(kept), report)


def _worked(
    request: Request, directory: RunDirectory | None, notebook: Notebook, kept: Arrays | None, report: Report,
    initial: Arrays | None = None,
) -> TrainedRun:  # fmt: skip
    begun = perf_counter()
    with noticed() as stop:
        caretaker = Caretaker(request, notebook, report, stop=stop)
        if notebook.evaluations:
            caretaker.best = max(row[1] for row in notebook.evaluations)
        if directory:
            caretaker.keep_best = lambda weights: directory.write_arrays(POLICY, weights)
        if directory and request.checkpoint_every:
            caretaker.keep = lambda learning, notebook: _keep(directory, learning, notebook)
        task = Training(
            request.ref, request.seed, request.steps, request.n_envs, request.settings, request.device, caretaker,
            request.normalize, kept, initial,
        )  # fmt: skip
        try:
            trained = request.learner.train(task)
        except EnvironmentFailed as error:
            raise _kept_until(error, directory, caretaker) from error
        if trained.stopped and stop():
            raise _interrupted(trained, directory, notebook, stop)
    if request.eval_every is not None and trained.learning.steps > (notebook.evaluations or [(0,)])[-1][0]:
        caretaker.evaluate(trained.learning)
    return _finished(request, directory, caretaker, trained, perf_counter() - begun)


def _interrupted(trained: Trained, directory: RunDirectory | None, notebook: Notebook, stop: Asked) -> Interrupted:
    if directory is None:
        return Interrupted("stopped; nothing is kept, for no artifacts were wanted", exit_code=stop.exit_code)
    _keep(directory, trained.learning, notebook)
    return Interrupted(
        f"stopped after {trained.learning.steps:,} steps; all is saved: envkit solve --resume {directory.path}",
        exit_code=stop.exit_code,
    )


def _kept_until(error: EnvironmentFailed, directory: RunDirectory | None, caretaker: Caretaker) -> EnvironmentFailed:
    """The same error; where something had been learnt it is kept, and the error says how to go on."""
    learning = caretaker.learning
    if directory is None or learning is None or not learning.resting or not learning.finite():
        return error
    _keep(directory, learning, caretaker.notebook)
    how = f"all until step {learning.resting:,} is kept: envkit solve --resume {directory.path}"
    return EnvironmentFailed(f"{error}; {how}", method=error.method, cause=error.cause)


def _keep(directory: RunDirectory, learning: Learning, notebook: Notebook) -> None:
    directory.write_arrays(CHECKPOINT, {**learning.state(), **notebook.arrays(learning.resting)})


def _finished(
    request: Request, directory: RunDirectory | None, caretaker: Caretaker, trained: Trained, seconds: float
) -> TrainedRun:
    notebook, learning = caretaker.notebook, trained.learning
    policy = _best(request, directory, caretaker, learning)
    seed = int(np.random.SeedSequence(request.seed).spawn(3)[2].generate_state(1)[0])  # not what training has seen
    evaluation = evaluate(policy, request.ref, episodes=request.eval_episodes, seed=seed)
    notes = [*trained.notes]
    if trained.level:
        notes.append(f"gone on with: {trained.level}")
    if evaluation.cut:
        after = f"{evaluation.cap:,} steps"
        notes.append(f"{evaluation.cut} of {request.eval_episodes} evaluation episodes were cut off after {after}")
    at_random = _at_random(request, seed)
    notes += diagnosis(request, notebook, evaluation, at_random, glimpse(request.ref, request.seed))
    run = TrainedRun(
        request, policy, evaluation, at_random.mean, notebook, learning.steps, seconds, caretaker.why,
        _threshold(request.ref), directory.path if directory else None, tuple(notes),
    )  # fmt: skip
    if directory:
        _save(directory, run, learning, policy_is_kept=caretaker.best > float("-inf"))
    return run


def _best(request: Request, directory: RunDirectory | None, caretaker: Caretaker, learning: Learning) -> Policy:
    """The policy that did best in an evaluation, or else the last one."""
    weights = caretaker.best_weights
    if weights is None and directory and caretaker.best > float("-inf"):  # from before it was gone on with
        weights = unpacked(directory.path / POLICY)
    return learning.policy() if weights is None else restored(request, weights)


def restored(request: Request, weights: Mapping[str, Any], env: EnvRef | None = None) -> Policy:
    """A policy from its weights. Raises ArtifactRefused where they do not fit the environment."""
    made = (env or request.ref).make()
    try:
        return request.learner.restored(weights, made.observation_space, made.action_space, request.settings)
    finally:
        made.close()


def _save(directory: RunDirectory, run: TrainedRun, learning: Learning, *, policy_is_kept: bool) -> None:
    if not policy_is_kept:
        directory.write_arrays(POLICY, learning.weights())
    _keep(directory, learning, run.notebook)
    for name, table in (
        (CURVE, run.curve),
        (EPISODES, run.notebook.table(EPISODES)),
        (EVALUATIONS, run.notebook.table(EVALUATIONS)),
    ):
        directory.write_table(name, table.columns, table.rows)
    directory.write_json(RESULT, run.to_json())


def _at_random(request: Request, seed: int) -> Evaluation:
    from envkit.core.policy import RandomPolicy

    env = request.ref.make()
    env.close()
    episodes = max(request.eval_episodes // 5, 5)
    return evaluate(RandomPolicy(env.action_space), request.ref, episodes=episodes, seed=seed)


def _threshold(ref: EnvRef) -> float | None:
    env = ref.make()
    env.close()
    return env.spec.reward_threshold if env.spec else None


def _check_spaces(request: Request) -> None:
    """Refuses what the algorithm cannot take, before anything is written."""
    learner: Learner = request.learner
    env = request.ref.make()
    env.close()
    why = learner.refusal(env.observation_space, env.action_space)
    if why:
        raise UsageError(f"{learner.name} cannot take {request.ref}: {why}")
