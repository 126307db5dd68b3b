"""Solving an environment: from its name to a policy, what it earns, how good that is, and the artifacts.

One function for Python and the command line. Everything that can be refused is refused before anything is written;
a run that fails leaves nothing behind.
"""

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from envkit.core.errors import Interrupted, NoFiniteModel, UsageError
from envkit.core.exploring import TRIES
from envkit.core.model import ESTIMATED, Model, no_model_text
from envkit.core.policy import MixedPolicy, TablePolicy
from envkit.core.progress import Report, silent
from envkit.core.ref import EnvRef
from envkit.core.result import Result
from envkit.core.show import show
from envkit.runs.arrays import Arrays, unpacked
from envkit.runs.directory import CHECKPOINT, CONFIG, RESULT, RunDirectory
from envkit.runs.stopping import noticed
from envkit.tabular.exact import Exact, exact
from envkit.tabular.grid import Grid, grid_of
from envkit.tabular.infinite import LARGE
from envkit.tabular.keeping import Keeper, Stopped
from envkit.tabular.settings import settled
from envkit.tabular.shortest import uniform
from envkit.tabular.solver import Problem, Solver, find
from envkit.workflows.asking import Asking, newer
from envkit.workflows.evaluate import Evaluation, evaluate
from envkit.workflows.modelling import model_for
from envkit.workflows.saved import save
from envkit.workflows.watching import Watching, watching


@dataclass(frozen=True, eq=False)
class Solved:
    """What solving an environment gave.

    Args:
      env: the environment, as it was named.
      result: of the solver: policy, values, curve, configuration.
      evaluation: of the greedy policy on the real environment.
      exact: the exact answers; None without a finite model.
      run_dir: where the artifacts are; None if none were wanted.
      notes: facts a reader should know, one sentence each.
      grid: how to draw the policy, where the states are the cells of a grid.
      watching: the values that were watched.
      origin: of the model: own, explored (exact), or estimated, and then the exact answers are exact about the
        estimate only; None without a model.
      states: how many can be reached, and how many of them were never visited.
    """

    env: str
    seed: int
    result: Result
    evaluation: Evaluation
    exact: Exact | None
    run_dir: Path | None
    notes: tuple[str, ...]
    grid: Grid | None
    watching: Watching = field(default_factory=Watching)
    origin: str | None = None
    states: tuple[int, int] = (0, 0)

    @property
    def algo(self) -> str:
        return self.result.algorithm

    @property
    def mean_return(self) -> float:
        return self.evaluation.mean

    @property
    def gap(self) -> float | None:
        return self.exact.gap if self.exact else None

    @property
    def value_error(self) -> float | None:
        """How wrong a learner's values are: the root mean square over the states that can be reached."""
        curve = self.result.curve
        return float(curve["value_error"][-1]) if "value_error" in curve.columns and len(curve) else None

    @property
    def reachable(self) -> int:
        """How many states can be reached, where that is known; else how many were met."""
        return self.states[0]

    @property
    def unvisited(self) -> int:
        """How many of them a learner was never in."""
        return self.states[1]

    @property
    def policy(self) -> Any:
        return self.result.policy

    def to_json(self) -> dict[str, Any]:
        """The result as one strict JSON object; what is not known or not finite is null."""
        known = self.exact or Exact(None, None, None, None)
        record = {
            "schema": 1,
            "env": self.env,
            "algo": self.algo,
            "seed": self.seed,
            "steps": self.result.steps,
            "seconds": round(self.result.seconds, 6),
            "discount": self.result.config.get("discount"),
            "episodes": self.result.config.get("episodes", 0),
            "mean_return": self.evaluation.mean,
            "std_return": self.evaluation.std,
            "model": self.origin,
            "policy_return": known.policy_return,
            "optimal_return": known.optimal_return,
            "optimal_stationary_return": known.optimal_stationary_return,
            "optimal_discounted_return": known.optimal_discounted_return,
            "policy_discounted_return": known.policy_discounted_return,
            "gap": known.gap,
            "bound": self.result.bound,
            "value_error": self.value_error,
            "watched": self.watching.to_json(),
            "run_dir": str(self.run_dir) if self.run_dir else None,
        }
        return {name: _strict(value) for name, value in record.items()}

    def __repr__(self) -> str:
        gap = "" if self.gap is None else f", gap {self.gap:.6g}"
        return f"<Solved {self.env} by {self.algo}, seed {self.seed}: mean return {self.mean_return:.6g}{gap}>"

    def __str__(self) -> str:
        from envkit.workflows.solved_text import text

        return text(self)


def solve(
    target: Any,
    algo: str | None = None,
    *,
    seed: int = 0,
    episodes: int | None = None,
    eval_episodes: int = 100,
    run_dir: str | Path | bool | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    trace: Sequence[Any] = (),
    explore: int | bool = False,
    report: Report = silent,
    **hyper: Any,
) -> Solved:
    """Finds a good policy for an environment, and says how good it is.

    Args:
      target: whatever `EnvRef` can name.
      algo: a solver's name; by default planning where there is a finite model, else Q-learning.
      seed: of all randomness, the evaluation's included.
      episodes: to learn from; by default as many as the solver thinks fit. Planners need none.
      eval_episodes: played with the greedy policy at the end.
      run_dir: where to keep the artifacts; by default a new directory below `runs`, and nowhere if False.
      env_kwargs: for the environment's constructor.
      trace: values to be watched while they are learnt: states, or pairs of a state and an action.
      explore: build the finite model by trying every action in every state, where the environment offers none; a
        number says how often, where chance has a part.
      report: told now and then how far it is.
      hyper: hyper-parameters of the solver, such as `discount` or `step_size`.

    Raises:
      UsageError: what was asked cannot be done; nothing was written.
      EnvironmentFailed: the environment's own code failed; nothing is left behind.
      StorageFailed: the artifacts cannot be written.
    """
    _check_count("seed", seed, 0)
    _check_count("eval_episodes", eval_episodes, 1)
    if episodes is not None:
        _check_count("episodes", episodes, 1)
    tries = TRIES if explore is True else explore or None
    if tries is not None:
        _check_count("explore", tries, 1)
    ref = EnvRef.of(target, **(env_kwargs or {}))
    solver = find(algo) if algo else None
    if solver:
        _settled(solver, hyper)  # what cannot be is refused before any work is done
    env = ref.make()
    try:
        model, notes = model_for(env, str(ref), tries=tries, seed=seed, report=report)
        if solver is None:
            solver, why = _chosen(model)
            notes = [why, *notes]
        settings = _settled(solver, hyper, picked="" if algo else ", which was picked as no --algo was named")
        if solver.needs_model and model is None:
            raise NoFiniteModel(no_model_text(str(ref), env))
        if solver.needs_model and episodes is not None:
            notes.append(f"{solver.name} plans on the model and needs no episodes")
        asked = Asking(ref, solver, seed, episodes, eval_episodes, settings, tuple(trace), tries)
        problem = asked.problem(model, env, report)
        with _artifacts(run_dir, f"{ref}-{solver.name}-s{seed}") as directory:
            if directory:
                directory.write_json(CONFIG, asked.to_json())
            return _worked(asked, problem, directory, notes, kept=None)
    finally:
        env.close()


def resume(run_dir: str | Path, *, report: Report = silent) -> Solved:
    """Goes on with a run that was interrupted, to the very result that it would have had.

    Args:
      run_dir: where its artifacts are.
      report: as of `solve`.

    Raises:
      UsageError: there is nothing to go on with.
      ArtifactRefused: what is there is damaged, or of another version.
      EnvironmentFailed, StorageFailed: as of `solve`; what was kept stays.
    """
    with RunDirectory.again(Path(run_dir)) as directory:
        config = directory.read_json(CONFIG)
        asked = Asking.of_json(config, directory.path / CONFIG)
        kept = unpacked(directory.path / CHECKPOINT)
        env = asked.ref.make()
        try:
            notes = [
                f"begun with {name} {old}, gone on with {new}: the last digits may differ"
                for name, old, new in newer(config)
            ]
            model, known = asked.model(env, report)
            problem = asked.problem(model, env, report)
            notes = [*known, *notes]
            return _worked(asked, problem, directory, notes, kept=kept)
        finally:
            env.close()


def _worked(
    asked: Asking, problem: Problem, directory: RunDirectory | None, notes: list[str], *, kept: Arrays | None
) -> Solved:
    """Solves, and saves; when it is interrupted while it learns, what was learnt is kept in the directory."""
    if directory is None or asked.solver.needs_model:
        return _finished(asked, problem, directory, notes)
    solver = replace(asked.solver, solve=lambda problem: _kept(asked, problem, directory, kept))
    solved = _finished(replace(asked, solver=solver), problem, directory, notes)
    directory.remove(CHECKPOINT)
    return solved


def _kept(asked: Asking, problem: Problem, directory: RunDirectory, kept: Arrays | None) -> Result:
    """Learns; Ctrl-C and SIGTERM are answered when all can be kept."""
    with noticed() as stop:
        keeper = Keeper(kept, lambda arrays: directory.write_arrays(CHECKPOINT, arrays), stop)
        try:
            return asked.solver.solve(replace(problem, keeper=keeper))
        except Stopped as stopped:
            message = f"{stopped}; all is saved: envkit solve --resume {directory.path}"
            raise Interrupted(message, exit_code=stop.exit_code) from stopped


def _finished(asked: Asking, problem: Problem, directory: RunDirectory | None, notes: list[str]) -> Solved:
    solved = _solved(asked, problem, directory, notes)
    if directory:
        directory.write_json(CONFIG, replace(asked, settings=solved.result.config).to_json())  # with what was chosen
        save(directory, solved.result, solved.watching.planning)
        directory.write_json(RESULT, solved.to_json())
    return solved


def _chosen(model: Model | None) -> tuple[Solver, str]:
    if model is not None:
        size = f"{model.mdp.num_states:,} states and {model.mdp.num_actions} actions"
        if model.mdp.next_state.size > LARGE and uniform(model.mdp, 1.0):
            return find("breadth-first"), f"breadth-first was picked: {size}, without chance, all steps pay the same"
        answer = "of what was seen" if model.origin == ESTIMATED else "exact"
        reason = f"value-iteration was picked: the model is finite ({size}), so the answer is {answer}"
        return find("value-iteration"), reason
    return find("qlearning"), "qlearning was picked: there is no finite model to plan on"


def _solved(asked: Asking, problem: Problem, directory: RunDirectory | None, notes: list[str]) -> Solved:
    result = asked.solver.solve(problem)
    watched = watching(asked.trace, asked.solver, problem.model, result)
    seed = int(np.random.SeedSequence(problem.seed).spawn(3)[2].generate_state(1)[0])  # not what training has seen
    evaluation = evaluate(result.policy, asked.ref, episodes=asked.eval_episodes, seed=seed)
    notes = [*notes, *result.notes]
    answers = None
    discount = float(result.config.get("discount", 1.0))
    if problem.model is not None and isinstance(result.policy, TablePolicy | MixedPolicy):
        answers = exact(problem.model.mdp, result.policy, discount)
        notes += answers.notes
    if evaluation.cut:
        notes.append(
            f"{evaluation.cut} of {asked.eval_episodes} evaluation episodes were cut off after {evaluation.cap:,} steps"
        )
    grid = grid_of(problem.env, problem.model) if problem.model else None
    path = directory.path if directory else None
    origin = problem.model.origin if problem.model else None
    return Solved(
        str(asked.ref), problem.seed, result, evaluation, answers, path, tuple(notes), grid, watched, origin,
        _states(problem.model, result),
    )  # fmt: skip


def _states(model: Model | None, result: Result) -> tuple[int, int]:
    """How many states can be reached, and how many of them a learner has never been in."""
    if model is None or result.visits is None:
        return 0 if result.values is None else len(result.values), 0
    reachable = model.mdp.reachable
    return int(reachable.sum()), int((result.visits[reachable].sum(axis=1) == 0).sum())


@contextlib.contextmanager
def _artifacts(run_dir: str | Path | bool | None, label: str) -> Iterator[RunDirectory | None]:
    """The run's directory, claimed before any work is done, and cleared away if the work fails."""
    if run_dir is False:
        yield None
        return
    if isinstance(run_dir, str | Path):
        directory = RunDirectory.named(Path(run_dir))
    else:
        directory = RunDirectory.new(Path("runs"), label)
    try:
        yield directory
    except Interrupted:
        raise
    except BaseException:
        directory.abandon()
        raise


def _settled(solver: Solver, hyper: Mapping[str, Any], *, picked: str = "") -> dict[str, Any]:
    """The hyper-parameters, complete and checked."""
    try:
        return settled(solver.settings, hyper)
    except UsageError as error:
        raise UsageError(f"{error} (of {solver.name}{picked})") from error


def _check_count(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(f"{name} is {show(value)}, not a whole number of at least {least}")


def _strict(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
