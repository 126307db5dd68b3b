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

from envkit.check.acting.actions import all_actions, drawn, seeded
from envkit.check.acting.copies import faithful
from envkit.check.budget import Budget
from envkit.check.judging import fingerprint
from envkit.check.judging.fingerprint import Opaque, coarse
from envkit.check.judging.graph import Graph, Move
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject
from envkit.core.case import Episode, case_of
from envkit.core.show import show
from envkit.core.trace import Trace, is_number, is_true

STARTS = 12
TRIED, NEW = 150, 0.85  # after so many tries hardly any state has come back: they are too many to be enumerated
SHARED = ("action_space", "observation_space", "metadata", "spec")
MOST_KEPT = 600  # copies that are kept to go on from


@dataclass(frozen=True)
class Search:
    """What was found.

    Args:
      traces: the records; the calls before `begin` of each stand in another one.
      states: how many different states were seen in which actions were tried.
      actions: how many actions were tried in each; 0 where they were only sampled.
      proved: whether these are all states that can be reached and all actions, and each was tried. False where
        chance has a part in a step, for then another outcome may lead elsewhere.
      graph: what each action did in each state, once; None where they were not all tried.
      chance: whether steps were seen to draw from the environment's generator.
      names: the actions of the graph.
    """

    traces: tuple[Trace, ...]
    states: int = 0
    actions: int = 0
    proved: bool = False
    graph: Graph | None = None
    chance: bool = False
    names: tuple[Any, ...] = ()

    def named(self, number: int) -> str:
        """An action of the graph, as the environment takes it."""
        return show(self.names[number])


@dataclass
class Node:
    """An instance in a state, waiting for an action."""

    driver: Driver
    key: bytes
    depth: int
    untried: deque[Any] = field(default_factory=deque)


def run(subject: Subject) -> Search:
    if subject.budget.search_steps < 10 or not faithful(subject):
        return Search(())
    walk = Walk(subject, share=True)
    found = walk.searched()
    return found if fingerprint.unchanged(walk.tables) else Walk(subject, share=False).searched()


class Walk:
    """One search: the frontier, what was seen, and the records.

    Args:
      share: whether the environment's tables are read once, and shared by its copies. Afterwards they should be what
        they were: else some copy has changed what belongs to the others too.
    """

    def __init__(self, subject: Subject, *, share: bool):
        self.subject, self.share = subject, share
        self.left = subject.budget.search_steps
        self.actions = all_actions(subject.action_space)
        self.clocks: set[str] | None = None
        self.records: list[Trace] = []
        self.tables: fingerprint.Tables = {}
        self.drawn = self.chance = False
        self.graph = Graph()

    def searched(self) -> Search:
        return self.everywhere() or self.wherever_new()

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
        whole = not self.chance and self.subject.budget.longest >= Budget.longest
        tried = tuple(self.actions)
        return Search(tuple(self.records), states, len(tried), whole, self.graph, self.drawn, tried)

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
            begin, burst, stays = len(twin.calls), next(bursts), False
            for number, action in enumerate(burst, 1):
                if not twin.playing or self.left <= 0:
                    break
                call = twin.step(action)
                self.left -= 1
                key = self._cell(call.copy[0] if isinstance(call.copy, tuple) and call.copy else call.copy)
                new = key not in met
                met[key] += 1
                if new and twin.playing and len(kept) < MOST_KEPT:
                    stays = number == len(burst)  # nothing more is done with it: it needs no copy
                    fresh = twin if stays else self._copy(Node(twin, key, node.depth))
                    if fresh:
                        kept.append(Node(fresh, key, node.depth + len(twin.calls) - begin))
            self._record(twin, begin, keep=stays)
        for node in kept:
            self._drop(node.driver)
        return Search(tuple(self.records), len(met))

    def _breadth_first(self) -> tuple[int, bool]:
        """(states, whether the frontier ran empty)."""
        queue: deque[Node] = deque()
        seen: dict[bytes, int] = {}  # key -> its number in the graph
        for node in self._starts(range(STARTS)):
            if node.key in seen:
                self._drop(node.driver)
            else:
                self._number(seen, node)
                queue.append(node)
        random_start = len(seen) > STARTS // 2
        states, tried = 0, 0
        while queue:
            node = queue.popleft()
            states += 1
            for number, action in enumerate(self.actions):
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
                self.drawn = self.drawn or before != fingerprint.generator_state(twin.raw)
                self._record(twin, begin, keep=True)
                after = Node(twin, b"", node.depth + 1)
                if twin.playing and _whole(call.copy):
                    after.key = self._key(twin, call.copy[0])
                    if after.key not in seen:
                        self._number(seen, after)
                        queue.append(after)
                self._moved(seen[node.key], number, call.copy, seen.get(after.key))
                if not queue or queue[-1] is not after:
                    self._drop(twin)
            self._drop(node.driver)
        self.chance = self.drawn or random_start
        return states, True

    def _number(self, seen: dict[bytes, int], node: Node) -> None:
        """Gives a state that was not seen before its number."""
        seen[node.key] = len(seen)
        case = case_of(node.driver.calls)
        last = case.last if case else Episode(None)
        self.graph.seen.append((node.driver.calls[-1].copy[0], last.seed or 0, last.actions))

    def _moved(self, state: int, action: int, result: Any, after: int | None) -> None:
        if isinstance(result, tuple) and len(result) == 5 and is_number(result[1]):
            ends = is_true(result[2]), is_true(result[3])
            self.graph.moves.append(Move(state, action, float(result[1]), after, *ends))

    def _starts(self, seeds: range) -> list[Node]:
        nodes = []
        for seed in seeds:
            driver = self.subject.open("search", honest=False)
            call = driver.reset(seed=seed) if driver.ok else driver.calls[-1]
            if driver.playing and isinstance(call.copy, tuple) and len(call.copy) == 2:
                self.tables |= fingerprint.tables(driver.raw) if self.share else {}
                key = self._key(driver, call.copy[0]) if self.clocks is not None else self._cell(call.copy[0])
                nodes.append(Node(driver, key, 0))
        return nodes

    def _copy(self, node: Node) -> Driver | None:
        """A copy in the same state; what never changes is shared, for copying it takes most of the time."""
        env = node.driver.env
        try:
            kept = [getattr(env.unwrapped, name, None) for name in SHARED] + [env.spec, self.subject.ref]
            kept += [table for table, _ in self.tables.values()]
            memo = {id(part): part for part in kept if part is not None}
            return node.driver.adopt(copy.deepcopy(env, memo), "search")
        except Exception:  # noqa: BLE001 - a state that cannot be copied is not gone on from
            return None

    def _record(self, driver: Driver, begin: int, *, keep: bool = False) -> None:
        self.records.append(Trace("search", tuple(driver.calls), begin))
        if not keep:
            self._drop(driver)

    def _drop(self, driver: Driver) -> None:
        """Lets an instance go; what is still open is closed when the chapter is over."""
        driver.env = None  # type: ignore[assignment]

    def _key(self, driver: Driver, observation: Any) -> bytes:
        """What the environment holds, less its clocks, and what it shows."""
        held = fingerprint.attributes(driver.raw, self.tables)
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


PROBE = Probe("search", Search, run)
