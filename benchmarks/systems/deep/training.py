"""Trainings with many seeds, and two ways of training side by side."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import envkit
from envkit.workflows.seeds import solve_seeds
from envkit.workflows.training.trained import TrainedRun
from systems.row import Row

EPISODES = 100  # of the evaluation in the end
WATCHED = 200  # of which a tenth are played on the way, where the first good evaluation counts


def reached(
    system: str, method: str, target: str, algo: str, *, seeds: int, bar: str, met: Callable[[Sequence[float]], bool],
    tutorial: str = "", exact: str = "", **arguments: Any,
) -> Row:  # fmt: skip
    """The mean return of 100 episodes for each seed, of the policy that the training has kept."""
    found = solve_seeds(target, algo, seeds=seeds, run_dir=False, eval_episodes=EPISODES, **arguments)
    returns = tuple(float(record["mean_return"]) for record in found.records)
    return Row(system, method, tutorial, returns, exact, bar, met(returns))


def all_above(least: float) -> Callable[[Sequence[float]], bool]:
    return lambda returns: min(returns) >= least


def mean_above(least: float) -> Callable[[Sequence[float]], bool]:
    return lambda returns: sum(returns) / len(returns) >= least


def race(
    target: str, algo: str, goal: float, ours: Mapping[str, Any], theirs: Mapping[str, Any], *, seeds: int
) -> list[tuple[TrainedRun, TrainedRun]]:
    """Both ways of training to the first evaluation, of 20 episodes, that earns so much; by turns, in one process."""
    asked: dict[str, Any] = {"run_dir": False, "eval_episodes": WATCHED, "target_return": goal}
    sides = (dict(ours), {"preset": "none", **theirs})
    for settings in sides:  # imports and caches are not what is measured
        envkit.solve(target, algo, **asked | settings | {"steps": 300, "eval_every": 0, "eval_episodes": 1})
    found = []
    for seed in range(seeds):
        own, other = (envkit.solve(target, algo, seed=seed, **asked | settings) for settings in sides)
        assert isinstance(own, TrainedRun)
        assert isinstance(other, TrainedRun)
        found.append((own, other))
    return found


def seconds(run: TrainedRun, goal: float) -> float:
    """To the goal; a training that has not reached it has taken for ever."""
    best = max((row[1] for row in run.notebook.evaluations), default=float("-inf"))
    return run.seconds if best >= goal else float("inf")


def raced(
    system: str, method: str, target: str, algo: str, goal: float, ours: Mapping[str, Any], theirs: Mapping[str, Any],
    *, seeds: int, bar: float,
) -> Row:  # fmt: skip
    """The seconds to the goal, as a share of those of the other settings: the median of the seeds."""
    pairs = race(target, algo, goal, ours, theirs, seeds=seeds)
    own, other = (sorted(seconds(run, goal) for run in side) for side in zip(*pairs, strict=True))
    share = median(own) / median(other)
    said = f"{median(own):.1f} s and {median(other):.1f} s, {share:.2f} of it ({seeds} seeds)"
    return Row(system, method, "", (share,), "", f"{bar} of the time", share <= bar, said)


def median(values: Sequence[float]) -> float:
    """Of sorted numbers; of two in the middle the larger, so that not reached is never averaged away."""
    return values[len(values) // 2]
