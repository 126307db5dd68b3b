"""Plays the same episodes in other processes, with another hash seed and at another time of day.

Usually one comparison settles it: new processes in which everything differs agree with this one. Only where they do
not, more of them tell which difference it was; these are compared with each other, for this process has seen much.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from envkit.check.acting.actions import BURSTS, RANDOM, script, strategies
from envkit.check.acting.echo import Episodes, Script, Turn, as_here
from envkit.check.acting.echoes import OTHER_SEEDS, USUAL_SEED, Echoes, EchoFailed
from envkit.check.acting.untouched import comparable, untouched
from envkit.check.judging.pairs import Parting, parting
from envkit.check.model import CannotJudge, Probe
from envkit.check.probes.twins import SEEDS, episode
from envkit.check.subject import Subject
from envkit.core.case import Episode
from envkit.core.trace import Call

HOUR, DAY = 3600, 24 * 3600
SHIFTS = (  # so that each part differs: half days and shorter spells, weekdays, months, years, odd seconds
    40 * DAY + 12 * HOUR + 23 * 60 + 17,
    100 * DAY + 4 * HOUR + 31 * 60 + 1,
    200 * DAY + 8 * HOUR + 7 * 60 + 33,
    3 * DAY + 16 * HOUR + 47 * 60 + 49,
    369 * DAY + 20 * HOUR + 11 * 60 + 5,
)
SCRIPTS = 4
LEAST = 3  # instances in one process

Rounds = list[Episodes]  # of one instance after the other


@dataclass(frozen=True)
class Processes:
    """What other processes say.

    Args:
      make: the call that makes an instance.
      scripts: (seed, actions) of the episodes that each instance plays, one after the other.
      parted: whether a new process in which everything differs says something else than this one. Only then:
      repeatable: whether two instances in this process agree.
      plain, again: two new processes alike.
      hashed: by hash seed: alike but for that.
      clocked: by turn: alike but for the clock. One turns it once the module is imported, the others before that.
      reason: why nothing can be said.
      clock_reason: why nothing can be said of the clock.
    """

    make: Call
    scripts: tuple[Script, ...] = ()
    parted: bool = False
    repeatable: bool = True
    plain: Rounds = field(default_factory=list)
    again: Rounds = field(default_factory=list)
    hashed: Mapping[int, Rounds] = field(default_factory=dict)
    clocked: Mapping[Turn, Rounds] = field(default_factory=dict)
    reason: str = ""
    clock_reason: str = ""

    def require(self) -> None:
        """Raises CannotJudge where the other processes did not play."""
        if self.reason:
            raise CannotJudge(self.reason)

    def require_repeatable(self) -> None:
        """Raises CannotJudge where a mere repetition already differs: then no difference says anything."""
        self.require()
        if not self.repeatable:
            raise CannotJudge("the same seed and actions do not give the same episode even in one process")
        if self.parted and any(differences(self.plain[:1], self.again[:1])):
            raise CannotJudge("the same seed and actions do not give the same episode in two processes alike")

    @property
    def telling(self) -> int:
        """How many of the instances of a process can be compared with those of another."""
        later = [(number, rounds) for number, rounds in enumerate(self.plain[1:], 1)]
        return next((number for number, rounds in later if any(differences(self.plain[:1], [rounds]))), len(self.plain))


def differences(left: Rounds, right: Rounds, *, infos: bool = False) -> Iterator[tuple[int, int, Parting]]:
    """(instance, script, where they part) for all that part, as far as both go."""
    for instance, (one, other) in enumerate(zip(left, right, strict=False)):
        for number, (calls, others) in enumerate(zip(one, other, strict=False)):
            found = parting(calls, others, infos=infos)
            if found:
                yield instance, number, found


def run(subject: Subject) -> Processes:
    found = Processes(subject.drivers[0].calls[0])  # it is closed: no two processes need a port, a device or a lock
    if not subject.budget.search_steps:
        return replace(found, reason=f"{subject.too_long} to play it in other processes as well")
    if subject.echoes is None or subject.echoes.reason:
        return replace(found, reason=subject.echoes.reason if subject.echoes else "no other process was started")
    scripts = _scripts(subject)
    found = replace(found, scripts=tuple(scripts))
    turns = turned(SHIFTS[:LEAST] if subject.budget.frugal else SHIFTS)
    try:
        return _compared(subject, subject.echoes, found, turns)
    except EchoFailed as error:
        return replace(found, reason=str(error))


def turned(shifts: Sequence[float]) -> list[Turn]:
    """One turn for each of the processes that wait.

    They import the module under different shifts: no single one changes what is asked of it at every hour of the day.
    """
    return [Turn((*shifts[first:], *shifts[:first])) for first in range(len(OTHER_SEEDS))]


def _compared(subject: Subject, echoes: Echoes, found: Processes, turns: list[Turn]) -> Processes:
    scripts = list(found.scripts)
    try:
        others = echoes.first(turns, scripts)
    except EchoFailed:  # it may be the turned clock that breaks something
        return _told_apart(echoes, found, [replace(turns[0], late=True)])
    mine = _undisturbed(subject, scripts) if subject.budget.frugal else _played(subject, scripts)
    if not any(any(differences([mine] * len(rounds), rounds, infos=True)) for rounds in others):
        return found
    repeatable = not any(differences([mine], [_played(subject, scripts)]))
    found = _told_apart(echoes, replace(found, repeatable=repeatable), [replace(turns[0], late=True), *turns])
    if found.clock_reason or _explained(found):
        return found
    return replace(found, reason="new processes agree with each other, but not with this one, which has seen much")


def _told_apart(echoes: Echoes, found: Processes, turns: list[Turn]) -> Processes:
    """New processes, two alike, and others that differ from them in one way each."""
    scripts = list(found.scripts)
    plain, again, *hashed = echoes.more((USUAL_SEED, USUAL_SEED, *OTHER_SEEDS), len(turns[0].shifts), scripts)
    found = replace(found, parted=True, plain=plain, again=again, hashed=dict(zip(OTHER_SEEDS, hashed, strict=True)))
    try:
        return replace(found, clocked=dict(zip(turns, echoes.later(turns, scripts), strict=True)))
    except EchoFailed as error:
        return replace(found, clock_reason=str(error))


def _explained(found: Processes) -> bool:
    """Whether anything that differs between new processes, or between instances in one, makes a difference."""
    others = [found.again, *found.hashed.values(), *found.clocked.values(), [found.plain[0]] * len(found.plain)]
    return any(any(differences(found.plain, other, infos=True)) for other in others)


def _scripts(subject: Subject) -> list[Script]:
    if subject.budget.frugal:
        episode = comparable(subject, SEEDS[0], RANDOM, 60, subject.budget.twin_steps)
        return [(episode.seed or 0, list(episode.actions))]
    names = sorted(strategies(subject.action_space), key=lambda name: {RANDOM: 0, BURSTS: 1}.get(name, 2))
    chosen = islice(names, min(SCRIPTS, subject.budget.twin_scripts))
    steps = subject.budget.twin_steps
    return [
        (SEEDS[number], script(subject.action_space, name, subject.rng(60 + number), steps))
        for number, name in enumerate(chosen)
    ]


def _undisturbed(subject: Subject, scripts: list[Script]) -> Episodes:
    """The same as an episode that was played before, told as another process tells them."""
    [(seed, actions)] = scripts
    clean = untouched(subject, [Episode(seed, tuple(actions))]).clean
    return (tuple(map(as_here, clean.calls[1:])),)


def _played(subject: Subject, scripts: list[Script]) -> Episodes:
    """The episodes on a new instance in this process, told as another process tells them."""
    driver = subject.open("beside other processes")
    episodes = tuple(tuple(map(as_here, episode(driver, seed, actions))) for seed, actions in scripts)
    driver.finish()
    return episodes


PROBE = Probe("twins in other processes", Processes, run)
