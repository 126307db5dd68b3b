"""The shower, in the three ways in which its tutorial can be read; a network reached 12 ± 58.8 there.

Exact returns of the greedy policy, from Q-learning with the defaults of the kit.
"""

from collections.abc import Iterator
from typing import Any

import envkit
from envkit.workflows.seeds import solve_seeds
from systems.row import Row, plain

OPTIMA = {"none": 59 + 3 / 7, "after": 59 + 1 / 7, "before": 59.0}
OFF = 0.5


def rows(seeds: int) -> Iterator[Row]:
    for noise, optimum in OPTIMA.items():
        system, known = f"shower, noise {noise}", f"{optimum:.4f}"
        arguments: dict[str, Any] = {"env_kwargs": {"noise": noise}, "eval_episodes": 1, "run_dir": False}
        planned = envkit.solve("shower", "backward-induction", **arguments).exact
        best = float(planned.policy_return or 0) if planned else 0.0
        yield Row(system, "backward induction", "", (best,), known, "exact", abs(best - optimum) < 1e-9)
        found = solve_seeds("shower", "qlearning", seeds=seeds, **arguments)
        returns = tuple(found.returns)
        episodes = found.records[0]["episodes"]
        yield Row(
            system, f"Q-learning, defaults, {episodes:,} episodes", "12 ± 58.8 (PPO, 64,000 steps)", returns, known,
            f"{plain(OFF)} below at most", found.is_exact and min(returns) >= optimum - OFF,
        )  # fmt: skip
