"""Renders in every declared mode but `human`: after reset, twice in a row, during and after an episode; and compares
the episode with one that was not rendered."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from envkit.check.actions import BURSTS, RANDOM, script
from envkit.check.model import Probe
from envkit.check.probes.construction import declared
from envkit.check.probes.rollouts import Watched
from envkit.check.probes.tampering import overwrite
from envkit.check.subject import Driver, Subject
from envkit.check.watching import watching
from envkit.core.case import Case, Episode
from envkit.core.trace import Call, Trace

SEED = 9
SPOILED = 4  # steps of the episode whose frames are overwritten


@dataclass(frozen=True)
class Shown:
    """One mode, rendered, beside the same episodes without.

    Args:
      rendered: after reset (twice), at some steps, and after the end (twice).
      silent, again: the same seeds and actions with render_mode=None and no renders, twice: where these differ, a
        comparison with a rendered episode says nothing.
      spoiled: the beginning once more, where every frame that is an array was overwritten after it was returned.
      blind: whether pygame was told that there is no display: some libraries then leave their pictures black.
    """

    rendered: Trace
    silent: Trace
    again: Trace
    spoiled: Trace
    blind: bool = False


@dataclass(frozen=True)
class Rendering:
    """What was drawn.

    Args:
      shown: mode -> what was drawn, and what went on without drawing.
      seconds: mode -> the same episodes rendered by another instance, later.
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


def run(subject: Subject) -> Rendering:
    told = metadata(subject)
    modes = [mode for mode in declared(told.get("render_modes")) if mode != "human"]
    steps = subject.budget.twin_steps
    episodes = [
        Episode(SEED + number, tuple(script(subject.action_space, name, subject.rng(70 + number), steps)))
        for number, name in enumerate((BURSTS, RANDOM)[: subject.budget.twin_scripts])
    ]
    episodes += subject.endings(steps)
    shown, seconds, watched = _shown(subject, modes, episodes, subject.budget.renders)
    return Rendering(shown, seconds, told.get("render_fps"), watched)


def replay(subject: Subject, case: Case) -> Rendering:
    mode = case.arguments.get("render_mode")
    shown, seconds, watched = _shown(subject, [mode] if mode else [], case.episodes, len(case.last.actions))
    return Rendering(shown, seconds, metadata(subject).get("render_fps"), watched)


def metadata(subject: Subject) -> Mapping[str, Any]:
    """What the environment declares; empty where that is no dictionary."""
    driver = next((driver for driver in subject.drivers if driver.alive and driver.env is not None), None)
    driver = driver or subject.open("looked at", honest=False)
    told = getattr(driver.raw, "metadata", None) if driver.alive else None
    return dict(told) if isinstance(told, dict) else {}


def _shown(
    subject: Subject, modes: list[str], episodes: Sequence[Episode], renders: int
) -> tuple[dict[str, Shown], dict[str, Trace], tuple[Watched, ...]]:
    if not modes:
        return {}, {}, ()
    silent, again = subject.open("not rendered"), subject.open("not rendered once more")
    for driver in (silent, again):
        for episode in episodes:
            play(driver, episode, renders=0)
    shown, seconds, watched = {}, {}, []
    for mode in modes:
        pair = [
            _rendered(subject, name, mode, episodes, renders)
            for name in (f"rendered as {mode}", f"rendered as {mode} once more")
        ]
        watched += pair
        spoiled = subject.open(f"rendered as {mode} and drawn over", honest=False, render_mode=mode)
        begin = Episode(episodes[0].seed, episodes[0].actions[:SPOILED])
        play(spoiled, begin, renders=renders, after=lambda call: overwrite(call.result))
        shown[mode] = Shown(pair[0][0], silent.trace, again.trace, spoiled.trace, _blind())
        seconds[mode] = pair[1][0]
        spoiled.finish()
    return shown, seconds, tuple(watched)


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
