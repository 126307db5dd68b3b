"""A tree of plain values, arrays and tensors as arrays alone, so that it can be kept without pickle, and back.

The structure is a JSON text beside the arrays, in which each array and tensor is a number.
"""

import json
from typing import Any

import numpy as np

from envkit.core.errors import ArtifactRefused
from envkit.core.show import error_line
from envkit.runs.arrays import Arrays

STRUCTURE = "structure"
PLAIN = (str, int, float, bool, type(None))


def packed(tree: Any) -> dict[str, Any]:
    """The arrays of a tree of dictionaries, lists, tuples, plain values, NumPy arrays and torch's tensors.

    Raises:
      TypeError: something else is in it.
    """
    arrays: dict[str, Any] = {}

    def told(value: Any) -> Any:
        if type(value) in PLAIN:
            return {"value": value}
        if isinstance(value, dict):
            return {"dict": [[told(key), told(part)] for key, part in value.items()]}
        if isinstance(value, list | tuple):
            return {"list" if isinstance(value, list) else "tuple": [told(part) for part in value]}
        is_tensor = hasattr(value, "detach")
        array = value.detach().cpu().numpy() if is_tensor else value
        if not isinstance(array, np.ndarray | np.generic) or array.dtype.kind not in "biuf":
            raise TypeError(f"{type(value).__name__} cannot be kept without pickle")
        name = f"array-{len(arrays)}"
        arrays[name] = np.array(array)  # a copy: what is trained goes on changing
        return {"tensor" if is_tensor else "array" if isinstance(value, np.ndarray) else "scalar": name}

    structure = told(tree)
    return {**arrays, STRUCTURE: np.array(json.dumps(structure))}


def unpacked(arrays: Arrays, where: str) -> Any:
    """The tree again; tensors are NumPy arrays of a type of their own, `Tensor`.

    Raises:
      ArtifactRefused: the arrays hold no tree.
    """

    def read(told: Any) -> Any:
        ((kind, value),) = told.items()
        if kind == "value":
            return value
        if kind == "dict":
            return {read(key): read(part) for key, part in value}
        if kind in ("list", "tuple"):
            parts = [read(part) for part in value]
            return parts if kind == "list" else tuple(parts)
        array = arrays[value]
        return array.view(Tensor) if kind == "tensor" else array if kind == "array" else array[()]

    try:
        return read(json.loads(str(arrays[STRUCTURE])))
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ArtifactRefused(f"{where} is damaged, or not of envkit: {error_line(error)}") from error


class Tensor(np.ndarray[Any, Any]):
    """The values of what was a tensor."""


def with_tensors(tree: Any) -> Any:
    """The tree with torch's tensors where they were."""
    import torch

    if isinstance(tree, Tensor):
        return torch.from_numpy(np.array(tree))
    if isinstance(tree, dict):
        return {key: with_tensors(part) for key, part in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(with_tensors(part) for part in tree)
    return tree
