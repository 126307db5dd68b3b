"""A value's fingerprint: two values that are equal in kind, type, shape and bytes have the same, and no others.

What is hashed is the structure with the bytes of every array in it, so that an image of a million pixels is kept as 64
characters. Dictionaries are the same in whatever order their keys are.
"""

import hashlib
from math import prod
from typing import Any

import numpy as np

from envkit.core.codec import PLAIN, NotPlain


def digest(value: Any) -> str:
    """SHA-256 in hexadecimal.

    Raises:
      NotPlain: the value is, or holds, what `envkit.core.codec` has no JSON for.
    """
    whole = hashlib.sha256()
    _add(whole, value)
    return whole.hexdigest()


def extent(value: Any) -> int:
    """How many numbers and characters a value has, roughly."""
    if isinstance(value, np.ndarray):
        return prod(value.shape) * max(int(value.dtype.itemsize) // 8, 1)
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(extent, value.values())) + len(value)
    if isinstance(value, tuple | list):
        return sum(map(extent, value)) + 1
    return 1


def _add(whole: Any, value: Any) -> None:
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufU":
        kind = "array" if isinstance(value, np.ndarray) else "scalar"
        _tell(whole, kind, value.dtype.str, value.shape)
        whole.update(np.ascontiguousarray(value).tobytes())
    elif type(value) in PLAIN:
        _tell(whole, type(value).__name__, value)
    elif isinstance(value, dict):
        _tell(whole, "dict", len(value))
        for key in sorted(value, key=repr):
            _tell(whole, type(key).__name__, key)
            _add(whole, value[key])
    elif type(value) in (tuple, list) or hasattr(value, "edge_links"):  # the last is a GraphInstance
        _tell(whole, type(value).__name__, len(value))
        for part in value:
            _add(whole, part)
    else:
        raise NotPlain(f"{type(value).__name__} has no JSON form here")


def _tell(whole: Any, *words: Any) -> None:
    text = repr(words).encode("utf-8", "backslashreplace")
    whole.update(len(text).to_bytes(8, "little") + text)
