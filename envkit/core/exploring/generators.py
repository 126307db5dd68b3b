"""The random generators of an environment: found, renewed, and the global ones left as they were.

A copy of an environment has the state of its original's generators, and so does one that was set back: what is tried
twice from there comes out twice the same. Whoever wants to see chance at work has to renew the generators in between.
Found are NumPy's `Generator` and `RandomState` and `random.Random`, in attributes, lists, tuples and dictionaries,
however deep. What hides in an extension module or draws from the system is not.
"""

import contextlib
import random
from collections.abc import Collection, Iterator
from itertools import islice
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

MOST_PARTS = 5_000  # that are looked at
MOST_ENTRIES = 200  # of one list or dictionary
KINDS = (np.random.Generator, np.random.RandomState, random.Random)
LEAVES = (
    str, bytes, int, float, complex, type(None), type, np.ndarray, np.generic,
    ModuleType, FunctionType, MethodType, BuiltinFunctionType,
)  # fmt: skip


def generators(thing: Any, known: Collection[int] = ()) -> list[Any]:
    """All generators that can be reached from `thing`, each once, always in the same order.

    Args:
      known: the `id` of parts that need not be looked into.
    """
    found: list[Any] = []
    seen = set(known)
    stack = [thing]
    looked = 0
    while stack and looked < MOST_PARTS:
        part = stack.pop()
        if isinstance(part, LEAVES) or id(part) in seen:
            continue
        seen.add(id(part))
        looked += 1
        if isinstance(part, KINDS):
            found.append(part)
        elif isinstance(part, dict):
            stack.extend(islice(part.values(), MOST_ENTRIES))
        elif isinstance(part, list | tuple):
            stack.extend(part[:MOST_ENTRIES])
        else:
            stack.extend(getattr(part, "__dict__", {}).values())
    return found


def renew(found: list[Any], draw: int) -> None:
    """Sets the generators, and the global ones, to a state that follows from the number `draw`."""
    for number, generator in enumerate(found):
        words = np.random.SeedSequence((draw, number + 1))
        if isinstance(generator, np.random.Generator):
            kind: Any = type(generator.bit_generator)
            generator.bit_generator.state = kind(words).state
        else:
            generator.seed(int(words.generate_state(1)[0]))
    _seed_globals(draw)


@contextlib.contextmanager
def globals_kept(seed: int) -> Iterator[None]:
    """Within, the modules `random` and `numpy.random` draw what follows from the seed; then they are as before."""
    before = random.getstate(), np.random.get_state()
    _seed_globals(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])


def _seed_globals(seed: int) -> None:
    word = int(np.random.SeedSequence((seed, 0)).generate_state(1)[0])
    random.seed(word)
    np.random.seed(word)
