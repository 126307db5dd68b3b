"""The classics of Gymnasium's toy text: the kit's planner against the known optimum of each.

Optimal are the undiscounted returns within the time limit of the registered environment, which a policy that sees the
clock reaches. CliffWalking has no limit.
"""

from collections.abc import Iterator

import envkit
from systems.row import Row

OPTIMA: tuple[tuple[str, dict[str, bool], float], ...] = (
    ("FrozenLake-v1", {}, 0.744190),
    ("FrozenLake-v1", {"is_slippery": False}, 1.0),
    ("FrozenLake8x8-v1", {}, 0.913220),
    ("CliffWalking-v1", {}, -13.0),
    ("CliffWalking-v1", {"is_slippery": True}, -64.709176),
    ("Taxi-v4", {}, 7.93),
)
DIGITS = 1e-6  # as far as the known optima are written down


def named(target: str, arguments: dict[str, bool]) -> str:
    return ", ".join((target, *("slippery" if value else "not slippery" for value in arguments.values())))


def rows(seeds: int) -> Iterator[Row]:  # noqa: ARG001 - nothing here is random
    for target, arguments, optimum in OPTIMA:
        found = envkit.solve(
            target, "value-iteration", run_dir=False, eval_episodes=1, env_kwargs=arguments, discount=1
        )
        reached = float(found.exact.policy_return or 0) if found.exact else 0.0
        met = found.gap == 0 and abs(reached - optimum) <= DIGITS
        yield Row(named(target, arguments), "value iteration", "", (reached,), f"{optimum:g}", "exact", met)
