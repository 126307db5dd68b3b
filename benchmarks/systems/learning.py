"""The same learner with many seeds, and what each of them has learnt."""

import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from envkit.workflows.seeds import Seeds, solve_seeds

Arrays = dict[str, np.ndarray[Any, Any]]


def learn(target: Any, algo: str, *, seeds: int, **arguments: Any) -> tuple[Seeds, list[Arrays]]:
    """What the runs gave, and of each run the arrays of its `policy.npz`."""
    with tempfile.TemporaryDirectory() as folder:
        found = solve_seeds(target, algo, seeds=seeds, run_dir=Path(folder) / "runs", **arguments)
        files = [Path(record["run_dir"]) / "policy.npz" for record in found.records]
        return found, [dict(np.load(file, allow_pickle=False)) for file in files]


def side_by_side(function: Callable[..., Any], calls: Iterable[tuple[Any, ...]]) -> list[Any]:
    """The results of the calls, in their order, from as many processes as there are cores."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return [future.result() for future in [pool.submit(function, *call) for call in calls]]
