"""Planning on large grids: the kit's methods beside quantecon's value iteration, on the same model.

A grid of n x n cells with four moves, -1 a step, from the first cell to the last; discount 0.99, tolerance 1e-6. With
`slip` 0.2 a move goes sideways once in five. Building the arrays is reported apart. The bound that a method reports is
checked by a Bellman residual that is computed here, in NumPy, without any of the kit's code.

    python benchmarks/planning.py                # 1000 x 1000, and quantecon at 200 x 200
    python benchmarks/planning.py --quantecon 1000   # takes minutes

Exits with 1 where a bar is missed: 0.1 s by breadth-first search, 5 s by value iteration, 20 s with slip by the best
method.
"""

import argparse
import importlib.util
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from envkit.core.mdp import MDP
from envkit.core.model import Model
from envkit.core.result import Result
from envkit.core.settings import settled
from envkit.tabular.solver import Problem
from envkit.workflows.algorithms import find_solver as find

DISCOUNT, TOLERANCE, REPEATS = 0.99, 1e-6, 3
BARS = {"breadth-first": 0.1, "value-iteration": 5.0, "slip": 20.0}


def grid(size: int, slip: float) -> MDP:
    """The model, from arrays that are made here."""
    cells, moves = np.arange(size * size, dtype=np.int32), ((-1, 0), (0, 1), (1, 0), (0, -1))
    row, column = np.divmod(cells, size)
    after = np.stack([
        np.clip(row + down, 0, size - 1) * size + np.clip(column + right, 0, size - 1) for down, right in moves
    ], axis=1).astype(np.int32)  # fmt: skip
    turns, chances = ([0], [1.0]) if slip == 0 else ([0, 1, 3], [1 - slip, slip / 2, slip / 2])
    next_state = np.stack([after[:, [(action + turn) % 4 for action in range(4)]] for turn in turns], axis=2)
    probability = np.broadcast_to(chances, next_state.shape).copy()
    start = np.zeros(len(cells))
    start[0] = 1
    reward, ends = np.full(next_state.shape, -1.0), next_state == len(cells) - 1
    return MDP(next_state, probability, reward, ends, np.ones((len(cells), 4), bool), start)


def residual(mdp: MDP, value: np.ndarray[Any, Any]) -> float:
    """By how much a backup changes the values."""
    best = np.full(mdp.num_states, -np.inf)
    for action in range(mdp.num_actions):
        after = np.where(mdp.terminated[:, action], 0.0, value[mdp.next_state[:, action]])
        worth = (mdp.probability[:, action] * (mdp.reward[:, action] + DISCOUNT * after)).sum(axis=1)
        np.maximum(best, worth, out=best)
    return float(np.abs(best - value).max())


def by_the_kit(mdp: MDP, algorithm: str) -> tuple[float, Result]:
    """(the median of some runs, the first not counted, which loads the compiled code; the result)."""
    solver = find(algorithm)
    names = {setting.name for setting in solver.settings}
    told = {name: value for name, value in (("discount", DISCOUNT), ("tolerance", TOLERANCE)) if name in names}
    nobody: Any = None  # planners play on the model alone
    problem = Problem("the grid", Model(mdp), nobody, 0, None, settled(solver.settings, told))
    times = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        result = solver.solve(problem)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:]), result


def by_quantecon(mdp: MDP) -> tuple[float, float]:
    """(seconds, what it took to build its own sparse arrays)."""
    from quantecon.markov import DiscreteDP
    from scipy import sparse

    started = time.perf_counter()
    states, actions = np.repeat(np.arange(mdp.num_states), 4), np.tile(np.arange(4), mdp.num_states)
    over = mdp.num_states  # where everything ends, for nothing
    column = np.where(mdp.terminated, over, mdp.next_state).reshape(len(states), -1)
    rows = np.repeat(np.arange(len(states)), column.shape[1])
    q = sparse.csr_matrix((mdp.probability.ravel(), (rows, column.ravel())), shape=(len(states) + 1, over + 1))
    q[len(states), over] = 1.0
    r = np.append(mdp.expected_reward.ravel(), 0.0)
    problem = DiscreteDP(r, q, DISCOUNT, np.append(states, over), np.append(actions, 0))
    built = time.perf_counter() - started
    started = time.perf_counter()
    problem.solve(method="value_iteration", epsilon=TOLERANCE, max_iter=100_000)
    return time.perf_counter() - started, built


def row(name: str, seconds: float, result: Result, mdp: MDP, bar: float | None) -> bool:
    """Prints a line; whether it is exact enough, and quick enough where it is held to a bar."""
    off = residual(mdp, np.asarray(result.values)) / (1 - DISCOUNT)
    exact = off <= TOLERANCE and float(result.bound or 0) <= TOLERANCE
    met = exact and (bar is None or seconds <= bar)
    sweeps = result.steps / mdp.num_states
    held = "exact enough" if bar is None else f"bar {bar:g} s"
    verdict = f"{held}: {'met' if met else 'MISSED'}"
    print(f"{name:34} {seconds:8.3f} s  {sweeps:5.0f} sweeps  within {off:.1e}  {verdict}")
    return met


def timed(make: Callable[[], MDP]) -> tuple[float, MDP]:
    started = time.perf_counter()
    made = make()
    return time.perf_counter() - started, made


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=1000, help="of the grid (default 1000)")
    parser.add_argument(
        "--quantecon", type=int, default=200, metavar="SIZE", help="of the grid for quantecon; 0 for none"
    )
    given = parser.parse_args()
    met = []
    seconds, mdp = timed(lambda: grid(given.size, 0.0))
    print(f"{'building the arrays, and checks':34} {seconds:8.3f} s")
    for algorithm in ("breadth-first", "value-iteration"):
        met.append(row(algorithm, *by_the_kit(mdp, algorithm), mdp, BARS[algorithm]))
    del mdp
    seconds, mdp = timed(lambda: grid(given.size, 0.2))
    print(f"{'building with slip 0.2':34} {seconds:8.3f} s")
    found = {name: by_the_kit(mdp, name) for name in ("value-iteration", "modified-policy-iteration")}
    best = min(found, key=lambda name: found[name][0])
    for name, (seconds, result) in found.items():
        met.append(row(f"slip 0.2, {name}", seconds, result, mdp, BARS["slip"] if name == best else None))
    print(f"most memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    if given.quantecon and importlib.util.find_spec("quantecon"):
        small = grid(given.quantecon, 0.0)
        ours, _ = by_the_kit(small, "value-iteration")
        theirs, built = by_quantecon(small)
        said = f"quantecon {theirs:.2f} s (and {built:.2f} s to build), the kit {ours:.4f} s, ratio {theirs / ours:.0f}"
        print(f"{given.quantecon} x {given.quantecon}: {said}")
    elif given.quantecon:
        print("quantecon is not installed: left out")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
