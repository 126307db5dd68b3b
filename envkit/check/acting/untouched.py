"""Episodes that nothing disturbs, to compare others with: twice on new instances, and only once for all who ask."""

from collections.abc import Sequence
from functools import cached_property

from envkit.check.acting.actions import BURSTS, script
from envkit.check.subject import Subject
from envkit.core.case import Episode
from envkit.core.compare import same
from envkit.core.trace import Call, Trace


class Untouched:
    """The same episodes, one after the other on one instance: `clean`, and `again` on another one.

    Where these two differ, a comparison with either says nothing.
    """

    def __init__(self, subject: Subject, episodes: Sequence[Episode]):
        self.subject, self.episodes = subject, tuple(episodes)

    @cached_property
    def clean(self) -> Trace:
        return self._played("untouched")

    @cached_property
    def again(self) -> Trace:
        return self._played("untouched once more")

    def _played(self, name: str) -> Trace:
        driver = self.subject.open(name)
        for episode in self.episodes:
            if driver.ok:
                driver.reset(seed=episode.seed)
            for action in episode.actions:
                if driver.playing:
                    driver.step(action)
        return driver.finish()


def untouched(subject: Subject, episodes: Sequence[Episode]) -> Untouched:
    """They are played when they are looked at, and never again."""
    asked = [(episode.seed, episode.actions) for episode in episodes]
    known: list[Untouched] = subject.untouched
    for each in known:
        if same([(episode.seed, episode.actions) for episode in each.episodes], asked):
            return each
    known.append(Untouched(subject, episodes))
    return known[-1]


def comparable(subject: Subject, seed: int, strategy: str, salt: int, steps: int) -> Episode:
    """An episode for a comparison: each probe has its own, but where instances are costly all have the same."""
    if subject.budget.frugal:
        seed, strategy, salt = 0, BURSTS, 0
    actions = script(subject.action_space, strategy, subject.rng(salt), min(steps, subject.budget.twin_steps))
    return Episode(seed, tuple(actions))


def differ(left: Sequence[Call], right: Sequence[Call]) -> bool:
    """Whether two records do, as far as both go."""
    return any(not same(one.copy, other.copy) for one, other in zip(left, right, strict=False))
