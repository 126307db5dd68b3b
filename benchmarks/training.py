"""What the kit adds to a training: seconds of CPU beside a bare `model.learn()`, same settings, same seeds.

Both train on one thread with the settings of Stable-Baselines3, without evaluations and without files; the kit's part
is what it writes down, looks at and could go on from. An on-policy learner, one of values and one of actors and
critics. The two run at the same time, each a process of its own, and share one processor: the system gives them turns
of a few thousandths of a second, so that a machine that is slow for a while is so for both alike. What is told is the
median of the ratios. Both have to end with the same weights, to the bit. Exits with 1 where the bar is missed. Needs
the extra deep.

    python benchmarks/training.py          # some ten minutes
    python benchmarks/training.py ppo      # one of them
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import gymnasium
import numpy as np

from envkit.core.ref import EnvRef
from envkit.core.settings import settled
from envkit.deep.learner import Episode, Learner, Learning, Training
from envkit.workflows.algorithms import find

ROUNDS, BAR = 7, 1.03
WARM_UP = 1_200  # steps before the first round


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


def bare(case: Case, seed: int) -> tuple[float, dict[str, Any]]:
    """(seconds, weights) as the documentation of Stable-Baselines3 has it."""
    import stable_baselines3
    import torch

    torch.set_num_threads(1)
    algorithm = getattr(stable_baselines3, case.theirs)
    model = algorithm("MlpPolicy", gymnasium.make(case.env), seed=seed, device="cpu", **case.settings)
    begun = time.process_time()
    model.learn(case.steps)
    return time.process_time() - begun, {name: value.numpy() for name, value in model.policy.state_dict().items()}


def ours(name: str, case: Case, seed: int) -> tuple[float, dict[str, Any]]:
    learner = find(name)
    assert isinstance(learner, Learner)
    settings = settled(learner.settings, case.settings)
    task = Training(EnvRef.of(case.env), seed, case.steps, 1, settings, "cpu", Nobody())
    begun = time.process_time()
    trained = learner.train(task)
    seconds, weights = time.process_time() - begun, trained.learning.weights()
    state = {key: value for key, value in weights.items() if key.startswith("state/")}
    return seconds, {key.removeprefix("state/"): value for key, value in state.items()}


def side(name: str, *, kit: bool) -> None:
    """One process of two: reads a seed a line, and answers with the seconds and digests of the weights."""
    case = CASES[name]

    def trained(steps: int, seed: int) -> tuple[float, dict[str, Any]]:
        shortened = replace(case, steps=steps)
        return ours(name, shortened, seed) if kit else bare(shortened, seed)

    trained(min(case.steps, WARM_UP), 0)  # imports, caches
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, weights = trained(case.steps, int(line))
        held = {key: np.ascontiguousarray(each).tobytes() for key, each in weights.items()}
        print(json.dumps([seconds, {key: hashlib.sha256(each).hexdigest() for key, each in held.items()}]), flush=True)


def measured(name: str) -> bool:
    """Whether the bar is met, or nothing can be said, for the two did not do the same work."""
    case, ratios = CASES[name], []
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # the two inherit it
    with ExitStack() as ending:
        sides = [ending.enter_context(_started(name, told)) for told in ("--bare", "--kit")]
        for one in sides:
            _answer(one)
        for seed in range(ROUNDS):
            for one in sides:
                assert one.stdin
                one.stdin.write(f"{seed}\n")
                one.stdin.flush()
            (theirs, weights), (own, kept) = (json.loads(_answer(one)) for one in sides)
            if any(kept[key] != digest for key, digest in weights.items()):  # the kit's side keeps more
                print(f"{name}, seed {seed}: the weights differ, so the two did not do the same work")
                return False
            ratios.append(own / theirs)
            print(f"{name}, seed {seed}: bare {theirs:.2f} s, envkit {own:.2f} s, ratio {ratios[-1]:.3f}", flush=True)
    ratio = statistics.median(ratios)
    met = bool(ratio <= BAR)
    print(
        f"{name} on {case.env}, {case.steps:,} steps, the same weights each time: median ratio {ratio:.3f}, "
        f"{min(ratios):.3f} to {max(ratios):.3f}; bar {BAR}: {'met' if met else 'MISSED'}"
    )
    return met


def _started(name: str, told: str) -> subprocess.Popen[str]:
    program = [sys.executable, __file__, name, told]
    return subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _answer(one: subprocess.Popen[str]) -> str:
    assert one.stdout
    line = one.stdout.readline()
    if not line:
        sys.exit("one of the two processes ended before its answer")
    return line


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}; all by default")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--kit", dest="kit", action="store_true", default=None, help=argparse.SUPPRESS)
    which.add_argument("--bare", dest="kit", action="store_false", help=argparse.SUPPRESS)
    given = parser.parse_args()
    names = given.names or list(CASES)
    unknown = sorted(set(names) - set(CASES))
    if unknown:
        parser.error(f"{unknown[0]} is none of {', '.join(CASES)}")
    if given.kit is not None:
        side(names[0], kit=given.kit)
        return 0
    met = [measured(name) for name in names]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
