"""Goes where nothing was seen yet: every state and action where they can be enumerated, else wherever it is new.

The environment is copied, and each copy tries one more action or a burst of them; where copies are not faithful, the
way is played again on a fresh instance. States are told apart by what the environment holds, less what only counts
steps; where that cannot be read, by what was observed, in coarse cells.

After Ecoffet et al., "First return, then explore" (2021), with an exhaustive walk in front.
"""

import copy
import itertools
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.check import fingerprint
from envkit.check.actions import drawn, seeded
from envkit.check.fingerprint import Opaque
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject
from envkit.core.compare import first_difference
from envkit.core.trace import Trace, is_true

MOST_ACTIONS = 32  # of a space whose actions are all tried in every state
STARTS = 12
TRIED, NEW = 150, 0.85  # after so many tries hardly any state has come back: they are too many to be enumerated
SHARED = ("action_space", "observation_space", "metadata", "spec")
MOST_KEPT = 600  # copies that are kept to go on from
CELLS = 8  # to the range of an entry of an observation


@dataclass(frozen=True)
class Search:
    """What was found.

    Args:
      traces: the records; the calls before `begin` of each stand in another one.
      states: how many different states were seen in which actions were tried.
      actions: how many actions were tried in each; 0 where they were only sampled.
      proved: whether these are all states that can be reached and all actions, and each was tried. False where
        chance has a part in a step, for then another outcome may lead elsewhere.
    """

    traces: tuple[Trace, ...]
    states: int = 0
    actions: int = 0
    proved: bool = False


@dataclass
class Node:
    """An instance in a state, waiting for an action."""

    driver: Driver
    key: bytes
    depth: int
    untried: deque[Any] = field(default_factory=deque)


def run(subject: Subject) -> Search:
    if subject.budget.search_steps < 10 or not _faithful(subject):
        return Search(())
    walk = Walk(subject)
    return walk.everywhere() or walk.wherever_new()


def _faithful(subject: Subject) -> bool:
    """Whether a copy made in mid-episode plays on as the original does."""
    driver = subject.open("copied", honest=False)
    space = seeded(subject.action_space, subject.rng(300))
    if driver.ok:
        driver.reset(seed=0)
    for _ in range(3):
        if driver.playing:
            driver.step(space.sample())
    try:
        twin = driver.adopt(copy.deepcopy(driver.env), "copy")
    except Exception:  # noqa: BLE001 - it cannot be copied, which another probe reports
        return False
    for _ in range(3):
        if driver.playing:
            action = space.sample()
            one, other = driver.step(action), twin.step(action)
            if first_difference(one.copy, other.copy, "result"):
                return False
    return driver.alive


class Walk:
    """One search: the frontier, what was seen, and the records."""

    def __init__(self, subject: Subject):
        self.subject = subject
        self.left = subject.budget.search_steps
        self.actions = all_actions(subject.action_space)
        self.clocks: set[str] | None = None
        self.records: list[Trace] = []
        self.chance = False

    def everywhere(self) -> Search | None:
        """Tries every action in every state, nearest first; None where they are too many, or cannot be told apart."""
        if not self.actions:
            return None
        budget, self.left = self.left, self.left * 2 // 3
        try:
            self.clocks = self._clocks()
            states, whole = self._breadth_first()
        except Opaque:
            self.left, self.clocks = budget, None  # states are then told apart by what is observed
            return None
        if not whole:
            self.left += budget - budget * 2 // 3
            return None
        return Search(tuple(self.records), states, len(self.actions), not self.chance)

    def wherever_new(self) -> Search:
        """Goes on from the states that were met least, in bursts."""
        rng = self.subject.rng(310)
        bursts = self._bursts(rng)
        kept = self._starts(range(3))
        met: Counter[bytes] = Counter(node.key for node in kept)
        while kept and self.left > 0 and not self.subject.late:
            node = min(kept, key=lambda node: (met[node.key], -node.depth))
            met[node.key] += 1
            twin = self._copy(node)
            if twin is None:
                kept.remove(node)
                continue
            begin = len(twin.calls)
            for action in next(bursts):
                if not twin.playing or self.left <= 0:
                    break
                call = twin.step(action)
                self.left -= 1
                key = self._cell(call.copy[0] if isinstance(call.copy, tuple) and call.copy else call.copy)
                new = key not in met
                met[key] += 1
                if new and twin.playing and len(kept) < MOST_KEPT:
                    fresh = self._copy(Node(twin, key, node.depth))
                    if fresh:
                        kept.append(Node(fresh, key, node.depth + len(twin.calls) - begin))
            self._record(twin, begin)
        for node in kept:
            self._drop(node.driver)
        return Search(tuple(self.records), len(met))

    def _breadth_first(self) -> tuple[int, bool]:
        """(states, whether the frontier ran empty)."""
        queue: deque[Node] = deque()
        seen: set[bytes] = set()
        for node in self._starts(range(STARTS)):
            if node.key in seen:
                self._drop(node.driver)
            else:
                seen.add(node.key)
                queue.append(node)
        random_start = len(seen) > STARTS // 2
        states, tried = 0, 0
        while queue:
            node = queue.popleft()
            states += 1
            for action in self.actions:
                if self.left <= 0 or self.subject.late:
                    return states, False
                twin = self._copy(node)
                if twin is None:
                    raise Opaque("a copy failed on the way")
                self.left -= 1
                tried += 1
                if tried == TRIED and len(seen) > NEW * tried:
                    return states, False
                before = fingerprint.generator_state(twin.raw)
                begin = len(twin.calls)
                call = twin.step(action)
                self.chance = self.chance or before != fingerprint.generator_state(twin.raw)
                self._record(twin, begin, keep=True)
                if twin.playing and _whole(call.copy):
                    key = self._key(twin, call.copy[0])
                    if key not in seen:
                        seen.add(key)
                        queue.append(Node(twin, key, node.depth + 1))
                        continue
                self._drop(twin)
            self._drop(node.driver)
        self.chance = self.chance or random_start
        return states, True

    def _starts(self, seeds: range) -> list[Node]:
        nodes = []
        for seed in seeds:
            driver = self.subject.open("search", honest=False)
            call = driver.reset(seed=seed) if driver.ok else driver.calls[-1]
            if driver.playing and isinstance(call.copy, tuple) and len(call.copy) == 2:
                key = self._key(driver, call.copy[0]) if self.clocks is not None else self._cell(call.copy[0])
                nodes.append(Node(driver, key, 0))
        return nodes

    def _copy(self, node: Node) -> Driver | None:
        """A copy in the same state; what never changes is shared, for copying it takes most of the time."""
        env = node.driver.env
        try:
            kept = [getattr(env.unwrapped, name, None) for name in SHARED] + [env.spec, self.subject.ref]
            memo = {id(part): part for part in kept if part is not None}
            return node.driver.adopt(copy.deepcopy(env, memo), "search")
        except Exception:  # noqa: BLE001 - a state that cannot be copied is not gone on from
            return None

    def _record(self, driver: Driver, begin: int, *, keep: bool = False) -> None:
        self.records.append(Trace("search", tuple(driver.calls), begin))
        if not keep:
            self._drop(driver)

    def _drop(self, driver: Driver) -> None:
        """Lets a copy go. It is not closed: copies may share what closing would take from the others."""
        driver.env = None  # type: ignore[assignment]

    def _key(self, driver: Driver, observation: Any) -> bytes:
        """What the environment holds, less its clocks, and what it shows."""
        held = fingerprint.attributes(driver.raw)
        parts = [name.encode() + held[name] for name in sorted(held) if name not in (self.clocks or ())]
        return b"".join(parts) + fingerprint.digest(observation)

    def _clocks(self) -> set[str]:
        """The attributes that go up by one with every step and are otherwise alike: they only count."""
        courses: list[dict[str, int]] = []
        driver = self.subject.open("clocks", honest=False)
        space = seeded(self.subject.action_space, self.subject.rng(301))
        driver.reset(seed=0)
        for _ in range(8):
            if not driver.playing:
                break
            courses.append(fingerprint.counters(driver.raw))
            driver.step(space.sample())
        if driver.alive and courses:
            courses.append(fingerprint.counters(driver.raw))
        driver.finish()
        names = set.intersection(*(set(course) for course in courses)) if len(courses) > 3 else set()
        return {name for name in names if all(b[name] - a[name] == 1 for a, b in itertools.pairwise(courses))}

    def _cell(self, observation: Any) -> bytes:
        return repr(list(coarse(self.subject.observation_space, observation))).encode()

    def _bursts(self, rng: np.random.Generator) -> Iterator[list[Any]]:
        """Actions as a person would try them, as Hypothesis draws them, and at random, each kind in turn."""
        space = seeded(self.subject.action_space, rng)
        macros = itertools.cycle(drawn(self.subject.action_space, self.subject.seed))
        while True:
            action = space.sample()
            yield [action] * int(rng.integers(1, 10))
            yield next(macros)
            yield [space.sample() for _ in range(6)]


def _whole(result: Any) -> bool:
    return isinstance(result, tuple) and len(result) == 5 and not is_true(result[2]) and not is_true(result[3])


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


PROBE = Probe("search", Search, run)
