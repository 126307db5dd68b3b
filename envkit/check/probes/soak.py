"""Plays the same round of episodes over and over, and makes and closes instances: what stays behind, and what it costs.

What a further round of the same seeds and actions adds is kept for good: caches are full by then, and whatever belongs
to an episode is gone, for each round ends with the same reset. Nothing is recorded but counts and sizes. It all happens
in folders of its own.
"""

import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from envkit.check.acting.actions import BURSTS, RANDOM, script
from envkit.check.acting.lean import Lean, Meter, Planned, make_text
from envkit.check.acting.rounds import Course, Plan, Reading, course, quietly, settled, steady, take_reading
from envkit.check.model import CannotJudge, Probe
from envkit.check.probes.construction import declared
from envkit.check.probes.rendering import metadata
from envkit.check.process import folders, readings
from envkit.check.process.folders import Folders
from envkit.check.subject import Subject
from envkit.core.case import Episode

ROUNDS, LIVES = 6, 6
PACE_STEPS, PACE_SECONDS = 10, 1.0
LIFE_CALLS, FEW_CALLS = 40, 6  # of a life at the most, and where calls cost much
TRACED = 400
SHOWN_ROUNDS, DRAWN = 4, ("rgb_array", "ansi")


@dataclass(frozen=True)
class Soak:
    """What was measured.

    Args:
      make: the call that makes the environment, as Python.
      reason: why the rest is missing.
      pace: (seconds waited, seconds worked) of some first steps; none where another process does the work.
      long, shown: rounds of episodes, without rendering and with it, in this mode.
      lives: after each of several instances was made, played a little, closed and let go.
      fresh: what the calls cost on those instances, which have no history: a row an instance.
      alive: how many of them are still there at the end.
      children: {process id: command} of processes that are still there when everything is closed.
      files: names in the working directory when everything is closed.
      temporary: names in the folder for temporary files, after each instance.
      threads: how many had been left running before all this, though all instances so far were closed.
    """

    make: str
    reason: str = ""
    pace: tuple[tuple[float, float], ...] = ()
    long: Course | None = None
    shown: Course | None = None
    mode: str = ""
    lives: tuple[Reading, ...] = ()
    fresh: Meter | None = None
    alive: int = 0
    children: dict[int, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    temporary: tuple[tuple[str, ...], ...] = ()
    threads: int = 0

    def rounds(self) -> Course:
        """The rounds without rendering; CannotJudge where there are not enough of them."""
        if self.long is None or len(self.long.readings) < 4:
            raise CannotJudge(self.reason or "there was no time for several rounds of the same episodes")
        return self.long

    def per_life(self, what: str) -> int:
        """By how much a reading went up with each instance but the first ones; CannotJudge without several."""
        if len(self.lives) < 3:
            raise CannotJudge(self.reason or "there was no time for several instances")
        return steady([getattr(reading, what) for reading in self.lives[min(1, len(self.lives) - 3) :]])


def run(subject: Subject) -> Soak:
    make = make_text(subject)
    if subject.budget.soak_episodes < 3 or subject.budget.soak_steps < 10:
        return Soak(make, f"{subject.too_long} for many episodes", _pace(subject))
    now = readings.threads()
    threads = min(threading.active_count(), now - subject.before.get("threads", now))
    traced = subject.budget.soak_steps >= TRACED  # it makes code that allocates much five times as slow
    with quietly(traced=traced), folders.private() as own:
        soak, failed = _soaked(subject, own)
    if failed:  # it may have missed a file of its working directory
        with quietly(traced=traced):
            soak, failed = _soaked(subject, None)
    if failed:
        _again(subject, failed)
    return replace(soak, make=make, threads=threads)


def _soaked(subject: Subject, own: Folders | None) -> tuple[Soak, list[Planned]]:
    """What was measured, and the calls of an instance whose last one raised, if any did."""
    before = readings.children()  # of instances that were copied or mistreated, and never closed
    plan = _plan(subject)
    lives, fresh, alive, temporary, served = _lives(subject, plan, own)
    long, failed = course(subject, plan, _rounds(subject))
    mode = next((mode for mode in declared(metadata(subject).get("render_modes")) if mode in DRAWN), "")
    shown = _shown(subject, mode) if mode and not failed and subject.budget.variants > 1 else None
    children = settled(lambda: _children(before))
    files = own.left() if own else ()
    reason = "an exception ended it" if failed else ""
    pace = () if served else _pairs(fresh, plan)
    soak = Soak("", reason, pace, long, shown, mode, lives, fresh, alive, children, files, temporary)
    return soak, failed


def _again(subject: Subject, calls: Sequence[Planned]) -> None:
    """Plays on the record what raised without one."""
    driver = subject.open("played for long")
    for planned in calls:
        if not driver.ok:
            break
        if planned.method == "reset":
            driver.reset(seed=planned.argument)
        elif driver.playing:
            driver.step(planned.argument)
    driver.finish()


def _rounds(subject: Subject) -> int:
    return min(ROUNDS, subject.budget.soak_episodes)


def _plan(subject: Subject) -> Plan:
    """The calls of a round: known episodes to their ends, a long one, and many resets."""
    steps = subject.budget.soak_steps // _rounds(subject)
    resets = subject.budget.soak_episodes // _rounds(subject)
    episodes: list[Episode] = []
    left = steps
    for episode in subject.endings(min(steps * 4 // 5, subject.budget.longest)):
        if len(episode.actions) < left and len(episodes) < resets:
            episodes.append(episode)
            left -= len(episode.actions)
    brief = resets - len(episodes) if episodes else max(1, resets)
    for number in range(brief):
        share = left // 2 if number == 0 and brief > 1 else max(1, left // (2 * brief) if brief > 1 else left)
        name = BURSTS if number % 2 else RANDOM
        actions = script(subject.action_space, name, subject.rng(500 + number), share)
        episodes.append(Episode(500 + number, tuple(actions)))
    calls: list[Planned] = []
    for number, episode in enumerate(episodes):
        following = episodes[(number + 1) % len(episodes)]
        calls += [Planned("step", action) for action in episode.actions]
        calls.append(Planned("reset", following.seed))
    return tuple((planned, planned.text) for planned in calls)


def _lives(
    subject: Subject, plan: Plan, own: Folders | None
) -> tuple[tuple[Reading, ...], Meter, int, tuple[tuple[str, ...], ...], bool]:
    """Instances, one after the other, each let go in the midst of an episode; last whether others work for them."""
    lives = max(3, min(LIVES, subject.budget.soak_episodes // 2))
    most = FEW_CALLS if subject.budget.frugal else LIFE_CALLS
    calls = (plan[-1], *plan[: min(most, len(plan) // 2)])
    meter = Meter(lives, len(calls))
    known: list[weakref.ref[Any]] = []
    found, temporary, served = [], [], False
    sockets, before = readings.sockets(), readings.children()
    for row in range(lives):
        lean = Lean(subject)
        if not lean.ok:
            break
        known.append(weakref.ref(lean.env.unwrapped))
        lean.play(calls, meter, row)
        served = served or readings.sockets() > sockets or bool(_children(before))
        lean.close()
        del lean
        found.append(take_reading())
        temporary.append(own.left_temporary() if own else ())
    if found:
        found[-1] = replace(found[-1], threads=settled(readings.threads, found[min(2, len(found) - 1)].threads))
    alive = sum(each() is not None for each in known)
    distinct = len({id(each()) for each in known if each() is not None})
    return tuple(found), meter, alive if distinct == alive else 0, tuple(temporary), served


def _shown(subject: Subject, mode: str) -> Course | None:
    """Rounds of a few rendered steps."""
    renders = min(subject.budget.renders, subject.budget.soak_episodes)
    if subject.late:
        return None
    calls: list[Planned] = []
    for action in script(subject.action_space, BURSTS, subject.rng(540), renders):
        calls += [Planned("step", action), Planned("render")]
    plan = tuple((planned, planned.text) for planned in (*calls, Planned("reset", 540)))
    found, _ = course(subject, plan, min(SHOWN_ROUNDS, subject.budget.soak_episodes), render_mode=mode)
    return found


def _children(before: dict[int, str]) -> dict[int, str]:
    """The processes that were not there before."""
    return {pid: text for pid, text in readings.children().items() if pid not in before}


def _pairs(fresh: Meter, plan: Plan) -> tuple[tuple[float, float], ...]:
    """(seconds waited, seconds worked) of the steps of the first instances."""
    calls = (plan[-1], *plan)[: fresh.cpu.shape[1]]
    steps = np.array([planned.method == "step" for planned, _ in calls], bool)
    known = steps & ~np.isnan(fresh.cpu)
    return tuple(zip(fresh.waited[known].tolist(), fresh.cpu[known].tolist(), strict=True))


def _pace(subject: Subject) -> tuple[tuple[float, float], ...]:
    """Some steps of an environment that is too slow for more; none where another process does the work."""
    plan = [Planned("reset", 0)]
    plan += [Planned("step", action) for action in script(subject.action_space, RANDOM, subject.rng(550), PACE_STEPS)]
    sockets, before = readings.sockets(), readings.children()
    meter, lean, begun = Meter(1, len(plan)), Lean(subject), time.monotonic()
    for place, planned in enumerate(plan):
        if lean.ok and time.monotonic() - begun < PACE_SECONDS:
            one = Meter(1, 1)
            if lean.over and place:
                lean.play([(plan[0], plan[0].text)], one, 0)
            lean.play([(planned, planned.text)], one, 0)
            meter.cpu[0, place], meter.waited[0, place] = one.cpu[0, 0], one.waited[0, 0]
    served = readings.sockets() > sockets or _children(before)
    lean.close()
    if served:
        return ()
    known = ~np.isnan(meter.cpu[0])
    known[0] = False  # the reset
    return tuple(zip(meter.waited[0, known].tolist(), meter.cpu[0, known].tolist(), strict=True))


PROBE = Probe("soak", Soak, run)
