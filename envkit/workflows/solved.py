"""Solving with a table: from an environment to a policy, what it earns, how good that is, and the artifacts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from envkit.core.errors import EnvironmentFailed, Interrupted, NoFiniteModel, UsageError
from envkit.core.exploring import TRIES
from envkit.core.model import Model, no_model_text
from envkit.core.policy import MixedPolicy, TablePolicy
from envkit.core.progress import Report
from envkit.core.ref import EnvRef
from envkit.core.result import Result
from envkit.core.settings import check_count, settled
from envkit.runs.arrays import Arrays
from envkit.runs.directory import CONFIG, RESULT, RunDirectory
from envkit.runs.stopping import noticed
from envkit.tabular.exact import Exact
from envkit.tabular.grid import Grid, grid_of
from envkit.tabular.keeping import Keeper, Stopped
from envkit.tabular.solver import Problem, Solver
from envkit.workflows.algorithms import find_solver
from envkit.workflows.asking import Asking, newer
from envkit.workflows.choosing import planner
from envkit.workflows.evaluate import Evaluation, evaluate
from envkit.workflows.known import exact_answers
from envkit.workflows.modelling import model_for
from envkit.workflows.saved import save
from envkit.workflows.watching import Watching, watching


@dataclass(frozen=True, eq=False)
class Solved:
    """What solving an environment gave.

    Args:
      asked: what was, with what was chosen.
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

    asked: Asking
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
    def env(self) -> str:
        """As it was named."""
        return str(self.asked.ref)

    @property
    def seed(self) -> int:
        return self.asked.seed

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
            "mean_shaped_return": self.evaluation.mean_shaped,
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

    def _repr_html_(self) -> str:
        from envkit.workflows.loaded import shown

        return shown(str(self), self.run_dir, self.policy, self.asked.ref, self.keep)

    def keep(self, directory: RunDirectory) -> None:
        """Writes all of it, for commands and programs to come."""
        directory.write_json(CONFIG, self.asked.to_json())
        save(directory, self.result, self.watching.planning)
        directory.write_json(RESULT, self.to_json())


def solve_table(
    ref: EnvRef,
    solver: Solver | None,
    *,
    seed: int,
    episodes: int | None,
    eval_episodes: int,
    run_dir: str | Path | bool | None,
    report: Report,
    trace: Sequence[Any] = (),
    explore: int | bool = False,
    **hyper: Any,
) -> Solved:
    """As `envkit.solve`, with a tabular solver; by default planning where there is a finite model, else Q-learning."""
    tries = TRIES if explore is True else explore or None
    if tries is not None:
        check_count("explore", tries, 1)
    was_named = solver is not None
    if solver:
        _settled(solver, hyper)  # what cannot be is refused before any work is done
    env = ref.make()
    try:
        model, notes = model_for(env, str(ref), tries=tries, seed=seed, report=report)
        if solver is None:
            solver, why = _chosen(model)
            notes = [why, *notes]
        settings = _settled(solver, hyper, picked="" if was_named else ", which was picked as no --algo was named")
        if solver.needs_model and model is None:
            raise NoFiniteModel(no_model_text(str(ref), env))
        if solver.needs_model and episodes is not None:
            notes.append(f"{solver.name} plans on the model and needs no episodes")
        asked = Asking(ref, solver, seed, episodes, eval_episodes, settings, tuple(trace), tries)
        problem = asked.problem(model, env, report)
        with RunDirectory.claimed(run_dir, f"{ref}-{solver.name}-s{seed}") as directory:
            if directory:
                directory.write_json(CONFIG, asked.to_json())
            return _worked(asked, problem, directory, notes, kept=None)
    finally:
        env.close()


def resume_table(run_dir: Path, *, report: Report) -> Solved:
    """As `envkit.workflows.solve.resume`, of a run with a tabular solver."""
    with RunDirectory.again(run_dir) as directory:
        config = directory.read_json(CONFIG)
        asked = Asking.of_json(config, directory.path / CONFIG)
        kept, note = directory.kept()
        env = asked.ref.make()
        try:
            notes = [
                f"begun with {name} {old}, gone on with {new}: the last digits may differ"
                for name, old, new in newer(config)
            ]
            model, known = asked.model(env, report)
            problem = asked.problem(model, env, report)
            notes = [*known, *notes, *([note] if note else [])]
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
    directory.forget()
    return solved


def _kept(asked: Asking, problem: Problem, directory: RunDirectory, kept: Arrays | None) -> Result:
    """Learns; Ctrl-C and SIGTERM are answered when all can be kept."""
    with noticed() as stop:
        keeper = Keeper(kept, directory.keep, stop)
        try:
            return asked.solver.solve(replace(problem, keeper=keeper))
        except EnvironmentFailed as error:
            if not directory.can_go_on:
                raise
            how = f"what had been learnt a minute before at most is kept: envkit solve --resume {directory.path}"
            raise type(error)(f"{error}; {how}", method=error.method, cause=error.cause) from error
        except Stopped as stopped:
            message = f"{stopped}; all is saved: envkit solve --resume {directory.path}"
            raise Interrupted(message, exit_code=stop.exit_code) from stopped


def _finished(asked: Asking, problem: Problem, directory: RunDirectory | None, notes: list[str]) -> Solved:
    solved = _solved(asked, problem, directory, notes)
    if directory:
        solved.keep(directory)
    return solved


def _chosen(model: Model | None) -> tuple[Solver, str]:
    name, why = planner(model) if model else ("qlearning", "there is no finite model to plan on")
    return find_solver(name), f"{name} was picked: {why}"


def _solved(asked: Asking, problem: Problem, directory: RunDirectory | None, notes: list[str]) -> Solved:
    result = asked.solver.solve(problem)
    watched = watching(asked.trace, asked.solver, problem.model, result)
    seed = int(np.random.SeedSequence(problem.seed).spawn(3)[2].generate_state(1)[0])  # not what training has seen
    evaluation = evaluate(result.policy, asked.ref, episodes=asked.eval_episodes, seed=seed)
    notes = [*notes, *result.notes]
    answers = None
    discount = float(result.config.get("discount", 1.0))
    if problem.model is not None and isinstance(result.policy, TablePolicy | MixedPolicy):
        answers = exact_answers(problem.model, result.policy, discount, evaluation, str(asked.ref))
        notes += answers.notes
    if evaluation.cut:
        notes.append(
            f"{evaluation.cut} of {asked.eval_episodes} evaluation episodes were cut off after {evaluation.cap:,} steps"
        )
    grid = grid_of(problem.env, problem.model) if problem.model else None
    path = directory.path if directory else None
    origin = problem.model.origin if problem.model else None
    return Solved(
        replace(asked, settings=result.config), result, evaluation, answers, path, tuple(notes), grid, watched, origin,
        _states(problem.model, result),
    )  # fmt: skip


def _states(model: Model | None, result: Result) -> tuple[int, int]:
    """How many states can be reached, and how many of them a learner has never been in."""
    if model is None or result.visits is None:
        return 0 if result.values is None else len(result.values), 0
    reachable = model.mdp.reachable
    return int(reachable.sum()), int((result.visits[reachable].sum(axis=1) == 0).sum())


def _settled(solver: Solver, hyper: Mapping[str, Any], *, picked: str = "") -> dict[str, Any]:
    """The hyper-parameters, complete and checked."""
    try:
        return settled(solver.settings, hyper)
    except UsageError as error:
        raise UsageError(f"{error} (of {solver.name}{picked})") from error


def _strict(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
