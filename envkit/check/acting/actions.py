"""Which actions to try: held, boundary and random ones, drawn from a seeded generator, all inside the space.

Sampling alone never finds the boundary of a Box, nor holds one action for a whole episode; faults hide in both.
"""

import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from gymnasium import spaces

Chooser = Callable[[np.random.Generator], Iterator[Any]]
MOST_HELD = 8
MOST_IN_A_ROW, LONGEST_HELD = 6, 12  # actions of a short sequence, and for how many steps each is held
MOST_ACTIONS = 32  # of a space whose actions are all tried in every state
RANDOM, BURSTS = "random actions", "bursts of one action"


def strategies(space: spaces.Space[Any]) -> dict[str, Chooser]:
    """{what it is called: generator -> endless actions}, the most telling ones first."""
    found: dict[str, Chooser] = {RANDOM: lambda rng: _random(space, rng)}
    for name, action in _special(space):
        found[f"{name} held"] = _Held(action)
    found[BURSTS] = lambda rng: _bursts(space, rng)
    return found


@dataclass(frozen=True)
class _Held:
    action: Any

    def __call__(self, rng: np.random.Generator) -> Iterator[Any]:  # noqa: ARG002 - a Chooser's
        while True:
            yield copy.deepcopy(self.action)


def script(space: spaces.Space[Any], strategy: str, rng: np.random.Generator, steps: int) -> list[Any]:
    """The first actions of a strategy, so that they can be played more than once."""
    return list(islice(strategies(space)[strategy](rng), steps))


def seeded(space: spaces.Space[Any], rng: np.random.Generator) -> spaces.Space[Any]:
    """A copy of the space with its own generator: the environment's space object is never drawn from."""
    twin = copy.deepcopy(space)
    twin.seed(int(rng.integers(2**31)))
    return twin


def _random(space: spaces.Space[Any], rng: np.random.Generator) -> Iterator[Any]:
    twin = seeded(space, rng)
    while True:
        yield twin.sample()


def _bursts(space: spaces.Space[Any], rng: np.random.Generator) -> Iterator[Any]:
    twin = seeded(space, rng)
    while True:
        action = twin.sample()
        for _ in range(int(rng.integers(2, 12))):
            yield copy.deepcopy(action)


def _special(space: spaces.Space[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(space, spaces.Discrete):
        few = range(int(space.n)) if space.n <= MOST_HELD else (0, 1, int(space.n) - 2, int(space.n) - 1)
        for offset in few:
            yield f"action {int(space.start) + offset}", space.dtype.type(space.start + offset)
    elif isinstance(space, spaces.Box):
        low, high = _finite(space.low, -1.0), _finite(space.high, 1.0)
        yield "the lower bound", low.astype(space.dtype)
        yield "the upper bound", high.astype(space.dtype)
        middle = np.clip(np.zeros_like(low), low, high) if (low <= 0).all() and (high >= 0).all() else (low + high) / 2
        yield "the middle", middle.astype(space.dtype)
        if 1 < space.low.size <= 4:
            for index in range(space.low.size):
                corner = low.copy().ravel()
                corner[index] = high.ravel()[index]
                yield f"the corner with entry {index} high", corner.reshape(low.shape).astype(space.dtype)
    elif isinstance(space, spaces.MultiDiscrete):
        yield "the lowest action", np.array(space.start, space.dtype)
        yield "the highest action", (space.start + space.nvec - 1).astype(space.dtype)
    elif isinstance(space, spaces.MultiBinary):
        yield "all zeros", np.zeros(space.shape, space.dtype)
        yield "all ones", np.ones(space.shape, space.dtype)


def _finite(bound: Any, fallback: float) -> Any:
    bound = np.asarray(bound)
    if bound.dtype.kind != "f":
        return bound.copy()
    return np.where(np.isfinite(bound), bound, fallback * 10.0)


def all_actions(space: spaces.Space[Any]) -> list[Any]:
    """Every action of a small space; empty for others."""
    if isinstance(space, spaces.Discrete) and space.n <= MOST_ACTIONS:
        return [space.dtype.type(space.start + offset) for offset in range(int(space.n))]
    if isinstance(space, spaces.MultiDiscrete) and space.nvec.ndim == 1 and np.prod(space.nvec) <= MOST_ACTIONS:
        ranges = (range(int(first), int(first + count)) for first, count in zip(space.start, space.nvec, strict=True))
        return [np.array(values, space.dtype) for values in itertools.product(*ranges)]
    if isinstance(space, spaces.MultiBinary) and 2 ** int(np.prod(space.shape)) <= MOST_ACTIONS:
        size = int(np.prod(space.shape))
        return [np.array(bits, space.dtype).reshape(space.shape) for bits in itertools.product((0, 1), repeat=size)]
    return []


def _macro(actions: list[Any], rng: np.random.Generator) -> list[Any]:
    """A few of the actions, each held for some steps."""
    chosen = rng.integers(len(actions), size=rng.integers(1, MOST_IN_A_ROW + 1))
    return [copy.deepcopy(actions[n]) for n in chosen for _ in range(rng.integers(1, LONGEST_HELD + 1))]


def drawn(space: spaces.Space[Any], seed: int, count: int = 40) -> list[list[Any]]:
    """Short sequences of held actions, as Hypothesis draws them: bounds, zeros and repetitions far above chance.

    Where the actions are few, each comes up anyway, and Hypothesis would take longer to load than all of them to play.
    """
    few = all_actions(space)
    if few:
        rng = np.random.default_rng([seed, len(few)])
        return [_macro(few, rng) for _ in range(count)]
    import hypothesis
    from hypothesis import strategies as st

    from envkit.check.strategies import from_space

    found: list[list[Any]] = []
    held = st.lists(st.tuples(from_space(space), st.integers(1, LONGEST_HELD)), min_size=1, max_size=MOST_IN_A_ROW)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count, database=None, deadline=None, phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(held)
    def collect(macros: list[tuple[Any, int]]) -> None:
        found.append([copy.deepcopy(action) for action, times in macros for _ in range(times)])

    collect()
    return found
