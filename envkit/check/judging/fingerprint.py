"""When two environments are in the same state, as far as their attributes tell."""

import hashlib
import pickle
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

MOST_DEPTH = 12
CELLS = 8  # to the range of an entry of an observation
MOST_PARTS = 20_000
TABLE = 4000  # bytes from which on a dictionary counts as a table, such as the model of a gridworld
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


Tables = dict[int, tuple[Any, bytes]]  # by id: a dictionary, and what it was


def attributes(env: Any, tables: Tables | None = None) -> dict[str, bytes]:
    """{name: digest} of what the environment holds, without its generator, spaces and settings.

    Args:
      tables: what is taken to be as it was when it was read.

    Raises:
      Opaque: something is held that cannot be read, such as a simulator behind a foreign function.
    """
    held = getattr(env, "__dict__", None)
    if held is None:
        raise Opaque("the environment has no attributes")
    budget, known = [MOST_PARTS], tables or {}
    return {
        name: known[id(value)][1] if id(value) in known else _digest(value, budget)
        for name, value in held.items()
        if name not in IGNORED
    }


def tables(env: Any) -> Tables:
    """The large dictionaries that the environment holds: they hardly ever change, and to read or copy one is slow."""
    held = getattr(env, "__dict__", {}).items()
    large = [value for name, value in held if name not in IGNORED and type(value) is dict]
    read = ((value, _pickled(value)) for value in large)
    return {id(value): (value, said) for value, said in read if len(said) >= TABLE}


def unchanged(found: Tables) -> bool:
    """Whether the tables still are what they were when they were read."""
    return all(_pickled(value) == said for value, said in found.values())


def _pickled(value: Any) -> bytes:
    """The same for the same object, as long as nothing in it changes; empty for what cannot be pickled."""
    try:
        return pickle.dumps(value)
    except Exception:  # noqa: BLE001 - a foreign object may raise anything
        return b""


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


def coarse(space: Any, value: Any) -> Iterator[Any]:
    """What is seen, roughly: bounded entries in eighths of their range, others by sign and size."""
    if isinstance(space, spaces.Dict) and isinstance(value, dict):
        for key, inner in space.spaces.items():
            yield from coarse(inner, value.get(key))
    elif isinstance(space, spaces.Tuple) and isinstance(value, tuple | list):
        for inner, part in zip(space.spaces, value, strict=False):
            yield from coarse(inner, part)
    elif isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.size <= 64:
        numbers = np.nan_to_num(value.astype(np.float64).ravel())
        low = np.broadcast_to(np.asarray(getattr(space, "low", -np.inf), np.float64), value.shape).ravel()
        high = np.broadcast_to(np.asarray(getattr(space, "high", np.inf), np.float64), value.shape).ravel()
        span = high - low
        bounded = np.isfinite(span) & (span > 0) & (span < 1e6)
        rough = np.round(np.sign(numbers) * np.log2(1 + np.abs(numbers)) * 2)
        yield np.where(bounded, np.floor((numbers - low) / np.where(bounded, span, 1) * CELLS), rough).tolist()
    elif isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        yield np.round(value[tuple(slice(None, None, max(1, n // 6)) for n in value.shape)].astype(float) / 32).tolist()
    else:
        yield repr(value)
