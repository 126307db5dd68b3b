"""What the kit adds to a training: seconds of `envkit.solve` against a bare `model.learn()`, same settings, same seeds.

Both train PPO on CartPole-v1 on one thread, with the settings of Stable-Baselines3's PPO, without evaluations and
without files; the kit's part is what it writes down, looks at and could go on from. The rounds alternate, so that a
busy machine slows both; what is told is the median of the ratios, by CPU time. Both have to end with the same
weights, to the bit. Exits with 1 where the bar is missed. Needs the extra deep.

    python benchmarks/training.py
"""

import statistics
import sys
import time
from typing import Any

import gymnasium
import numpy as np

from envkit.core.ref import EnvRef
from envkit.core.settings import settled
from envkit.deep.learner import Episode, Learning, Training
from envkit.deep.learners.ppo import LEARNER

STEPS, ROUNDS, BAR = 20_480, 7, 1.03


class Nobody:
    """An overseer that only listens."""

    def ended(self, episode: Episode) -> None: ...

    def logged(self, steps: int, values: Any) -> None: ...

    def stepped(self, learning: Learning) -> bool:  # noqa: ARG002 - the protocol's
        return True

    def at_rest(self, learning: Learning) -> bool:  # noqa: ARG002 - likewise
        return True


def bare(seed: int) -> tuple[float, Any]:
    """(seconds, weights) as the documentation of Stable-Baselines3 has it."""
    import torch
    from stable_baselines3 import PPO

    torch.set_num_threads(1)
    model = PPO("MlpPolicy", gymnasium.make("CartPole-v1"), seed=seed, device="cpu")
    begun = time.process_time()
    model.learn(STEPS)
    return time.process_time() - begun, model.policy.state_dict()


def ours(seed: int) -> tuple[float, Any]:
    settings = settled(LEARNER.settings, {})
    task = Training(EnvRef.of("CartPole-v1"), seed, STEPS, 1, settings, "cpu", Nobody())
    begun = time.process_time()
    trained = LEARNER.train(task)
    return time.process_time() - begun, trained.learning.weights()


def main() -> int:
    bare(0), ours(0)  # imports, caches
    ratios = []
    for seed in range(ROUNDS):
        theirs, weights = bare(seed)
        own, kept = ours(seed)
        alike = all(np.array_equal(kept[f"state/{name}"], value.numpy()) for name, value in weights.items())
        if not alike:
            print(f"seed {seed}: the weights differ, so the two did not do the same work")
            return 1
        ratios.append(own / theirs)
        print(
            f"seed {seed}: bare {theirs:.2f} s, envkit {own:.2f} s, ratio {ratios[-1]:.3f}; the same weights",
            flush=True,
        )
    ratio = statistics.median(ratios)
    met = ratio <= BAR
    print(f"median ratio {ratio:.3f}, {min(ratios):.3f} to {max(ratios):.3f}; bar {BAR}: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
