"""The loops that are timed. Actions are drawn before, and each loop resets what has ended, so resets are included."""

import contextlib
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, VectorEnv


class Single:
    """One environment, stepped with actions in turn, and rendered after each step if that is wanted."""

    def __init__(self, env: Any, actions: Sequence[Any], *, seed: int, limit: float = np.inf, rendered: bool = False):
        """
        Args:
          limit: steps after which an episode is given up, for an environment without its wrapper for that.
        """
        self.env, self.limit, self.rendered = env, limit, rendered
        self.actions = itertools.cycle(actions)
        self.length = self.calls = 0
        env.reset(seed=seed)

    def play(self, calls: int) -> None:
        step, limit, length = self.env.step, self.limit, self.length
        render = self.env.render if self.rendered else None
        for action in itertools.islice(self.actions, calls):
            _, _, terminated, truncated, _ = step(action)
            if render is not None:
                render()
            length += 1
            if terminated or truncated or length >= limit:
                self.env.reset()
                length = 0
        self.length, self.calls = length, calls

    def counted(self) -> int:
        return self.calls

    def close(self) -> None:
        with contextlib.suppress(Exception):  # what closing does is for `envkit check` to judge
            self.env.close()


class Batch:
    """A `VectorEnv`. Where it resets in the next step, that step is no step of the environment and does not count."""

    def __init__(self, env: VectorEnv[Any, Any, Any], actions: Sequence[Any], *, seed: int):
        self.env, self.actions = env, itertools.cycle(actions)
        self.idle = env.metadata.get("autoreset_mode") != AutoresetMode.SAME_STEP
        self.steps = 0
        env.reset(seed=seed)

    def play(self, calls: int) -> None:
        step = self.env.step
        ends: list[tuple[Any, Any]] = []
        for action in itertools.islice(self.actions, calls):
            _, _, terminated, truncated, _ = step(action)
            ends.append((terminated, truncated))
        self.ends, self.calls = ends, calls

    def counted(self) -> int:
        resets = sum(int(np.logical_or(*pair).sum()) for pair in self.ends) if self.idle else 0
        return self.calls * self.env.num_envs - resets

    def close(self) -> None:
        how = {}
        if isinstance(self.env.unwrapped, AsyncVectorEnv):
            how = {"terminate": True}
            # SDL takes SIGTERM for a click on the close button, and workers have inherited that: only this ends them.
            # Whatever they have started themselves is ended with the child.
            for worker in self.env.unwrapped.processes:
                worker.kill()
        with contextlib.suppress(Exception):
            self.env.close(**how)


class Trained:
    """A `VecEnv` of Stable-Baselines3, which resets by itself."""

    def __init__(self, env: Any, actions: Sequence[Any], *, seed: int):
        self.env, self.actions = env, itertools.cycle(actions)
        self.calls = 0
        env.seed(seed)
        env.reset()

    def play(self, calls: int) -> None:
        step = self.env.step
        for action in itertools.islice(self.actions, calls):
            step(action)
        self.calls = calls

    def counted(self) -> int:
        return self.calls * int(self.env.num_envs)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.env.close()


class Repeated:
    """A call, over and over."""

    def __init__(self, call: Callable[[], object], end: Callable[[], object] = lambda: None):
        self.call, self.end, self.calls = call, end, 0

    def play(self, calls: int) -> None:
        call = self.call
        for _ in range(calls):
            call()
        self.calls = calls

    def counted(self) -> int:
        return self.calls

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.end()
