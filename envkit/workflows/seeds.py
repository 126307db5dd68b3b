"""The same experiment with many seeds, on all cores, and what they have in common."""

import multiprocessing
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from envkit.core.errors import EnvironmentFailed, EnvkitError, UsageError
from envkit.core.machine import cores
from envkit.core.model import ESTIMATED, OWN, model_of
from envkit.core.progress import Progress, Report, silent
from envkit.core.ref import EnvRef
from envkit.core.show import show
from envkit.core.statistics import interquartile_mean, interval
from envkit.runs.directory import CONFIG, RUNS, SEEDS, RunDirectory
from envkit.tabular.evaluation import at_random, evaluate_policy
from envkit.tabular.exact import SAME
from envkit.workflows.solve import solve

MOST_RANDOM = 500_000  # outcomes of a model in which acting at random is still worked out


@dataclass(frozen=True)
class Seeds:
    """What the runs gave.

    Args:
      records: of each run, by its seed, as `Solved.to_json` has them.
      run_dir: where the artifacts of all are; None if none were wanted.
      notes: of the runs, alike ones once.
      random_return: what acting at random earns; None where that is not known.
    """

    records: tuple[Mapping[str, Any], ...]
    run_dir: Path | None
    notes: tuple[str, ...]
    random_return: float | None = None

    @property
    def returns(self) -> list[float]:
        """Of each run: the exact return of its policy where it is known for all, else the mean of what was played."""
        return [float(record["policy_return" if self.is_exact else "mean_return"]) for record in self.records]

    @property
    def is_estimated(self) -> bool:
        """Whether each run had estimated a model of its own: then what they found there cannot be compared."""
        return any(record["model"] == ESTIMATED for record in self.records)

    @property
    def is_exact(self) -> bool:
        own = not self.is_estimated and not self.is_shaped
        return own and all(record["policy_return"] is not None for record in self.records)

    @property
    def is_shaped(self) -> bool:
        """Whether what a model says is about shaped rewards; an environment's own is hidden by what changes them."""
        return self.shaped_return is not None and self.records[0]["model"] != OWN

    @property
    def shaped_return(self) -> float | None:
        """What the policies were paid on average; None where no wrapper pays something else than the environment."""
        paid = [record["mean_shaped_return"] for record in self.records if record.get("mean_shaped_return") is not None]
        return float(np.mean(paid)) if paid else None

    @property
    def endless(self) -> int:
        """How many policies may go on for ever, so that their returns are those of episodes that were cut off."""
        return sum(record["policy_return"] is None and record["model"] is not None for record in self.records)

    @property
    def iqm(self) -> float:
        return float(interquartile_mean(self.returns))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the interquartile mean."""
        return interval(self.returns, np.random.default_rng(0))

    @property
    def optimal_return(self) -> float | None:
        found: float | None = self.records[0]["optimal_return"]
        return None if self.is_estimated or self.is_shaped else found

    @property
    def stationary_return(self) -> float | None:
        """The best known return of policies that do not see how much time is left."""
        found: float | None = self.records[0]["optimal_stationary_return"]
        return None if self.is_estimated or self.is_shaped else found

    @property
    def solved(self) -> int | None:
        """How many runs found a policy that nothing can better that sees no more; None where that is not known."""
        if not self.is_exact or self.stationary_return is None:
            return None
        least = self.stationary_return - SAME * max(1.0, abs(self.stationary_return))
        return sum(earned >= least for earned in self.returns)

    @property
    def share(self) -> float | None:
        """How far the interquartile mean is on the way from acting at random, 0, to the optimum, 1."""
        if self.random_return is None or self.optimal_return is None or not self.is_exact:
            return None
        way = self.optimal_return - self.random_return
        return (self.iqm - self.random_return) / way if way > SAME else None

    def __repr__(self) -> str:
        first = self.records[0]
        return f"<Seeds of {first['env']} by {first['algo']}: interquartile mean {self.iqm:.6g} of {len(self.records)}>"

    def __str__(self) -> str:
        from envkit.workflows.seeds_text import text

        return text(self)

    def _repr_html_(self) -> str:
        from envkit.workflows.loaded import shown

        return shown(str(self), self.run_dir)

    def to_json(self) -> dict[str, Any]:
        first, (low, high) = self.records[0], self.interval
        return {
            "schema": 1,
            "env": first["env"],
            "algo": first["algo"],
            "seeds": [record["seed"] for record in self.records],
            "returns": self.returns,
            "returns_are_exact": self.is_exact,
            "iqm": self.iqm,
            "interval": [low, high],
            "mean_shaped_return": self.shaped_return,
            "optimal_return": self.optimal_return,
            "optimal_stationary_return": self.stationary_return,
            "random_return": self.random_return,
            "gap": None if self.optimal_return is None else self.optimal_return - self.iqm,
            "optimal_seeds": self.solved,
            "run_dir": str(self.run_dir) if self.run_dir else None,
            "runs": [dict(record) for record in self.records],
        }


def solve_seeds(
    target: Any,
    algo: str | None = None,
    *,
    seeds: int,
    seed: int = 0,
    jobs: int | None = None,
    run_dir: str | Path | bool | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    report: Report = silent,
    **arguments: Any,
) -> Seeds:
    """Solves an environment with the seeds `seed`, `seed + 1`, ..., in processes of their own.

    Args:
      target, algo, arguments: as of `envkit.solve`.
      seeds: how many.
      report: told how many of them are done, and what they earned on average.
      jobs: processes at once; by default as many as there are cores.
      run_dir: a directory for all, in which each run has its own; by default a new one below `runs`, none if False.

    Raises:
      What `envkit.solve` raises; the other runs are given up then, and nothing is left behind.
    """
    if isinstance(seeds, bool) or not isinstance(seeds, int) or seeds < 1:
        raise UsageError(f"seeds is {show(seeds)}, not a whole number of at least 1")
    ref = EnvRef.of(target, **(env_kwargs or {}))
    directory: RunDirectory | None = None
    if isinstance(run_dir, str | Path):
        directory = RunDirectory.named(Path(run_dir))
    elif run_dir is not False:
        directory = RunDirectory.new(RUNS, f"{ref}-{algo or 'picked'}-s{seed}-to-{seed + seeds - 1}")
    try:
        found = _all(ref, algo, range(seed, seed + seeds), jobs, directory, report, arguments)
        if directory:
            directory.write_json(SEEDS, found.to_json())
            directory.remove(CONFIG)  # which only claimed the place
    except BaseException:
        if directory:
            directory.abandon()
        raise
    return found


def _all(
    ref: EnvRef, algo: str | None, numbers: range, jobs: int | None, directory: RunDirectory | None, report: Report,
    arguments: Mapping[str, Any],
) -> Seeds:  # fmt: skip
    workers = min(jobs or cores(), len(numbers))
    before = set(multiprocessing.active_children())
    found: dict[int, tuple[Mapping[str, Any], tuple[str, ...]]] = {}
    # Spawned, for a forked process would share what threads of this one hold.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        folders = {number: directory.path / f"seed-{number}" if directory else False for number in numbers}
        futures = {pool.submit(_one, ref, algo, number, folders[number], dict(arguments)): number for number in numbers}
        try:
            for future in as_completed(futures):
                answer = future.result()
                if isinstance(answer, EnvkitError):
                    raise answer
                found[futures[future]] = answer
                steps = sum(record["steps"] for record, _ in found.values())
                mean = float(np.mean([record["mean_return"] for record, _ in found.values()]))
                report(Progress(len(found), len(numbers), steps, mean))
        except BrokenProcessPool as error:
            left = [number for number in numbers if number not in found]
            raise EnvironmentFailed(
                f"the process of one of the seeds {', '.join(map(str, left))} has died without a word: killed, or "
                f"ended by the environment's code; alone it may say more: --seed {left[0]} without --seeds",
                cause=error,
            ) from error
        except BaseException:
            for process in set(multiprocessing.active_children()) - before:
                process.kill()  # what they are at is of no use any more, and may take hours
            pool.shutdown(cancel_futures=True)  # and waits for the pool's own thread, or it may still run at the exit
            raise
    notes = _merged([found[number][1] for number in numbers])
    records = tuple(found[number][0] for number in numbers)
    return Seeds(records, directory.path if directory else None, notes, random_return(ref))


def _merged(notes: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Each note once, those that differ in numbers only as one."""
    alike: dict[str, list[str]] = {}
    for note in (note for run in notes for note in run):
        alike.setdefault(re.sub(r"[\d.,]*\d", "#", note), []).append(note)
    return tuple(
        same[0] if len(set(same)) == 1 else f"{same[0]} (the first of {len(same)} seeds of which that holds)"
        for same in alike.values()
    )


def random_return(ref: EnvRef) -> float | None:
    """What acting at random earns within the time limit, undiscounted; None without a model, or where it never ends."""
    env = ref.make()
    try:
        model = model_of(env)
    finally:
        env.close()
    if model is None or model.mdp.next_state.size > MOST_RANDOM:
        return None
    try:
        return evaluate_policy(model.mdp, at_random(model.mdp), moments=1).mean
    except UsageError:
        return None


def _one(
    ref: EnvRef, algo: str | None, seed: int, folder: Path | bool, arguments: dict[str, Any]
) -> tuple[Mapping[str, Any], tuple[str, ...]] | EnvkitError:
    """In a process of its own. What was raised on purpose is returned: its cause may not survive the way back."""
    try:
        solved = solve(ref, algo, seed=seed, run_dir=folder, **arguments)
    except EnvkitError as error:
        if hasattr(error, "cause"):
            error.cause = None
        return error.with_traceback(None)
    return solved.to_json(), solved.notes
