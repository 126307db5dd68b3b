"""Frames a second of GridWorld at 512 x 512, a step between frames, against two environments of Gymnasium.

Those are drawn at their own sizes: FrozenLake-v1 at 256 x 256 pixels, CartPole-v1 at 600 x 400. Each returns frames
that are the caller's to keep. The rounds alternate, so that a busy machine slows all; a ratio is the median over the
rounds. Exits with 1 if one is below the bar.

    python benchmarks/frames.py
"""

import statistics
import sys
import time
from typing import Any

import gymnasium
import numpy as np

import envkit.envs  # noqa: F401 - registers GridWorld

OURS, SIZE = "envkit/GridWorld-v0", (512, 512)
PEERS = {"FrozenLake-v1": (256, 256), "CartPole-v1": (400, 600)}
BAR = 30.0
ROUNDS, SECONDS = 9, 0.4


def frames_a_second(env: gymnasium.Env[Any, Any], size: tuple[int, int]) -> float:
    """Walks at random, rendering after every step."""
    rng = np.random.default_rng(0)
    assert isinstance(env.action_space, gymnasium.spaces.Discrete)
    actions = rng.integers(int(env.action_space.n), size=1_000).tolist()
    env.reset(seed=0)
    first = env.render()
    frames, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < SECONDS:
        _, _, terminated, truncated, _ = env.step(actions[frames % len(actions)])
        frame = env.render()
        frames += 1
        if terminated or truncated:
            env.reset()
    spent = time.perf_counter() - begin
    if not isinstance(frame, np.ndarray) or frame.shape[:2] != size or frame is first:
        raise SystemExit(f"{env} did not render the frame that this is about")
    return frames / spent


def main() -> int:
    sizes = {OURS: SIZE, **PEERS}
    made = {id: gymnasium.make(id, render_mode="rgb_array") for id in sizes}
    rounds = [{id: frames_a_second(env, sizes[id]) for id, env in made.items()} for _ in range(ROUNDS)]
    met = []
    for id in sizes:
        speed = statistics.median(each[id] for each in rounds)
        told = f"{id:22} {sizes[id][1]} x {sizes[id][0]}: {speed:8,.0f} frames/s"
        if id == OURS:
            print(told)
            continue
        ratios = sorted(each[OURS] / each[id] for each in rounds)
        ratio = statistics.median(ratios)
        met.append(ratio >= BAR)
        verdict = "met" if met[-1] else "MISSED"
        print(f"{told}; ours {ratio:.1f} times (from {ratios[0]:.1f} to {ratios[-1]:.1f}); bar {BAR:g}: {verdict}")
    for env in made.values():
        env.close()
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
