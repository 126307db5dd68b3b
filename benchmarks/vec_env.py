"""A batch through `envkit.deep.BatchVecEnv`: steps a second against DummyVecEnv with Monitor over the same game.

The same game on both sides, with the same time limit and random actions drawn beforehand: as a NumPy batch that resets
in the same step, and as single environments one after another, as `make_vec_env` of Stable-Baselines3 makes them. The
rounds alternate, so that a busy machine slows both; the ratio is the median over the rounds. Needs the extra deep.
Exits with 1 where a bar is missed.

    python benchmarks/vec_env.py
"""

import statistics
import sys
import time
from pathlib import Path
from typing import Any

import gymnasium
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

import envkit.envs  # noqa: F401 - registers them

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "deep"))
from vector_games import SameStepCartPole

BARS = {8: 0.95, 64: 1.0, 512: 1.0}  # by the number of environments; from 64 on it has to be quicker
GAMES = ("CartPole-v1", "envkit/GridWorld-v0", "envkit/Shower-v0")
ROUNDS, SECONDS = 9, 0.3
DRAWN = 256


def batch(game: str, count: int) -> Any:
    from envkit.deep import BatchVecEnv

    if game == "CartPole-v1":
        return BatchVecEnv(SameStepCartPole(num_envs=count))
    return BatchVecEnv(gymnasium.make_vec(game, count, autoreset_mode=AutoresetMode.SAME_STEP))


def dummy(game: str, count: int) -> Any:
    from stable_baselines3.common.monitor import Monitor
    from stable_baselines3.common.vec_env import DummyVecEnv

    return DummyVecEnv([lambda: Monitor(gymnasium.make(game))] * count)


def steps_a_second(env: Any, count: int, seconds: float) -> float:
    space = batch_space(env.action_space, count)
    space.seed(0)
    actions = [space.sample() for _ in range(DRAWN)]
    env.seed(0)
    env.reset()
    steps, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        env.step(actions[steps % DRAWN])
        steps += 1
    return steps * count / (time.perf_counter() - begun)


def compared(game: str, count: int, bar: float) -> bool:
    """Prints one line; whether the bar is met."""
    envs = [batch(game, count), dummy(game, count)]
    for env in envs:
        steps_a_second(env, count, SECONDS / 4)  # warms up
    rounds = [[steps_a_second(env, count, SECONDS) for env in envs] for _ in range(ROUNDS)]
    ratios = sorted(ours / theirs for ours, theirs in rounds)
    ratio = statistics.median(ratios)
    met = ratio >= bar if bar < 1 else ratio > bar
    ours, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    said = f"at least {bar:g}" if bar < 1 else f"more than {bar:g}"
    print(
        f"{game:20} {count:4} environments: {ours:>11,.0f} steps/s, DummyVecEnv with Monitor {theirs:>9,.0f}; "
        f"ratio {ratio:.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f}); bar {said}: {'met' if met else 'MISSED'}"
    )
    for env in envs:
        env.close()
    return met


def main() -> int:
    met = [compared(game, count, bar) for game in GAMES for count, bar in BARS.items()]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
