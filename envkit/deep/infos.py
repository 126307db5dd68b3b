"""The infos of a batch, one dict of arrays, as Stable-Baselines3 wants them: a dict for each environment."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np

FINAL = ("final_obs", "final_info")  # of the episodes that a SAME_STEP batch has ended
PYTHONS = (np.dtype(np.int64), np.dtype(np.float64), np.dtype(np.bool_))  # what a batch makes of Python's own numbers


def scatter(batch: Mapping[str, Any], into: Sequence[MutableMapping[str, Any]]) -> None:
    """Writes to each environment's dict what the batch says of it.

    A key counts where its mask `_key` says so, and everywhere without one. Arrays are copied once, and the environments
    get rows of the copy.

    Args:
      into: a dict for each environment of the batch, [N].
    """
    for key, values in batch.items():
        if key in FINAL or (key.startswith("_") and key[1:] in batch):
            continue
        mask = batch.get(f"_{key}")
        places = range(len(into)) if mask is None else np.flatnonzero(mask).tolist()
        if isinstance(values, Mapping):
            parts: list[dict[str, Any]] = [{} for _ in into]
            scatter(values, parts)
            rows: Sequence[Any] = parts
        else:
            rows = _rows(values, len(into))
        for place in places:
            into[place][key] = rows[place]


def _rows(values: Any, count: int) -> Sequence[Any]:
    """A value for each environment; what is no batch belongs to each of them."""
    if isinstance(values, np.ndarray) and values.shape[:1] == (count,):
        return values.tolist() if values.dtype in PYTHONS and values.ndim == 1 else list(values.copy())
    return values if isinstance(values, list | tuple) and len(values) == count else [values] * count
