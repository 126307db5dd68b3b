"""When two environments are in the same state, as far as their attributes tell."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

MOST_DEPTH = 12
MOST_PARTS = 20_000
IGNORED = {
    "_np_random",
    "_np_random_seed",
    "np_random",
    "spec",
    "metadata",
    "render_mode",
    "action_space",
    "observation_space",
}


class Opaque(Exception):
    """An attribute's value cannot be compared by what it holds."""


def attributes(env: Any) -> dict[str, bytes]:
    """{name: digest} of what the environment holds, without its generator, spaces and settings.

    Raises:
      Opaque: something is held that cannot be read, such as a simulator behind a foreign function.
    """
    held = getattr(env, "__dict__", None)
    if held is None:
        raise Opaque("the environment has no attributes")
    budget = [MOST_PARTS]
    return {name: _digest(value, budget) for name, value in held.items() if name not in IGNORED}


def counters(env: Any) -> dict[str, int]:
    """The attributes that are whole numbers: those that only count steps are told apart by their course."""
    held = getattr(env, "__dict__", {}).items()
    whole = {name: value for name, value in held if isinstance(value, int | np.integer)}
    return {name: int(value) for name, value in whole.items() if not isinstance(value, bool | np.bool_)}


def generator_state(env: Any) -> bytes:
    """A digest of the state of the environment's own generator; empty where it has none yet."""
    generator = getattr(env, "_np_random", None)
    return b"" if generator is None else hashlib.blake2b(repr(generator.bit_generator.state).encode()).digest()


def digest(value: Any) -> bytes:
    """The same for equal values. Raises Opaque."""
    return _digest(value, [MOST_PARTS])


def _digest(value: Any, budget: list[int]) -> bytes:
    hasher = hashlib.blake2b(digest_size=16)
    _feed(hasher, value, MOST_DEPTH, budget)
    return hasher.digest()


def _feed(hasher: Any, value: Any, depth: int, budget: list[int]) -> None:
    budget[0] -= 1
    if depth == 0 or budget[0] < 0:
        raise Opaque("the environment holds too much, or too deeply nested, to be read")
    hasher.update(type(value).__qualname__.encode() + b"(")
    if isinstance(value, str | bytes | int | float | complex | type(None) | type):
        hasher.update(repr(value).encode(errors="replace"))
    elif isinstance(value, np.random.Generator | np.random.RandomState):
        pass  # a second generator is left out as the first one is
    elif isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.hasobject:
            raise Opaque("an array of objects")
        hasher.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
    elif isinstance(value, set | frozenset):
        hasher.update(b"".join(sorted(_digest(part, budget) for part in value)))
    elif isinstance(value, Mapping):
        for key, part in value.items():
            _feed(hasher, key, depth - 1, budget)
            _feed(hasher, part, depth - 1, budget)
    elif isinstance(value, list | tuple):
        for part in value:
            _feed(hasher, part, depth - 1, budget)
    elif callable(value):
        hasher.update(getattr(value, "__qualname__", "").encode())
    else:
        _object(hasher, value, depth, budget)
    hasher.update(b")")


def _object(hasher: Any, value: Any, depth: int, budget: list[int]) -> None:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    held = getattr(value, "__dict__", {}) | {name: getattr(value, name) for name in slots if hasattr(value, name)}
    if not held and type(value).__module__ not in ("builtins",) and not getattr(type(value), "__slots__", None):
        if type(value).__flags__ & (1 << 9):  # defined in Python: an object without attributes is always the same
            return
        raise Opaque(f"{type(value).__name__} is not written in Python")
    if not held and type(value).__module__ == "builtins":
        raise Opaque(f"{type(value).__name__} does not tell its state")
    for name, part in held.items():
        hasher.update(name.encode())
        _feed(hasher, part, depth - 1, budget)
