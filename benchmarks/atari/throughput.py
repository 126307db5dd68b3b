"""Steps a second of a whole training by PPO: the kit's, and Stable-Baselines3's as its zoo would run it.

Both learn Breakout on the same device in the same call: the kit with ale-py's batch of 64 games, rollouts on the device
and minibatches of 2,048; the other with eight processes, minibatches of 256 and everything as it comes. Four epochs of
rollouts of 128 steps on both sides. The rounds alternate; what is told is the median of the ratios. --alike gives the
kit the other's sizes, which shows what the engine alone is worth.

    python benchmarks/atari/throughput.py                    # on a GPU, some four minutes
    python benchmarks/atari/throughput.py --alike
    python benchmarks/atari/throughput.py --rounds 1 --steps 1024 --n-envs 4   # a try-out

Exits with 1 where the bar of 3 is missed on a GPU. Needs the extras deep and atari.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

import torch
from engines import GAME, kit, stock
from stable_baselines3 import PPO

from envkit.deep.resident import ResidentPPO

BAR = 3.0
COMMON = {"n_steps": 128, "n_epochs": 4, "ent_coef": 0.01, "clip_range": 0.1, "learning_rate": 2.5e-4, "seed": 0}


def seconds_of(model: Any, steps: int) -> float:
    begun = time.perf_counter()
    model.learn(steps, reset_num_timesteps=False)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compares whole trainings.")
    parser.add_argument("--steps", type=int, default=65_536, help="of each round (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--n-envs", type=int, default=64)
    parser.add_argument("--alike", action="store_true", help="the kit with eight games and minibatches of 256, too")
    parser.add_argument("--device", default="auto")
    asked = parser.parse_args(argv)
    count, size = (8, 256) if asked.alike else (asked.n_envs, min(2048, 128 * asked.n_envs))
    ours = ResidentPPO("CnnPolicy", kit(count), batch_size=size, device=asked.device, **COMMON)
    theirs = PPO("CnnPolicy", stock("SubprocVecEnv", 8), batch_size=256, device=asked.device, **COMMON)
    models = {"kit": (ours, asked.steps), "stable-baselines3": (theirs, max(asked.steps // 4, 1024))}
    for model, _ in models.values():
        seconds_of(model, 128 * model.n_envs)  # warms up
    rounds = []
    for _ in range(asked.rounds):
        rounds.append({name: steps_a_second(model, steps) for name, (model, steps) in models.items()})
    for model, _ in models.values():
        model.get_env().close()
    device = torch.cuda.get_device_name() if ours.device.type == "cuda" else "CPU"
    print(f"{GAME} on {device}, {len(os.sched_getaffinity(0))} cores, torch {torch.__version__}")
    for name, (model, _) in models.items():
        middle = statistics.median(one[name] for one in rounds)
        print(f"  {name:18} {middle:>9,.0f} steps/s with {model.n_envs} games, minibatches of {model.batch_size}")
    ratios = sorted(one["kit"] / one["stable-baselines3"] for one in rounds)
    ratio = statistics.median(ratios)
    barred = ours.device.type == "cuda" and not asked.alike
    verdict = f"; bar {BAR:g}: {'met' if ratio >= BAR else 'MISSED'}" if barred else ""
    print(f"  ratio {ratio:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}){verdict}")
    return 1 if barred and ratio < BAR else 0


def steps_a_second(model: Any, steps: int) -> float:
    before = model.num_timesteps
    seconds = seconds_of(model, steps)
    return float((model.num_timesteps - before) / seconds)


if __name__ == "__main__":
    sys.exit(main())
