"""Renders in every declared mode but `human`: after reset, twice in a row, during and after an episode; and compares
the episode with one that was not rendered."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from envkit.check.acting.actions import BURSTS, RANDOM
from envkit.check.acting.untouched import comparable, untouched
from envkit.check.model import Probe
from envkit.check.probes.construction import declared
from envkit.check.probes.rollouts import Watched
from envkit.check.probes.tampering import leaves, overwrite
from envkit.check.process.watching import watching
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case, Episode
from envkit.core.trace import Call, Trace, call_text

SEED, OTHER_SEED = 9, 77
SPOILED = 4  # steps of the episode that is drawn over before and after those that end; half, where they cost much


@dataclass(frozen=True)
class Shown:
    """One mode, rendered, beside the same episodes without.

    Args:
      rendered: after reset (twice), at some steps, and after the end (twice).
      silent, again: the same seeds and actions with render_mode=None and no renders, twice: where these differ, a
        comparison with a rendered episode says nothing.
      spoiled: a beginning, the episodes that end, and the beginning again, where every frame that is an array was
        overwritten after it was returned.
      shared: the renders of that record whose frame lay in the same memory as the observation before it.
      neighbour: renders of one instance: before and after another one was rendered, and when that one was closed; none
        where this was not tried.
      blind: whether pygame was told that there is no display: some libraries then leave their pictures black.
    """

    rendered: Trace
    silent: Trace
    again: Trace
    spoiled: Trace
    shared: tuple[int, ...] = ()
    neighbour: tuple[Call, ...] = ()
    blind: bool = False


@dataclass(frozen=True)
class Rendering:
    """What was drawn.

    Args:
      shown: mode -> what was drawn, and what went on without drawing.
      seconds: mode -> the same episodes rendered by another instance, after others than the first one played before.
      fps: metadata's render_fps, None where there is none.
      watched: (record, {point: what the process was like}) of the instances of `shown`.
    """

    shown: Mapping[str, Shown]
    seconds: Mapping[str, Trace]
    fps: Any
    watched: tuple[Watched, ...] = field(default=())

    @property
    def modes(self) -> dict[str, Trace]:
        return {mode: shown.rendered for mode, shown in self.shown.items()}


Plays = tuple[Sequence[Episode], Sequence[Episode], Sequence[Episode]]  # first, by a second instance, drawn over
Place = tuple[int | None, int, int]  # seed, what was done since the reset, renders since then


def frames(trace: Trace) -> Iterator[tuple[Place, int]]:
    """Where each frame belongs, and the index of its call; the same place in two records shows the same state."""
    seed, done, renders = None, 0, 0
    for index, call in enumerate(trace.calls):
        if call.method == "reset":
            seed, done, renders = call.arguments.get("seed"), 0, 0
        elif call.method == "step":
            done, renders = hash((done, call_text("step", call.arguments))), 0
        elif call.method == "render" and call.error is None:
            yield (seed, done, renders), index
            renders += 1


def run(subject: Subject) -> Rendering:
    told = metadata(subject)
    modes = [mode for mode in declared(told.get("render_modes")) if mode != "human"]
    steps = subject.budget.twin_steps
    ways = (BURSTS,) if subject.budget.frugal else (BURSTS, RANDOM)
    episodes = [comparable(subject, SEED + n, name, 70 + n, steps) for n, name in enumerate(ways)]
    endings = subject.endings(4 * steps)  # to their ends, for render may move the clock
    begin = replace(episodes[0], actions=episodes[0].actions[: SPOILED // 2 if subject.budget.frugal else SPOILED])
    episodes += endings
    lone = len(episodes) == 1  # then its beginning is what another instance plays before it
    second = [begin, *episodes] if lone else episodes[::-1]
    spoiled = [begin] if lone else [begin, *endings, begin]
    shown, seconds, watched = _shown(subject, modes, (episodes, second, spoiled), subject.budget.renders)
    return Rendering(shown, seconds, told.get("render_fps"), watched)


def replay(subject: Subject, case: Case) -> Rendering:
    mode = case.arguments.get("render_mode")
    modes = [mode] if mode else []
    plays = case.episodes, case.episodes[::-1], case.episodes
    shown, seconds, watched = _shown(subject, modes, plays, max(1, len(case.last.actions)))
    return Rendering(shown, seconds, metadata(subject).get("render_fps"), watched)


def metadata(subject: Subject) -> Mapping[str, Any]:
    """What the environment declares; empty where that is no dictionary."""
    driver = next((driver for driver in subject.drivers if driver.alive and driver.env is not None), None)
    driver = driver or subject.open("looked at", honest=False)
    told = getattr(driver.raw, "metadata", None) if driver.alive else None
    return dict(told) if isinstance(told, dict) else {}


def _shown(
    subject: Subject, modes: list[str], plays: Plays, renders: int
) -> tuple[dict[str, Shown], dict[str, Trace], tuple[Watched, ...]]:
    episodes, second_time, spoiled = plays
    if not modes:
        return {}, {}, ()
    silent = untouched(subject, episodes)
    clean, again = silent.clean, silent.again
    shown, seconds, watched = {}, {}, []
    for mode in modes:
        first = _rendered(subject, f"rendered as {mode}", mode, episodes, renders)
        second = _rendered(subject, f"rendered as {mode} once more", mode, second_time, renders)
        watched += [first, second]
        drawn_over, shared = _drawn_over(subject, mode, spoiled, renders)
        shown[mode] = Shown(
            first[0],
            clean,
            again,
            drawn_over,
            shared,
            _beside_another(subject, mode, episodes[0].seed),
            _blind(),
        )
        seconds[mode] = second[0]
    return shown, seconds, tuple(watched)


def _drawn_over(
    subject: Subject, mode: str, episodes: Sequence[Episode], renders: int
) -> tuple[Trace, tuple[int, ...]]:
    """What was played while every frame was overwritten, and the renders whose frame was the observation's memory."""
    driver = subject.open(f"rendered as {mode} and drawn over", honest=False, render_mode=mode)
    shared = []

    def spoil(call: Call) -> None:
        if _one_memory(driver.calls):
            shared.append(len(driver.calls) - 1)
        overwrite(call.result)

    for episode in episodes:
        play(driver, episode, renders=renders, after=spoil)
    return driver.finish(), tuple(shared)


def _one_memory(calls: Sequence[Call]) -> bool:
    """Whether the last call returned an array that can be written to, and that lies in an observation before it."""
    frame = calls[-1].result
    told = next((call.result for call in reversed(calls) if call.method in ("reset", "step")), None)
    if not isinstance(frame, np.ndarray) or not frame.flags.writeable or not isinstance(told, tuple) or not told:
        return False
    return any(np.may_share_memory(frame, part) and np.shares_memory(frame, part) for _, part in leaves(told[0]))


def _beside_another(subject: Subject, mode: str, seed: int | None) -> tuple[Call, ...]:
    """What one instance draws of a state that does not change, while another one is made, drawn and closed."""
    if subject.budget.frugal:
        return ()
    driver, found = subject.open(f"rendered as {mode} beside another", honest=False, render_mode=mode), []
    if driver.ok:
        driver.reset(seed=seed)
        found.append(driver.render())
    other = subject.open("drawn beside it", honest=False, render_mode=mode)
    if other.ok and driver.ok:
        other.reset(seed=OTHER_SEED)
        other.render()
        found.append(driver.render())
    other.finish()
    if driver.ok:
        found.append(driver.render())
    driver.finish()
    return tuple(found) if len(found) == 3 else ()


def _blind() -> bool:
    return "pygame" in sys.modules and os.environ.get("SDL_VIDEODRIVER") in ("dummy", "offscreen")


def _rendered(subject: Subject, name: str, mode: str, episodes: Sequence[Episode], renders: int) -> Watched:
    with watching() as process:
        process.point("before")
        driver = subject.open(name, render_mode=mode)
        process.point("made")
        for episode in episodes:
            play(driver, episode, renders=renders)
        process.point("stepped")
        trace = driver.finish()
        process.point("closed")
    return trace, process.seen


def play(driver: Driver, episode: Episode, *, renders: int, after: Callable[[Call], None] = lambda _: None) -> None:
    """One episode; renders twice after reset and after the last step, and after each of the first and every tenth."""
    if driver.ok:
        driver.reset(seed=episode.seed)
    for _ in range(2 if renders else 0):
        if driver.ok:
            after(driver.render())
    for number, action in enumerate(episode.actions):
        if not driver.playing:
            break
        driver.step(action)
        if driver.ok and renders and (number < renders or number % 10 == 0):
            after(driver.render())
    for _ in range(2 if renders else 0):
        if driver.ok:
            after(driver.render())


PROBE = Probe("rendering", Rendering, run, replay)
