"""Frames a second of GridWorld at 512 x 512, a step between frames, against FrozenLake-v1 at its own 256 x 256.

Both draw a board with an agent on it and return a frame that is the caller's to keep. The rounds alternate, so that a
busy machine slows both; the ratio is the median over the rounds. Exits with 1 if it is below the bar.

    python benchmarks/frames.py
"""

import statistics
import sys
import time
from typing import Any

import gymnasium
import numpy as np

import envkit.envs  # noqa: F401 - registers GridWorld

BAR = 20.0
ROUNDS = 7


def frames_a_second(env: gymnasium.Env[Any, Any], seconds: float) -> float:
    """Walks at random, rendering after every step."""
    actions = [int(action) for action in np.random.default_rng(0).integers(4, size=1_000)]
    env.reset(seed=0)
    env.render()
    frames, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        _, _, terminated, truncated, _ = env.step(actions[frames % len(actions)])
        frame = env.render()
        frames += 1
        if terminated or truncated:
            env.reset()
    spent = time.perf_counter() - begin
    if not isinstance(frame, np.ndarray) or len(frame) not in (256, 512):
        raise SystemExit(f"{env} did not render the frame that this is about")
    return frames / spent


def main() -> int:
    ours = gymnasium.make("envkit/GridWorld-v0", render_mode="rgb_array")
    theirs = gymnasium.make("FrozenLake-v1", render_mode="rgb_array")
    rounds = [(frames_a_second(ours, 0.5), frames_a_second(theirs, 0.5)) for _ in range(ROUNDS)]
    ratios = sorted(mine / peer for mine, peer in rounds)
    for name, speeds in zip(("GridWorld 512 x 512", "FrozenLake 256 x 256"), zip(*rounds, strict=True), strict=True):
        print(f"{name:22}{statistics.median(speeds):>10,.0f} frames/s")
    ratio = statistics.median(ratios)
    print(f"{'ratio':22}{ratio:>10.1f} (from {ratios[0]:.1f} to {ratios[-1]:.1f}; the bar is {BAR:g})")
    ours.close()
    theirs.close()
    return 0 if ratio >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
