"""What the kit adds to a training: seconds of `envkit.solve` against a bare `model.learn()`, same settings, same seeds.

Both train on one thread with the settings of Stable-Baselines3, without evaluations and without files; the kit's part
is what it writes down, looks at and could go on from. An on-policy learner, one of values and one of actors and
critics. The rounds alternate, so that a busy machine slows both; what is told is the median of the ratios, by CPU
time. Both have to end with the same weights, to the bit. Exits with 1 where the bar is missed. Needs the extra deep.

    python benchmarks/training.py          # some four minutes
    python benchmarks/training.py ppo      # one of them
"""

import argparse
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gymnasium
import numpy as np

from envkit.core.ref import EnvRef
from envkit.core.settings import settled
from envkit.deep.learner import Episode, Learner, Learning, Training
from envkit.workflows.algorithms import find

ROUNDS, BAR = 7, 1.03


@dataclass(frozen=True)
class Case:
    """A training that both do.

    Args:
      theirs: what Stable-Baselines3 calls the algorithm.
      settings: where the kit's defaults are not its own.
    """

    theirs: str
    env: str
    steps: int
    settings: Mapping[str, Any] = field(default_factory=dict)


CASES = {
    "ppo": Case("PPO", "CartPole-v1", 20_480),
    "dqn": Case("DQN", "CartPole-v1", 20_000, {"buffer_size": 20_000, "learning_starts": 1000}),
    "sac": Case("SAC", "Pendulum-v1", 1_500, {"buffer_size": 20_000, "learning_starts": 100}),
}


class Nobody:
    """An overseer that only listens."""

    def ended(self, episode: Episode) -> None: ...

    def logged(self, steps: int, values: Any) -> None: ...

    def noticed(self, text: str) -> None: ...

    def stepped(self, learning: Learning) -> bool:  # noqa: ARG002 - the protocol's
        return True

    def at_rest(self, learning: Learning) -> bool:  # noqa: ARG002 - likewise
        return True


def bare(case: Case, seed: int) -> tuple[float, Any]:
    """(seconds, weights) as the documentation of Stable-Baselines3 has it."""
    import stable_baselines3
    import torch

    torch.set_num_threads(1)
    algorithm = getattr(stable_baselines3, case.theirs)
    model = algorithm("MlpPolicy", gymnasium.make(case.env), seed=seed, device="cpu", **case.settings)
    begun = time.process_time()
    model.learn(case.steps)
    return time.process_time() - begun, model.policy.state_dict()


def ours(name: str, case: Case, seed: int) -> tuple[float, Any]:
    learner = find(name)
    assert isinstance(learner, Learner)
    settings = settled(learner.settings, case.settings)
    task = Training(EnvRef.of(case.env), seed, case.steps, 1, settings, "cpu", Nobody())
    begun = time.process_time()
    trained = learner.train(task)
    return time.process_time() - begun, trained.learning.weights()


def measured(name: str) -> bool:
    """Whether the bar is met, or nothing can be said, for the two did not do the same work."""
    case = CASES[name]
    bare(case, 0), ours(name, case, 0)  # imports, caches
    ratios = []
    for seed in range(ROUNDS):
        theirs, weights = bare(case, seed)
        own, kept = ours(name, case, seed)
        if not all(np.array_equal(kept[f"state/{key}"], value.numpy()) for key, value in weights.items()):
            print(f"{name}, seed {seed}: the weights differ, so the two did not do the same work")
            return False
        ratios.append(own / theirs)
        print(f"{name}, seed {seed}: bare {theirs:.2f} s, envkit {own:.2f} s, ratio {ratios[-1]:.3f}", flush=True)
    ratio = statistics.median(ratios)
    met = ratio <= BAR
    print(
        f"{name} on {case.env}, {case.steps:,} steps, the same weights each time: median ratio {ratio:.3f}, "
        f"{min(ratios):.3f} to {max(ratios):.3f}; bar {BAR}: {'met' if met else 'MISSED'}"
    )
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}; all by default")
    names = parser.parse_args().names or list(CASES)
    unknown = sorted(set(names) - set(CASES))
    if unknown:
        parser.error(f"{unknown[0]} is none of {', '.join(CASES)}")
    met = [measured(name) for name in names]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
