"""Renders in every declared mode but `human`: after reset, twice in a row, during and after an episode; and compares
the episode with one that was not rendered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envkit.check.actions import BURSTS, RANDOM, script
from envkit.check.model import Probe
from envkit.check.probes.construction import declared
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case, Episode
from envkit.core.trace import Trace

SEED = 9


@dataclass(frozen=True)
class Shown:
    """One mode, rendered, beside the same episodes without.

    Args:
      rendered: after reset (twice), at some steps, and after the end (twice).
      silent, again: the same seeds and actions with render_mode=None and no renders, twice: where these differ, a
        comparison with a rendered episode says nothing.
    """

    rendered: Trace
    silent: Trace
    again: Trace


@dataclass(frozen=True)
class Rendering:
    """What was drawn.

    Args:
      shown: mode -> what was drawn, and what went on without drawing.
      seconds: mode -> the same episodes rendered by another instance, later.
      fps: metadata's render_fps, None where there is none.
    """

    shown: Mapping[str, Shown]
    seconds: Mapping[str, Trace]
    fps: Any

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
    shown, seconds = _shown(subject, modes, episodes, subject.budget.renders)
    return Rendering(shown, seconds, told.get("render_fps"))


def replay(subject: Subject, case: Case) -> Rendering:
    mode = case.arguments.get("render_mode")
    shown, seconds = _shown(subject, [mode] if mode else [], case.episodes, len(case.last.actions))
    return Rendering(shown, seconds, metadata(subject).get("render_fps"))


def metadata(subject: Subject) -> Mapping[str, Any]:
    """What the environment declares; empty where that is no dictionary."""
    driver = next((driver for driver in subject.drivers if driver.alive), None)
    driver = driver or subject.open("looked at", honest=False)
    told = getattr(driver.raw, "metadata", None) if driver.alive else None
    return dict(told) if isinstance(told, dict) else {}


def _shown(
    subject: Subject, modes: list[str], episodes: Sequence[Episode], renders: int
) -> tuple[dict[str, Shown], dict[str, Trace]]:
    if not modes:
        return {}, {}
    silent, again = subject.open("not rendered"), subject.open("not rendered once more")
    for driver in (silent, again):
        for episode in episodes:
            play(driver, episode, renders=0)
    shown, seconds = {}, {}
    for mode in modes:
        traces = []
        for name in (f"rendered as {mode}", f"rendered as {mode} once more"):
            driver = subject.open(name, render_mode=mode)
            for episode in episodes:
                play(driver, episode, renders=renders)
            traces.append(driver.finish())
        shown[mode], seconds[mode] = Shown(traces[0], silent.trace, again.trace), traces[1]
    return shown, seconds


def play(driver: Driver, episode: Episode, *, renders: int) -> None:
    """One episode; renders twice after reset and after the last step, and after each of the first and every tenth."""
    if driver.ok:
        driver.reset(seed=episode.seed)
    for _ in range(2 if renders else 0):
        if driver.ok:
            driver.render()
    for number, action in enumerate(episode.actions):
        if not driver.playing:
            break
        driver.step(action)
        if driver.ok and renders and (number < renders or number % 10 == 0):
            driver.render()
    for _ in range(2 if renders else 0):
        if driver.ok:
            driver.render()


PROBE = Probe("rendering", Rendering, run, replay)
