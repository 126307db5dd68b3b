"""Three walks over an environment, which write down what they meet.

`exactly` tries every action in every state, breadth first, and stops as soon as chance is seen: when one and the same
visit is gone back to and the same action does something else. What differs between two visits only, and never for one
of them, is not chance: there the observation does not tell the environment's states apart. So states are visited by
several paths, and at last at random, which takes longer ways.

`by_sampling` tries every action in every state many times, each time from one of the visits that are kept. These are a
fair sample of all visits there were, for what an observation hides, such as a card that lies face down, is drawn
once a visit and not once a try.

`by_rolling` plays on and on, where there is no way back, and takes what it has tried least.
"""

import math
import random
from collections import Counter, deque

import numpy as np

from envkit.core.exploring.logbook import DIGITS, Logbook, Result
from envkit.core.exploring.player import Player
from envkit.core.exploring.rewind import Visit, Way
from envkit.core.exploring.wayback import mask_of

LEAST_RESETS, MOST_RESETS, RESETS = 300, 20_000, 16  # in all, in all, for each first state met
TRIES = 3  # of each action from the first visit of a state
PATHS = 3  # by which a state is visited
CERTAIN = 30  # tries from one visit, after which what it does counts as certain
STEPS = (300, 5000)  # of random play at the end of an exact walk, at least and at most
LONGEST = 500  # steps of an episode of random play
KEPT, MOST_KEPT = 32, 50_000  # visits of one state, and of all
ENOUGH = 50  # times as many steps as would do if each tried what is still to be tried


class ChanceSeen(Exception):
    """One and the same visit, one action, and two outcomes."""


class Survey:
    """One walk.

    Args:
      way: back to where it was; None for rolling.
      tries: of each pair of state and action, where chance has a part.
    """

    def __init__(self, player: Player, way: Way | None, logbook: Logbook, *, tries: int, seed: int):
        self.player, self.logbook, self.tries = player, logbook, tries
        self.back = way
        self.random = random.Random(seed)
        self.queue: deque[tuple[int, Visit, int]] = deque()  # state, visit, tries of each action
        self.sources: dict[int, set[tuple[int, int]]] = {}  # state -> the pairs from which it was visited
        self.kept: dict[int, list[Visit]] = {}
        self.arrivals: Counter[int] = Counter()
        self.hidden: dict[tuple[int, int], tuple[Result, Result]] = {}  # what two visits did, each for certain
        self.repeats: Counter[tuple[int, int, Result]] = Counter()  # tries from a visit that had done this before
        self.agreed: Counter[tuple[int, int, Result]] = Counter()  # of them those that did it again

    @property
    def way(self) -> Way:
        if self.back is None:
            raise RuntimeError("there is no way back: roll")
        return self.back

    def exactly(self) -> None:
        """Raises ChanceSeen."""
        self._begin(keep=False)
        self._drain()
        pairs = len(self.logbook.open_pairs())
        end = self.player.steps + min(max(STEPS[0], 2 * pairs), STEPS[1])
        while self.player.steps < end:
            self._wander(end)
            self._drain()

    def by_sampling(self) -> None:
        self._begin(keep=True)
        while self._sweep():
            pass

    def by_rolling(self) -> None:
        """Ends early where some pair hardly ever turns up."""
        tried: Counter[tuple[int, int]] = Counter()
        short: set[tuple[int, int]] = set()  # pairs that need more tries
        met: set[tuple[int, int]] = set()
        resets = 0
        while short or resets < LEAST_RESETS:
            resets += 1
            state, mask = self._started(self.player.reset(self._seed()))
            for _ in range(LONGEST):
                fresh = {(state, action) for action in mask} - met
                met |= fresh
                short |= fresh
                if self.player.steps >= min(ENOUGH * self.tries * len(met), self.player.most_steps - 1):
                    return
                least = min(tried[state, action] for action in mask)
                action = self.random.choice([action for action in mask if tried[state, action] == least])
                tried[state, action] += 1
                if tried[state, action] >= self.tries:
                    short.discard((state, action))
                result, mask = self._noted(state, action, self.player.step(action))
                if not mask:
                    break
                state = result.state

    def likeness(self) -> float:
        """How many standard deviations more alike than chance the outcomes of one visit are: 0 if nothing is hidden."""
        agreed, expected, variance = 0, 0.0, 0.0
        for (state, action, first), times in self.repeats.items():
            row = self.logbook.rows[state, action]
            share = row[first] / row.total()
            agreed += self.agreed[state, action, first]
            expected += times * share
            variance += times * share * (1 - share)
        return (agreed - expected) / math.sqrt(variance) if variance else 0.0

    def _begin(self, *, keep: bool) -> None:
        """Resets until no other first state is to be expected."""
        most = LEAST_RESETS
        resets = 0
        while resets < most:
            resets += 1
            state, mask = self._started(self.way.reset(self._seed()))
            visit_number = self.logbook.starts[state]
            if keep:
                self._keep(state, mask)
            elif visit_number <= PATHS:
                self.queue.append((state, self._here(mask), TRIES if visit_number == 1 else 1))
            if resets == most:
                most = min(max(most, RESETS * len(self.logbook.starts)), MOST_RESETS)

    def _drain(self) -> None:
        while self.queue:
            state, visit, times = self.queue.popleft()
            for action in _numbers(visit):
                for _ in range(times):
                    self._offered(state, visit, action)

    def _offered(self, state: int, visit: Visit, action: int) -> tuple[Result, list[int]]:
        """Tries an action; a state that it leads to is looked at too, unless it was by enough paths."""
        result, mask = self._tried(state, visit, action)
        if mask:
            sources = self.sources.setdefault(result.state, set())
            wanted = len(sources) < PATHS and (not sources or len(self.queue) < MOST_KEPT)
            if wanted and (state, action) not in sources:
                first = not sources and not self.logbook.starts[result.state]
                sources.add((state, action))
                self.queue.append((result.state, self._here(mask), TRIES if first else 1))
        return result, mask

    def _tried(self, state: int, visit: Visit, action: int) -> tuple[Result, list[int]]:
        """Tries an action, and sees whether it does what it did before. Raises ChanceSeen."""
        result, mask = self._noted(state, action, self.way.go(visit, action))
        if visit.seen.setdefault(action, result) != result:
            raise ChanceSeen
        row = self.logbook.rows[state, action]
        if len(row) > 1 and (state, action) not in self.hidden:
            for _ in range(CERTAIN):
                if self._noted(state, action, self.way.go(visit, action))[0] != result:
                    raise ChanceSeen
            other = next(known for known in row if known != result)
            self.hidden[state, action] = (other, result)
        return result, mask

    def _wander(self, end: int) -> None:
        """An episode of random play, in which each step is compared with what is known."""
        state, mask = self._started(self.way.reset(self._seed()))
        visit = self._here(mask)
        if self.logbook.starts[state] == 1:
            self.queue.append((state, visit, TRIES))
        for _ in range(LONGEST):
            result, mask = self._offered(state, visit, self.random.choice(mask))
            if not mask or self.player.steps >= end:
                break
            state, visit = result.state, self._here(mask)

    def _sweep(self) -> int:
        """Tries once more every pair that needs it; returns how many did."""
        tried, state = 0, 0
        while state < len(self.logbook.names):  # more are met on the way
            mask = self.logbook.masks[state]
            for action in np.flatnonzero(mask).tolist() if mask is not None else ():
                if self.logbook.tries(state, action) >= self.tries:
                    continue
                visit = self._kept_with(state, action)
                if visit is None:
                    continue
                tried += 1
                result, after = self._noted(state, action, self.way.go(visit, action))
                first = visit.seen.get(action)
                if first is None:
                    visit.seen[action] = result
                else:
                    self.repeats[state, action, first] += 1
                    self.agreed[state, action, first] += first == result
                if after:
                    self._keep(result.state, after)
            state += 1
        return tried

    def _kept_with(self, state: int, action: int) -> Visit | None:
        """A visit in which the action is available; nearly always that is each."""
        visit = self.random.choice(self.kept[state])
        if action in _numbers(visit):
            return visit
        others = [other for other in self.kept[state] if action in _numbers(other)]
        return self.random.choice(others) if others else None

    def _keep(self, state: int, mask: list[int]) -> None:
        """Keeps this visit, so that those kept are a fair sample of all there were."""
        self.arrivals[state] += 1
        kept = self.kept.setdefault(state, [])
        most = max(2, min(KEPT, MOST_KEPT // len(self.logbook.names)))
        if len(kept) < most:
            kept.append(self._here(mask))
        else:
            place = self.random.randrange(self.arrivals[state])
            if place < len(kept):
                kept[place] = self._here(mask)

    def _here(self, mask: list[int]) -> Visit:
        visit = self.way.here()
        visit.mask = np.zeros(self.logbook.actions, bool)
        visit.mask[mask] = True
        return visit

    def _started(self, answer: tuple[object, object]) -> tuple[int, list[int]]:
        """(state, available actions) after a reset."""
        observation, info = answer
        mask = mask_of(info, self.player.env.action_space, self.logbook.actions)
        state = self.logbook.arrived(observation, mask)
        self.logbook.starts[state] += 1
        return state, np.flatnonzero(mask).tolist()

    def _noted(
        self, state: int, action: int, step: tuple[object, float, bool, bool, object]
    ) -> tuple[Result, list[int]]:
        """What an action did, written down; and the actions that are available now, none if the episode is over."""
        observation, reward, terminated, truncated, info = step
        steps = self.player.driver.steps
        mask = None
        if truncated and not terminated:
            self.logbook.cuts[steps] += 1
        elif not terminated:
            self.logbook.longest = max(self.logbook.longest, steps)
            mask = mask_of(info, self.player.env.action_space, self.logbook.actions)
        after = self.logbook.arrived(observation, mask)
        result = Result(after, float(f"{reward:.{DIGITS}g}"), terminated)
        self.logbook.tell(state, action, result)
        return result, [] if mask is None else np.flatnonzero(mask).tolist()

    def _seed(self) -> int:
        return self.random.randrange(2**31)


def _numbers(visit: Visit) -> list[int]:
    return [] if visit.mask is None else np.flatnonzero(visit.mask).tolist()
