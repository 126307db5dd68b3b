"""Training a network, from what was asked to a policy and what it is worth."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from envkit.core.errors import EnvironmentFailed, Interrupted, UsageError
from envkit.core.model import model_of
from envkit.core.policy import Policy, RandomPolicy
from envkit.core.progress import Report, silent
from envkit.core.ref import EnvRef
from envkit.core.show import number
from envkit.deep.demonstrations import Demonstrations
from envkit.deep.learner import Learning, Trained, Training
from envkit.runs.arrays import Arrays, unpacked
from envkit.runs.directory import CONFIG, EVENTS, POLICY, RESULT, RunDirectory
from envkit.runs.events import events
from envkit.runs.stopping import Until, noticed
from envkit.tabular.exact import Exact
from envkit.workflows.evaluate import Evaluation, evaluate
from envkit.workflows.known import exact_answers
from envkit.workflows.tabulated import tabulated
from envkit.workflows.training.caretaker import Caretaker
from envkit.workflows.training.demonstrations import demonstrations
from envkit.workflows.training.diagnosis import diagnosis, glimpse
from envkit.workflows.training.files import DEMOS, Files, check_wanted, kept_steps
from envkit.workflows.training.notebook import Notebook
from envkit.workflows.training.request import Request
from envkit.workflows.training.trained import TrainedRun

FEWEST, ENOUGH = 5, 20  # episodes at random, and how many where the evaluation has as many


def train(
    request: Request, directory: RunDirectory | None, *, minutes: float | None = None, report: Report = silent
) -> TrainedRun:
    """Trains from the beginning.

    Args:
      minutes: after which it is stopped, to be gone on with later; None for no such end.

    Raises:
      UsageError: the algorithm cannot take the environment's spaces, or the settings do not fit together.
      EnvironmentFailed, MissingExtra, StorageFailed: as they say; the caller clears the directory away.
      Interrupted: it was stopped; all is kept.
    """
    check_spaces(request)
    check_wanted(request, directory)
    initial = None if request.init is None else _weights_of(Path(request.init), request)
    shown = shown_to(request)
    return _worked(request, directory, Notebook(), None, report, initial=initial, shown=shown, minutes=minutes)


def shown_to(request: Request) -> Demonstrations | None:
    """What others show it; None where nobody does."""
    return demonstrations(request.demos, request.ref, request.seed) if request.demos else None


def _weights_of(path: Path, request: Request) -> Arrays:
    """The weights of a run's policy, which has to be of the same algorithm and network."""
    config = RunDirectory(path, made=()).read_json(CONFIG) if (path / CONFIG).is_file() else {}
    if config.get("algo") != request.learner.name:
        what = f"is a run of {config['algo']}" if "algo" in config else "is not the directory of a run"
        raise UsageError(
            f"{path} {what}; a training by {request.learner.name} begins with the weights of one of its own"
        )
    return unpacked(path / POLICY)


def go_on(
    run_dir: Path, *, more: int | None = None, n_envs: int | None = None, minutes: float | None = None,
    report: Report = silent,
) -> TrainedRun:  # fmt: skip
    """Goes on with a training that was stopped, or with one that is over for so many steps `more`.

    Args:
      more: steps beyond those that were taken, or if it was stopped beyond those that were asked for.
      n_envs: environments to play at once from now on; by default as many as before.
      minutes: as of `train`.

    Raises:
      UsageError: there is nothing to go on with.
      ArtifactRefused: what was kept is damaged, or does not fit.
    """
    with RunDirectory.again(run_dir, over=more is not None) as directory:
        request = Request.of_json(directory.read_json(CONFIG), run_dir / CONFIG)
        kept, note = directory.kept()
        told, damaged = events(run_dir / EVENTS)
        notes = [note] if note else []
        if damaged:
            notes.append(f"{damaged} damaged lines of {run_dir / EVENTS} are left out of the curve")
        taken = kept_steps(kept)
        notebook = Notebook.of_events(told, taken)
        if more is not None:
            request = _extended(request, directory, more)
        if n_envs is not None:
            request = replace(request, n_envs=n_envs)
        check_wanted(request, directory)
        shown = None
        if request.demos:
            shown = Demonstrations.of_arrays(unpacked(run_dir / DEMOS), str(run_dir / DEMOS))
        return _worked(
            request, directory, notebook, kept, report, shown=shown, notes=notes, minutes=minutes, resumed_at=taken
        )


def _extended(request: Request, directory: RunDirectory, more: int) -> Request:
    """The same for so many steps more. What has ended it before, such as a target, does not end it again."""
    if not (directory.path / RESULT).is_file():
        return replace(request, steps=request.steps + more)
    taken = int(directory.read_json(RESULT)["steps"])  # a whole rollout more than were asked for, as a rule
    return replace(request, steps=taken + more, episodes=None, target=None)


def _worked(
    request: Request, directory: RunDirectory | None, notebook: Notebook, kept: Arrays | None, report: Report, *,
    initial: Arrays | None = None, shown: Demonstrations | None = None, notes: list[str] | None = None,
    minutes: float | None = None, resumed_at: int = 0,
) -> TrainedRun:  # fmt: skip
    begun = perf_counter()
    files = Files(request, directory, notebook, shown) if directory else None
    caretaker = Caretaker(request, notebook, report)
    if files:
        caretaker.begin, caretaker.keep, caretaker.keep_best = files.begin, files.keep, files.keep_best
        caretaker.film = files.film if request.videos else None
    task = task_of(request, caretaker, kept=kept, initial=initial, shown=shown)
    with files.open() if files else contextlib.nullcontext():
        with noticed() as asked:
            stop = caretaker.stop = Until(asked, minutes)
            try:
                trained = request.learner.train(task)
            except EnvironmentFailed as error:
                raise _kept_until(error, files, caretaker) from error
            if trained.stopped and stop():
                raise _interrupted(trained, files, stop, resumed_at)
        if files:
            files.keep(trained.learning)
            if caretaker.best == float("-inf"):
                files.keep_best(trained.learning.weights())
        trained = replace(trained, notes=(*(notes or ()), *trained.notes))
        try:
            caretaker.finish(trained.learning)
            run = _judged(request, files, caretaker, trained, perf_counter() - begun, resumed_at)
        except KeyboardInterrupt as error:
            saved = f"; all is saved: envkit solve --resume {files.path}" if files else ""
            raise Interrupted(f"stopped while it was evaluated{saved}") from error
        except EnvironmentFailed as error:
            raise _kept_all(error, files) from error
        if directory:
            run.keep(directory)
        return run


def task_of(
    request: Request, caretaker: Caretaker, *, kept: Arrays | None = None, initial: Arrays | None = None,
    shown: Demonstrations | None = None,
) -> Training:  # fmt: skip
    """What the learner is asked."""
    return Training(
        request.ref, request.seed, request.steps, request.n_envs, request.settings, request.device, caretaker,
        request.normalize, kept, initial, shown, request.threads, request.processes, request.step_timeout,
        request.batch, request.views,
    )  # fmt: skip


def _interrupted(trained: Trained, files: Files | None, stop: Until, resumed_at: int) -> Interrupted:
    if files is None:
        return Interrupted("stopped; nothing is kept, for no artifacts were wanted", exit_code=stop.exit_code)
    if not files.request.learner.stoppable:
        why = f"{files.request.learner.name} has a policy only at its end"
        return Interrupted(f"stopped; nothing is kept, for {why}", exit_code=stop.exit_code)
    files.keep(trained.learning)
    steps, again = trained.learning.resting, f"envkit solve --resume {files.path}"
    if steps <= resumed_at and not stop.asked():
        told = f"{stop} too few to learn anything; with a larger N: {again} --minutes N"
        return Interrupted(told, exit_code=stop.exit_code)
    return Interrupted(f"{stop} after {steps:,} steps; all is saved: {again}", exit_code=stop.exit_code)


def _kept_until(error: EnvironmentFailed, files: Files | None, caretaker: Caretaker) -> EnvironmentFailed:
    """The same error; what had been learnt is kept, and the error says how to go on, or why nobody can."""
    if files is None:
        return error
    learning, again = caretaker.learning, f"envkit solve --resume {files.path}"
    if learning is not None and learning.resting and learning.finite():
        files.keep(learning)
        how = f"all until step {learning.resting:,} is kept: {again}"
    elif files.directory.can_go_on:
        how = f"what was kept before that is whole: {again}"
    elif files.request.learner.stoppable:
        how = "nothing had been learnt by then, so nothing is kept"
    else:  # somebody's own, which has a policy only at its end
        return error
    return type(error)(f"{error}; {how}", method=error.method, cause=error.cause)


def _kept_all(error: EnvironmentFailed, files: Files | None) -> EnvironmentFailed:
    """The same error, of the evaluation at the end; it says where the policy is that was to be evaluated."""
    if files is None:
        return error
    how = f"that was in an evaluation when all was learnt, which is kept: envkit eval {files.path}"
    return type(error)(f"{error}; {how}", method=error.method, cause=error.cause)


def _judged(
    request: Request, files: Files | None, caretaker: Caretaker, trained: Trained, seconds: float, resumed_at: int
) -> TrainedRun:
    """What was learnt, and what it is worth."""
    before = files.path / POLICY if files else None
    policy = best_policy(request, caretaker, trained.learning, before=before)
    evaluation = judged(request, policy)
    notes = [*trained.notes]
    if trained.level:
        notes.append(f"gone on with: {trained.level}")
    notes += files.cost(seconds) if files else []
    if evaluation.cut:
        after = f"{evaluation.cap:,} steps"
        notes.append(f"{evaluation.cut} of {request.eval_episodes} evaluation episodes were cut off after {after}")
    at_random, threshold = _at_random(request)
    answers = _exact(request, policy, evaluation)
    notes += answers.notes if answers else []
    look = partial(glimpse, request.ref, request.seed)
    notes += _missed(request, caretaker) + list(diagnosis(request, caretaker.notebook, evaluation, at_random, look))
    return TrainedRun(
        request, policy, evaluation, at_random, caretaker.notebook, trained.learning.steps, seconds, caretaker.why,
        threshold, files.path if files else None, tuple(notes), answers, resumed_at,
    )  # fmt: skip


def _missed(request: Request, caretaker: Caretaker) -> list[str]:
    """That the target was not reached, if there is one and it was not."""
    if request.target is None or caretaker.best >= request.target:
        return []
    best = f"the best evaluation earned {number(round(caretaker.best, 2))}"
    best = best if caretaker.best > float("-inf") else "nothing was evaluated on the way"
    return [f"the target of {request.target:g} was not reached: {best}"]


def judged(request: Request, policy: Policy) -> Evaluation:
    """What a policy earns in the end, in episodes that neither its training nor the choice of the best has seen."""
    seed = _judging_seed(request)
    return evaluate(policy, request.ref, episodes=request.eval_episodes, seed=seed, n_envs=request.at_once)


def _judging_seed(request: Request) -> int:
    return int(np.random.SeedSequence(request.seed).spawn(3)[2].generate_state(1)[0])


def best_policy(request: Request, caretaker: Caretaker, learning: Learning, *, before: Path | None = None) -> Policy:
    """The policy that did best in an evaluation, or else the last one.

    Args:
      before: where that one is kept that did best before the training was gone on with.
    """
    weights = caretaker.best_weights
    if weights is None and before and caretaker.best > float("-inf"):
        weights = unpacked(before)
    return restored(request, weights) if weights else learning.policy()  # one of somebody's own may have no weights


def restored(request: Request, weights: Mapping[str, Any], env: EnvRef | None = None) -> Policy:
    """A policy from its weights. Raises ArtifactRefused where they do not fit the environment."""
    made = (env or request.ref).make()
    try:
        return request.learner.restored(weights, made.observation_space, made.action_space, request.settings)
    finally:
        made.close()


def _at_random(request: Request) -> tuple[Evaluation, float | None]:
    """(what acting at random earns, from which mean return the environment's spec calls it solved)."""
    env = request.ref.make()
    env.close()
    episodes = max(request.eval_episodes // 5, min(request.eval_episodes, ENOUGH), FEWEST)
    found = evaluate(
        RandomPolicy(env.action_space),
        request.ref,
        episodes=episodes,
        seed=_judging_seed(request),
        n_envs=request.at_once,
    )
    return found, env.spec.reward_threshold if env.spec else None


def _exact(request: Request, policy: Policy, played: Evaluation) -> Exact | None:
    """The exact answers, where the environment has a finite model."""
    env = request.ref.make()
    try:
        model = model_of(env)
        table = tabulated(policy, env, str(request.ref), model) if model else None
        if model is None or table is None:
            return None
        return exact_answers(model, table, float(request.settings.get("gamma", 1.0)), played, str(request.ref))
    finally:
        env.close()


def check_spaces(request: Request) -> None:
    """Refuses what the algorithm cannot take, before anything is written. Raises UsageError."""
    env = request.ref.make()
    env.close()
    why = request.learner.refusal(env.observation_space, env.action_space)
    if why:
        raise UsageError(f"{request.learner.name} cannot take {request.ref}: {why} (envkit advise {request.ref})")
