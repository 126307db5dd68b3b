"""The replay memory of an off-policy learner: what it takes, and how it is kept without pickle and brought back."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.errors import ArtifactRefused, UsageError

LARGEST = 512 * 2**20  # bytes of a memory that a checkpoint still holds; writing a larger one would hold training up
WORTH_TELLING = 256 * 2**20  # bytes
MEMINFO = Path("/proc/meminfo")


def check_memory(
    size: int, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], *, seen: float = 2
) -> str:
    """What a memory of so many steps takes, in words, before anything is allocated; empty where that is little.

    Args:
      seen: observations that are kept of each step.

    Raises:
      UsageError: the machine has not got as much; it says what is free, and what would fit.
    """
    each = seen * _bytes(observation_space) + _bytes(action_space) + 4 + 4 + 4  # reward, end, time limit
    free = available()
    if free is not None and each * size > free:
        fits = f"{0.8 * free / each:.1g}".replace("+0", "").replace("+", "")
        raise UsageError(
            f"a replay memory of {size:,} steps takes {_told(each * size)}, and {_told(free)} are free: "
            f"--set buffer_size={fits} fits"
        )
    if each * size < WORTH_TELLING:
        return ""
    return f"the replay memory of {size:,} steps takes {_told(each * size)}{f' of {_told(free)} free' if free else ''}"


def available() -> int | None:
    """Bytes of memory that a process can get; None where the system does not say."""
    try:
        lines = MEMINFO.read_text().splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), None)


def _bytes(space: spaces.Space[Any]) -> int:
    if isinstance(space, spaces.Dict):
        return sum(_bytes(part) for part in space.spaces.values())
    return math.prod(space.shape or (1,)) * np.dtype(space.dtype).itemsize


def _told(size: float) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"


def kept(buffer: Any) -> dict[str, Any] | None:
    """What is in it, as a tree of arrays and plain values; None where that is too much."""
    filled = buffer.buffer_size if buffer.full else min(buffer.pos + 1, buffer.buffer_size)  # with the next observation
    found = {name: _cut(value, buffer.buffer_size, filled) for name, value in vars(buffer).items() if _is_kept(value)}
    if _size(found) + getattr(buffer, "nbytes", 0) > LARGEST:
        return None
    return found | (buffer.reeled() if hasattr(buffer, "reeled") else {})


def restore(buffer: Any, found: Mapping[str, Any]) -> None:
    """Puts what was kept into an empty memory of the same kind, for as many environments or for another number.

    Raises:
      ArtifactRefused: it is of another kind, or of another number of environments where steps belong together.
    """
    own = vars(buffer)
    if int(found["n_envs"]) != buffer.n_envs:
        _restore_mixed(buffer, found)
        return
    if hasattr(buffer, "wind"):
        if "cuts" not in found:
            raise ArtifactRefused("the replay memory is of another kind: it has no reels of pictures")
        buffer.wind(found)
        found = {name: value for name, value in found.items() if name in own}
    for name, value in found.items():
        if name not in own:
            raise ArtifactRefused(f"the replay memory is of another kind: it has {name}")
        if isinstance(value, dict) or (isinstance(value, np.ndarray) and len(own[name]) == buffer.buffer_size):
            _fill(own[name], value)
        else:
            own[name] = value


def _restore_mixed(buffer: Any, found: Mapping[str, Any]) -> None:
    """Steps are dealt to the environments anew: each stands for itself."""
    if "next_observations" not in found or {"ep_start", "tree"} & set(found) or found.get("n_steps", 1) > 1:
        raise ArtifactRefused(f"its steps belong together, {found['n_envs']} environments at a time")
    steps = int(found["buffer_size"] if found["full"] else found["pos"])
    rows = min(steps * int(found["n_envs"]) // buffer.n_envs, buffer.buffer_size)
    for name, value in found.items():
        if isinstance(value, np.ndarray | dict):
            _fill(vars(buffer)[name], _dealt(value, steps, rows, buffer.n_envs))
    buffer.pos, buffer.full = rows % buffer.buffer_size, rows == buffer.buffer_size


def _dealt(value: Any, steps: int, rows: int, n_envs: int) -> Any:
    if isinstance(value, dict):
        return {name: _dealt(part, steps, rows, n_envs) for name, part in value.items()}
    flat = value[:steps].reshape(-1, *value.shape[2:])
    return flat[: rows * n_envs].reshape(rows, n_envs, *value.shape[2:])


def _is_kept(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(isinstance(part, np.ndarray) for part in value.values())
    return type(value) in (bool, int, float) or (isinstance(value, np.ndarray) and value.dtype.kind in "biuf")


def _cut(value: Any, size: int, filled: int) -> Any:
    if isinstance(value, dict):
        return {name: _cut(part, size, filled) for name, part in value.items()}
    return value[:filled] if isinstance(value, np.ndarray) and len(value) == size else value


def _fill(own: Any, value: Any) -> None:
    if isinstance(own, dict):
        for name, part in own.items():
            _fill(part, value[name])
    else:
        own[: len(value)] = value


def _size(found: Mapping[str, Any]) -> int:
    parts = (value.values() if isinstance(value, dict) else [value] for value in found.values())
    return sum(part.nbytes for some in parts for part in some if isinstance(part, np.ndarray))
