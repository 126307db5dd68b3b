"""Steps a second of batch environments at 4,096 rows, against Gymnasium's SyncVectorEnv of the same environment.

    python benchmarks/batches.py                 # under a minute
    python benchmarks/batches.py --num-envs 64

Both are made by `gymnasium.make_vec` from the same id, with next-step autoreset, and take the same actions, drawn
before. Before anything is timed, a hundred steps of both have to be the same: observations, rewards, ends. The rounds
alternate, so that a busy machine slows both; a ratio is the median over the rounds. GridWorld's batch is also set
beside Gymnasium's own batch of CartPole. Ends with exit code 1 where a bar is missed.
"""

import argparse
import statistics
import sys
import time
from typing import Any

import gymnasium

import envkit.envs  # noqa: F401 - registers the environments
from envkit.core.compare import first_difference

BARS: list[tuple[str, dict[str, Any], float]] = [
    ("envkit/GridWorld-v0", {}, 500),
    ("envkit/GridWorld-v0", {"slip": 0.2}, 0),
    ("envkit/Shower-v0", {}, 200),
    ("envkit/Shower-v0", {"tap": "continuous"}, 200),
    ("envkit/Shower-v0", {"noise": "before"}, 100),
    ("envkit/Drone-v0", {}, 0),
]
PEER = "CartPole-v1"
PEER_BAR = 1.0
ROUNDS, SECONDS, WARM_UP, COMPARED = 7, 0.4, 50, 100


def made(id: str, num_envs: int, mode: str, **kwargs: Any) -> Any:
    return gymnasium.make_vec(id, num_envs, vectorization_mode=mode, **kwargs)


def drawn(envs: Any) -> list[Any]:
    envs.action_space.seed(0)
    return [envs.action_space.sample() for _ in range(16)]


def seconds_a_step(envs: Any, actions: list[Any], seconds: float) -> float:
    steps, begun = 0, time.perf_counter()
    while (spent := time.perf_counter() - begun) < seconds:
        envs.step(actions[steps % len(actions)])
        steps += 1
    return spent / steps


def check_sameness(id: str, kwargs: dict[str, Any]) -> None:
    """Exits where the two are not the same environment."""
    mine, theirs = made(id, 8, "vector_entry_point", **kwargs), made(id, 8, "sync", **kwargs)
    actions = drawn(mine)
    difference = first_difference(mine.reset(seed=1)[0], theirs.reset(seed=1)[0], "the first observation")
    for step in range(COMPARED):
        action = actions[step % len(actions)]
        difference = difference or first_difference(mine.step(action)[:4], theirs.step(action)[:4], f"step {step}")
    if difference:
        raise SystemExit(f"{id} {kwargs}: {difference}")


def compared(ours: Any, peer: Any) -> tuple[float, float, list[float]]:
    """(seconds a step of ours, of the peer, the sorted ratios of the rounds)."""
    sides = [(envs, drawn(envs)) for envs in (ours, peer)]
    for envs, actions in sides:
        envs.reset(seed=0)
        seconds_a_step(envs, actions, 0.05)
    for _ in range(WARM_UP):  # so that the rows do not all end at once
        ours.step(sides[0][1][0])
    rounds = [[seconds_a_step(envs, actions, SECONDS) for envs, actions in sides] for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    return mine, theirs, sorted(other / own for own, other in rounds)


def row(name: str, ours: Any, peer: Any, bar: float) -> bool:
    mine, theirs, ratios = compared(ours, peer)
    ratio = statistics.median(ratios)
    verdict = "" if not bar else f"; bar {bar:g}: {'met' if ratio >= bar else 'MISSED'}"
    speed = ours.num_envs / mine / 1e6
    print(
        f"{name:42} {1e6 * mine:6.0f} us a step, {1e6 * theirs:8,.0f} us; {speed:5.1f} M steps/s; {ratio:6.1f} times "
        f"(from {ratios[0]:.1f} to {ratios[-1]:.1f}){verdict}",
        flush=True,
    )
    return ratio >= bar


def main(num_envs: int = 4096) -> int:
    met = []
    for id, kwargs, bar in BARS:
        check_sameness(id, kwargs)
        name = " ".join([id.split("/")[1], *(f"{key}={value}" for key, value in kwargs.items())])
        ours, peer = (made(id, num_envs, mode, **kwargs) for mode in ("vector_entry_point", "sync"))
        met.append(row(f"{name}, SyncVectorEnv", ours, peer, bar))
    ours, peer = (made(id, num_envs, "vector_entry_point") for id in (BARS[0][0], PEER))
    met.append(row(f"GridWorld-v0, Gymnasium's {PEER}", ours, peer, PEER_BAR))
    return 0 if all(met) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Batch environments against SyncVectorEnv.")
    parser.add_argument("--num-envs", type=int, default=4096, help="rows of a batch (default 4096)")
    sys.exit(main(parser.parse_args().num_envs))
