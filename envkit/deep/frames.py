"""A replay memory of stacked pictures that keeps each picture once.

A stack of four pictures is seen twice, as the next observation of one step and as the observation of the one after, and
three of its pictures were in the stack before. So of 100,000 steps of an Atari game 0.7 GB are kept instead of 5.6,
and what is drawn is the same to the bit. Pictures that are no stack, such as colours, are kept once instead of twice.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.buffers import ReplayBuffer

from envkit.deep.q_learning import PrioritizedReplayBuffer

REEL = "reel-"
MOVES = (1, 3)  # how many of a stack's pictures are new after a step: one, or the three colours of one
BLOCK = 64  # pictures that are allocated together, and freed together


class Reel:
    """The pictures of one environment in the order in which they were seen; the oldest are cut off.

    Args:
      shape: (pictures in a stack, height, width).
    """

    def __init__(self, shape: tuple[int, ...], dtype: Any):
        self.shape, self.dtype = shape, dtype
        self.blocks: deque[Any] = deque()
        self.cut = 0  # blocks that are gone
        self.length = 0  # pictures there have been so far
        self.last = -1  # the end of the stack that was put last

    def put(self, stack: Any) -> int:
        """Where the stack ends, for `get`; new are only those of its pictures that the last one has not had."""
        if self.last >= 0:
            before = self.get(self.last)
            if np.array_equal(before, stack):
                return self.last
            moved = next((by for by in MOVES if np.array_equal(before[by:], stack[:-by])), 0)
            stack = stack[-moved:]  # all of it where it has not moved so
        for picture in stack:
            if self.length % BLOCK == 0:
                self.blocks.append(np.empty((BLOCK, *self.shape[1:]), self.dtype))
            self.blocks[-1][self.length % BLOCK] = picture
            self.length += 1
        self.last = self.length - 1  # always: what is put is what ends there, or has just been put behind it
        return self.last

    def get(self, end: int) -> Any:
        """[pictures, height, width]: the stack that ends there."""
        begin = end + 1 - self.shape[0]
        first, last = begin // BLOCK - self.cut, end // BLOCK - self.cut
        if first == last:
            return self.blocks[first][begin % BLOCK : end % BLOCK + 1]
        parts = [self.blocks[first][begin % BLOCK :], *(self.blocks[place] for place in range(first + 1, last))]
        return np.concatenate([*parts, self.blocks[last][: end % BLOCK + 1]])

    def forget(self, end: int) -> None:
        """That all stacks before the one that ends there are not wanted any more."""
        while self.cut < (end + 1 - self.shape[0]) // BLOCK:
            self.blocks.popleft()
            self.cut += 1

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self.blocks)

    def pictures(self) -> Any:
        """[N, height, width]: those that are left."""
        parts = [*self.blocks] or [np.empty((0, *self.shape[1:]), self.dtype)]
        return np.concatenate(parts)[: self.length - self.cut * BLOCK]

    def refill(self, pictures: Any, cut: int) -> None:
        """As one was from which `pictures` were left, and so many blocks gone."""
        self.blocks.clear()
        self.cut = cut
        for first in range(0, len(pictures), BLOCK):
            part = pictures[first : first + BLOCK]
            self.blocks.append(np.empty((BLOCK, *self.shape[1:]), self.dtype))
            self.blocks[-1][: len(part)] = part
        self.length = cut * BLOCK + len(pictures)
        self.last = self.length - 1


class Stacks:
    """What looks like an array [steps, environments, *shape], and takes its stacks from the reels.

    Args:
      reels: of each environment.
      rows: steps.
    """

    def __init__(self, reels: list[Reel], rows: int):
        self.reels = reels
        self.ends = np.zeros((rows, len(reels)), np.int64)

    def __setitem__(self, row: int, observations: Any) -> None:
        self.ends[row] = [reel.put(stack) for reel, stack in zip(self.reels, observations, strict=True)]

    def __getitem__(self, places: Any) -> Any:
        """[..., *shape]: of steps and environments, as two arrays; or of a slice of steps, of all environments."""
        steps, envs = places[:2] if isinstance(places, tuple) else (places, slice(None))
        ends = self.ends[steps, envs]
        rows = np.broadcast_to(np.arange(len(self.reels))[envs], ends.shape)
        found = np.empty((ends.size, *self.reels[0].shape), self.reels[0].dtype)
        for place, (end, env) in enumerate(zip(ends.ravel().tolist(), rows.ravel().tolist(), strict=True)):
            found[place] = self.reels[env].get(end)
        return found.reshape(*ends.shape, *self.reels[0].shape)


class FrameReplayBuffer(ReplayBuffer):  # type: ignore[misc]
    """Stable-Baselines3's, with each picture once."""

    def __init__(self, buffer_size: int, observation_space: spaces.Space[Any], *args: Any, **kwargs: Any):
        shape, dtype = observation_space.shape or (), observation_space.dtype
        super().__init__(buffer_size, spaces.Box(0, 1, (1,)), *args, **kwargs)  # so that it allocates next to nothing
        self.observation_space, self.obs_shape = observation_space, shape
        self.reels = [Reel(shape, dtype) for _ in range(self.n_envs)]
        self.observations = Stacks(self.reels, self.buffer_size)
        self.next_observations = Stacks(self.reels, self.buffer_size)

    def add(self, *args: Any, **kwargs: Any) -> None:
        super().add(*args, **kwargs)
        if self.full:  # the oldest step is the one that is overwritten next
            for reel, end in zip(self.reels, self.observations.ends[self.pos].tolist(), strict=True):
                reel.forget(end)

    def reeled(self) -> dict[str, Any]:
        """What its other arrays do not hold, for `wind`."""
        pictures = {f"{REEL}{number}": reel.pictures() for number, reel in enumerate(self.reels)}
        ends = {"ends": self.observations.ends, "next_ends": self.next_observations.ends}
        return pictures | ends | {"cuts": np.array([reel.cut for reel in self.reels])}

    @property
    def nbytes(self) -> int:
        """Of the pictures."""
        return sum(reel.nbytes for reel in self.reels)

    def wind(self, found: Mapping[str, Any]) -> None:
        """Puts back what `reeled` told, of as many environments and steps."""
        for number, reel in enumerate(self.reels):
            reel.refill(found[f"{REEL}{number}"], int(found["cuts"][number]))
        self.observations.ends[:], self.next_observations.ends[:] = found["ends"], found["next_ends"]


class PrioritizedFrameReplayBuffer(FrameReplayBuffer, PrioritizedReplayBuffer):
    """The prioritised one, likewise."""
