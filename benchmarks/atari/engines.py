"""Atari games a second: the kit's training environments, ale-py's own batch, and Stable-Baselines3's environments.

All play Breakout by the same rules (four frames an action, 84x84, four pictures, a life is an episode, rewards clipped)
with the same random actions: the kit's adapter over ale-py's batch with both views of the learner; the bare
AtariVectorEnv; and `make_atari_env` with a stack of four frames, in one process and in as many as there are cores. The
rounds alternate, so that a busy machine slows all; what is told is the median of the ratios. Exits with 1 where a bar
is missed. Needs the extras deep and atari.

    python benchmarks/atari/engines.py                # some four minutes
    python benchmarks/atari/engines.py --n-envs 8 64 --seconds 5
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode

GAME = "BreakoutNoFrameskip-v4"
OURS, OWN = "kit", "AtariVectorEnv"
BARS = {OWN: 0.95, "DummyVecEnv": 2.2, "SubprocVecEnv": 2.2}  # of the kit's steps a second
ROUNDS = 7


class Bare:
    """AtariVectorEnv as it is, with the learner's views inside, resetting when the kit's does."""

    def __init__(self, count: int):
        from ale_py.vector_env import AtariVectorEnv

        self.env = AtariVectorEnv(
            "breakout", count, life_loss_info=True, reward_clipping=True, autoreset_mode=AutoresetMode.SAME_STEP
        )

    def reset(self) -> None:
        self.env.reset(seed=0)

    def step(self, actions: Any) -> None:
        self.env.step(actions)

    def close(self) -> None:
        self.env.close()


def kit(count: int) -> Any:
    from envkit.core.ref import EnvRef
    from envkit.deep.native import NativeVecEnv
    from envkit.deep.views import ViewedVecEnv

    vec = ViewedVecEnv(NativeVecEnv(EnvRef(f"{GAME} with atari"), count), life_ends=True, clip_rewards=True)
    vec.seed(0)
    return vec


def stock(kind: str, count: int) -> Any:
    """As SB3's own users make it; its processes import ale-py, for they know no environment by themselves."""
    import ale_py
    from stable_baselines3.common import vec_env
    from stable_baselines3.common.env_util import make_atari_env

    gymnasium_knows(ale_py)
    how = {"vec_env_kwargs": {"start_method": "fork"}} if kind == "SubprocVecEnv" else {}
    return vec_env.VecFrameStack(make_atari_env(GAME, count, seed=0, vec_env_cls=getattr(vec_env, kind), **how), 4)


def gymnasium_knows(package: Any) -> None:
    import gymnasium

    gymnasium.register_envs(package)


def steps_a_second(env: Any, count: int, seconds: float) -> float:
    actions = np.random.default_rng(0).integers(4, size=(256, count))
    steps, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        env.step(actions[steps % 256])
        steps += 1
    return steps * count / (time.perf_counter() - begun)


def compared(count: int, seconds: float, rounds: int) -> bool:
    """Prints a line for each of the others; whether all bars are met."""
    makers: dict[str, Callable[[int], Any]] = {OURS: kit, OWN: Bare}
    makers |= {name: lambda n, name=name: stock(name, n) for name in BARS if name != OWN}
    envs = {}
    for name, make in makers.items():
        envs[name] = make(count)
        envs[name].reset()
        steps_a_second(envs[name], count, seconds / 4)  # warms up
    found = [{name: steps_a_second(env, count, seconds) for name, env in envs.items()} for _ in range(rounds)]
    for env in envs.values():
        env.close()
    met = True
    ours = statistics.median(one[OURS] for one in found)
    print(f"{count} games at once on {os.cpu_count()} cores: kit {ours:,.0f} steps/s")
    for name, bar in BARS.items():
        ratios = sorted(one[OURS] / one[name] for one in found)
        ratio, theirs = statistics.median(ratios), statistics.median(one[name] for one in found)
        met &= ratio >= bar
        spread = f"ratio {ratio:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), at least {bar:g}"
        print(f"  {name:14} {theirs:>7,.0f} steps/s; {spread}: {'met' if ratio >= bar else 'MISSED'}")
    return met


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compares engines of Atari games.")
    parser.add_argument("--n-envs", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args(argv)
    met = [compared(count, asked.seconds, asked.rounds) for count in asked.n_envs]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
