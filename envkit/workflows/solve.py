"""Solving an environment: from its name to a policy, what it earns, how good that is, and the artifacts.

One function for Python and the command line. Everything that can be refused is refused before anything is written;
a run that fails leaves nothing behind.
"""

import contextlib
import io
import json
import math
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

import envkit
from envkit.core.errors import ArtifactRefused, Interrupted, NoFiniteModel, UsageError
from envkit.core.model import Model, model_of, no_model_text
from envkit.core.policy import MixedPolicy, TablePolicy
from envkit.core.ref import EnvRef
from envkit.core.result import Result
from envkit.core.schedule import Schedule
from envkit.core.show import error_line, show
from envkit.runs.directory import CHECKPOINT, CONFIG, RunDirectory
from envkit.runs.stopping import noticed
from envkit.tabular.exact import Exact, exact, value_error
from envkit.tabular.grid import Grid, grid_of
from envkit.tabular.infinite import LARGE
from envkit.tabular.keeping import Arrays, Keeper, Stopped, packed, unpacked
from envkit.tabular.live import Lookup
from envkit.tabular.settings import settled
from envkit.tabular.shortest import uniform
from envkit.tabular.solver import Problem, Solver, find, silent
from envkit.workflows.evaluate import Evaluation, evaluate


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
    """

    env: str
    seed: int
    result: Result
    evaluation: Evaluation
    exact: Exact | None
    run_dir: Path | None
    notes: tuple[str, ...]
    grid: Grid | None

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
            "policy_return": known.policy_return,
            "optimal_return": known.optimal_return,
            "optimal_stationary_return": known.optimal_stationary_return,
            "optimal_discounted_return": known.optimal_discounted_return,
            "gap": known.gap,
            "run_dir": str(self.run_dir) if self.run_dir else None,
        }
        return {name: _strict(value) for name, value in record.items()}

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
    report: Callable[[int, int, float, int], None] = silent,
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
      report: told (episodes so far, steps so far, mean return lately, episodes in all) now and then.
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
    ref = EnvRef.of(target, **(env_kwargs or {}))
    solver = find(algo) if algo else None
    env = ref.make()
    try:
        model = model_of(env)
        notes = []
        if solver is None:
            solver, why = _chosen(model)
            notes.append(why)
        try:
            settings = settled(solver.settings, hyper)
        except UsageError as error:
            picked = "" if algo else ", which was picked as no --algo was named"
            raise UsageError(f"{error} (of {solver.name}{picked})") from error
        if solver.needs_model and model is None:
            raise NoFiniteModel(no_model_text(str(ref), env))
        if solver.needs_model and episodes is not None:
            notes.append(f"{solver.name} plans on the model and needs no episodes")
        problem = Problem(str(ref), model, env, seed, episodes, settings, report)
        asked = Asking(ref, solver, seed, episodes, eval_episodes, settings)
        with _artifacts(run_dir, f"{ref}-{solver.name}-s{seed}") as directory:
            if directory:
                directory.write_json(CONFIG, asked.to_json())
            return _worked(asked, problem, directory, notes, kept=None)
    finally:
        env.close()


def resume(run_dir: str | Path, *, report: Callable[[int, int, float, int], None] = silent) -> Solved:
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
                for name, old, new in _newer(config)
            ]
            problem = Problem(str(asked.ref), model_of(env), env, asked.seed, asked.episodes, asked.settings, report)
            return _worked(asked, problem, directory, notes, kept=kept)
        finally:
            env.close()


def _newer(config: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(package, version then, version now), where they differ."""
    for name, version in _versions().items():
        then = str(config.get("versions", {}).get(name))
        if then != version:
            yield name, then, version


def _worked(
    asked: "Asking", problem: Problem, directory: RunDirectory | None, notes: list[str], *, kept: Arrays | None
) -> Solved:
    """Solves, and saves; when it is interrupted while it learns, what was learnt is kept in the directory."""
    if directory is None or asked.solver.needs_model:
        return _finished(asked, problem, directory, notes)
    solver = replace(asked.solver, solve=lambda problem: _kept(asked, problem, directory, kept))
    solved = _finished(replace(asked, solver=solver), problem, directory, notes)
    directory.remove(CHECKPOINT)
    return solved


def _kept(asked: "Asking", problem: Problem, directory: RunDirectory, kept: Arrays | None) -> Result:
    """Learns; Ctrl-C and SIGTERM are answered when all can be kept."""
    with noticed() as stop:
        keeper = Keeper(kept, lambda arrays: directory.write(CHECKPOINT, packed(arrays)), stop)
        try:
            return asked.solver.solve(replace(problem, keeper=keeper))
        except Stopped as stopped:
            message = f"{stopped}; all is saved: envkit solve --resume {directory.path}"
            raise Interrupted(message, exit_code=stop.exit_code) from stopped


def _finished(asked: "Asking", problem: Problem, directory: RunDirectory | None, notes: list[str]) -> Solved:
    solved = _solved(asked.ref, asked.solver, problem, asked.eval_episodes, directory, notes)
    if directory:
        _save(directory, solved, replace(asked, settings=solved.result.config).to_json())
    return solved


def _chosen(model: Model | None) -> tuple[Solver, str]:
    if model is not None:
        size = f"{model.mdp.num_states:,} states and {model.mdp.num_actions} actions"
        if model.mdp.next_state.size > LARGE and uniform(model.mdp, 1.0):
            return find("breadth-first"), f"breadth-first was picked: {size}, without chance, all steps pay the same"
        reason = f"value-iteration was picked: the model is finite ({size}), so the answer is exact"
        return find("value-iteration"), reason
    return find("qlearning"), "qlearning was picked: there is no finite model to plan on"


def _solved(
    ref: EnvRef, solver: Solver, problem: Problem, eval_episodes: int, directory: RunDirectory | None, notes: list[str]
) -> Solved:
    result = solver.solve(problem)
    seed = int(np.random.SeedSequence(problem.seed).spawn(3)[2].generate_state(1)[0])  # not what training has seen
    evaluation = evaluate(result.policy, ref, episodes=eval_episodes, seed=seed)
    notes = [*notes, *result.notes]
    answers = None
    discount = float(result.config.get("discount", 1.0))
    if problem.model is not None and isinstance(result.policy, TablePolicy | MixedPolicy):
        answers = exact(problem.model.mdp, result.policy, discount)
        notes += answers.notes
    if problem.model is not None and isinstance(result.policy, MixedPolicy) and result.values is not None:
        off = value_error(problem.model.mdp, result.policy, result.values, discount)
        if off is not None:
            notes.append(f"the values are off by {off:.3g}, root mean square over the states that can be reached")
    if evaluation.cut:
        notes.append(
            f"{evaluation.cut} of {eval_episodes} evaluation episodes were cut off after {evaluation.cap:,} steps"
        )
    grid = grid_of(problem.env, problem.model) if problem.model else None
    path = directory.path if directory else None
    return Solved(str(ref), problem.seed, result, evaluation, answers, path, tuple(notes), grid)


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


@dataclass(frozen=True)
class Asking:
    """What was asked of a run: all that is needed to ask it again."""

    ref: EnvRef
    solver: Solver
    seed: int
    episodes: int | None
    eval_episodes: int
    settings: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        ref, used = self.ref, self.settings
        target = ref.target if isinstance(ref.target, str) else str(replace(ref, label=""))
        return {
            "schema": 1,
            "env": str(ref),
            "target": target,
            "folder": ref.folder,
            "env_kwargs": {name: _plain(value) for name, value in ref.kwargs.items()},
            "algo": self.solver.name,
            "seed": self.seed,
            "episodes": used.get("episodes", self.episodes),
            "eval_episodes": self.eval_episodes,
            "hyper_parameters": {name: _plain(value) for name, value in used.items() if name != "episodes"},
            "versions": _versions(),
        }

    @classmethod
    def of_json(cls, config: Mapping[str, Any], path: Path) -> "Asking":
        """What a file says that was asked. Raises ArtifactRefused where it says no such thing."""
        try:
            target, label = config["target"], config["env"]
            ref = EnvRef(target, config["env_kwargs"], config["folder"], label if label != target else "")
            solver = find(config["algo"])
            known = {setting.name for setting in solver.settings}
            given = {k: v for k, v in config["hyper_parameters"].items() if k in known and v is not None}
            settings = settled(solver.settings, given)
            return cls(ref, solver, config["seed"], config["episodes"], config["eval_episodes"], settings)
        except (KeyError, TypeError, AttributeError, UsageError) as error:
            raise ArtifactRefused(f"{path} is not the configuration of a run: {error_line(error)}") from error


def _versions() -> dict[str, str]:
    return {
        "envkit": envkit.__version__,
        "python": platform.python_version(),
        "gymnasium": gymnasium.__version__,
        "numpy": np.__version__,
    }


def _save(directory: RunDirectory, solved: Solved, config: dict[str, Any]) -> None:
    result = solved.result
    directory.write_json(CONFIG, config)  # with what the solver chose
    if isinstance(result.policy, TablePolicy | MixedPolicy):
        arrays: dict[str, Any] = {"format": np.array(1)}
        arrays |= {name: vars(result.policy)[name] for name in ("action", "chances") if name in vars(result.policy)}
        arrays |= {name: value for name, value in (("values", result.values), ("q", result.q)) if value is not None}
        if isinstance(result.policy.state_of, Lookup):
            arrays["observations"] = np.array(json.dumps(list(result.policy.state_of.numbers)))
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        directory.write("policy.npz", buffer.getvalue())
    rows = [f"{int(steps)},{int(episodes)},{mean!r}\n" for steps, episodes, mean in result.curve.tolist()]
    directory.write("curve.csv", "".join(["steps,episodes,mean_return\n", *rows]).encode())
    directory.write_json("result.json", solved.to_json())


def _check_count(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(f"{name} is {show(value)}, not a whole number of at least {least}")


def _plain(value: Any) -> Any:
    """A JSON value as it is, a schedule as it was typed, anything else as text."""
    if isinstance(value, Schedule):
        return value.plain
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return show(value)
    return value


def _strict(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
